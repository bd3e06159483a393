/**
 * Claims on a key: things of which there should be one, such as the transaction that paid an order. Each is kept with
 * the earliest time it was seen. Merging is commutative and idempotent, and so is the bound: a claim that is pushed
 * out has as many earlier ones before it, and those only ever get earlier.
 */
import { compareIds } from '../model/ids.ts';
import { type EventTime, eventTime } from '../model/time.ts';

/** `[id, earliest time in ms]`, sorted by time, then id. */
export type StoredClaims = readonly (readonly [id: string, at: number])[];

/** So many are kept: enough to see what is wrong, and a row that cannot grow for ever. */
const CLAIMS_MAX = 50;

export function mergeClaim(claims: StoredClaims, id: string, at: EventTime): StoredClaims {
  if (claims.length === 0) return [[id, at]];
  const known = claims.find(([each]) => each === id);
  if (known && known[1] <= at) return claims;
  const others = known ? claims.filter((each) => each !== known) : claims;
  return [...others, [id, at] as const]
    .sort((a, b) => a[1] - b[1] || compareIds(a[0], b[0]))
    .slice(0, CLAIMS_MAX);
}

/** The claim that counts, and the one after it. */
export const earliestClaims = (claims: StoredClaims) => ({
  first: claims[0] && shownClaim(claims[0]),
  second: claims[1] && shownClaim(claims[1]),
});

/** All of them, in order. */
export const allClaims = (claims: StoredClaims) => claims.map(shownClaim);

const shownClaim = ([id, at]: StoredClaims[number]) => ({ id, at: eventTime(at) });
