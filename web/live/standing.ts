/** How what a panel shows stands with the server. */
import type { Failure } from './ask.ts';
import type { Answer } from './feed.ts';

export type Standing =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | {
      readonly kind: 'ready';
      /** The data are of what was chosen before. */
      readonly isChanging: boolean;
      /** Since the server last said that they are so; undefined before an answer of their own. */
      readonly ageMs: number | undefined;
      readonly isStale: boolean;
    };

/** Three times the slowest polling of what panels show. */
const STALE_AFTER_MS = 90_000;

export function standingOf(
  data: unknown,
  answer: Pick<Answer, 'wanted' | 'of' | 'seenAt' | 'failure'> | undefined,
  clock: number,
): Standing {
  const isOfAnother = answer?.of !== answer?.wanted;
  // Data of another address under a failed one would be taken for its own.
  if (answer?.failure && (data === undefined || isOfAnother)) {
    return { kind: 'failed', failure: answer.failure };
  }
  if (data === undefined) return { kind: 'loading' };
  const ageMs = answer?.seenAt === undefined ? undefined : Math.max(0, clock - answer.seenAt);
  const isOld = ageMs !== undefined && ageMs > STALE_AFTER_MS;
  const isStale = answer?.failure !== undefined || isOld;
  return { kind: 'ready', isChanging: isOfAnother, ageMs, isStale };
}
