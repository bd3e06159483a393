/** One write of a batch that goes wrong, for tests that cut at each of them. */
import { RetryableError, UnknownOutcomeError } from '../../shared/errors.ts';
import type { Call } from './interceptedTable.ts';

/** What a write of state is. */
export const stateWrite = ({
  operation,
  partitions: [partition = ''],
}: Call): string | undefined => {
  if (!['put', 'batchPut', 'update', 'batchRemove'].includes(operation)) return undefined;
  return ['#timers#', '#log#', '#chunk#'].find((part) => partition.includes(part)) ?? 'lane';
};

/** Something goes wrong once: before or after so many writes, or the reply to one is lost. */
export function faultAt(write: number, how: 'before' | 'after' | 'lost') {
  const counts = { before: 0, after: 0 };
  const fatal = how === 'before' ? 'before' : 'after';
  let isMet = false;
  return {
    isMet: () => isMet,
    meet(moment: 'before' | 'after', what: string | undefined): void {
      if (what === undefined || isMet) return;
      counts[moment] += 1;
      if (moment !== fatal || counts[moment] !== write) return;
      isMet = true;
      throw how === 'lost' ? new UnknownOutcomeError('no reply') : new RetryableError('died');
    },
  };
}
