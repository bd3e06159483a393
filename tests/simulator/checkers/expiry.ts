/** Nothing expires before it was closed, and what is final, closed or expired stays so. */
import { ofWindows } from './byKind.ts';

export const expiry = ofWindows(({ closings }) => {
  for (const [i, { watermark, expiredBefore, finalUpTo }] of closings.entries()) {
    if (expiredBefore > watermark) {
      return `windows up to ${expiredBefore} expired, closed are those up to ${watermark}`;
    }
    const before = closings[i - 1];
    if (!before) continue;
    if (expiredBefore < before.expiredBefore || finalUpTo < before.finalUpTo) {
      return `went back: expired from ${before.expiredBefore} to ${expiredBefore}, final from ${before.finalUpTo} to ${finalUpTo}`;
    }
  }
  return undefined;
});
