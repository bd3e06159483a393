/**
 * When an event that was forwarded may be taken, whatever is still on its way. Pure.
 *
 * 1. A key's events count in the order in which they arrived at their sources, wherever it matters: where two are so far apart that the key is
 *    forgotten between them. Which two are depends on the sources alone.
 * 2. The *frontier* is how far all sources have been forwarded: what is still on its way has arrived there at it, or later.
 * 3. Two events of a key that arrived no further apart than `remember` always meet, so in what order they are merged is no matter. An event that is
 *    further behind the key's last one waits, until nothing can come any more that would have kept the key for it, or let it go.
 * 4. Where the frontier is no further back than `remember`, nothing waits but what comes just as its key is forgotten.
 */
import type { Job } from '../../job/job.ts';
import { needsRepartition } from '../../job/repartition.ts';
import type { StatusJob, StatusRows } from '../../job/statusJob.ts';
import { comparePositions } from '../../model/position.ts';
import {
  type ArrivalTime,
  arrivalTime,
  earlier,
  earliest,
  isAfter,
  justAfter,
  later,
  latest,
  since,
} from '../../model/time.ts';
import { type AheadEvent, aheadBytes, type KeptState } from '../keyed/keyedState.ts';
import { type KeyWaits, NO_WAITS } from '../keyed/keyedStore.ts';
import { NO_TIMES, type TimesOf } from '../keyed/timeQueue.ts';
import { isForgottenAt, liveTimers } from './keptStatus.ts';

/** Where nothing is known of the sources. */
export const NO_FRONTIER = arrivalTime(Number.NEGATIVE_INFINITY);
/** Where nothing is on its way any more. */
export const ALL_ARRIVED = arrivalTime(Number.POSITIVE_INFINITY);

/** A status job that forgets by when events arrived at their sources. */
type Forgetful = StatusJob & { readonly rows: Extract<StatusRows, { of: 'problems' }> };

const isForgetful = (job: StatusJob): job is Forgetful => job.rows.of === 'problems';

/** Whether the job's forwarded events wait for the frontier. */
export const goesByFrontier = (job: Job): job is Forgetful =>
  needsRepartition(job) && isForgetful(job);

/** What the keys of a job's lanes wait for. */
export const awaitedBy = (job: Job): KeyWaits =>
  job.kind === 'status'
    ? { timersOf: (kept) => liveTimers(job, kept), aheadOf: aheadOf(job) }
    : NO_WAITS;

const aheadOf = (job: StatusJob): TimesOf<ArrivalTime> =>
  isForgetful(job) ? (kept) => (kept.ahead ? [nextTakenFrom(job, kept)] : []) : NO_TIMES;

/** How far the frontier has to be for the first that waits with a key. */
export const nextTakenFrom = (job: StatusJob, kept: KeptState): ArrivalTime =>
  isForgetful(job) && kept.ahead?.[0] ? takenFrom(job, kept, kept.ahead[0].arrival) : ALL_ARRIVED;

/** @param arrival of the event, at its source */
export const mayTake = (
  job: StatusJob,
  kept: KeptState | undefined,
  arrival: ArrivalTime,
  frontier: ArrivalTime,
): boolean => !isForgetful(job) || !isAfter(takenFrom(job, kept, arrival), frontier);

/** How far the frontier has to be. */
function takenFrom(job: Forgetful, kept: KeptState | undefined, arrival: ArrivalTime): ArrivalTime {
  const { remember } = job.rows;
  // Nothing that is on its way is further before it.
  const near = earlier(arrival, remember);
  if (kept?.state === undefined || kept.seen === undefined) return near;
  const seen = arrivalTime(kept.seen);
  if (since(seen, arrival) <= remember) return NO_FRONTIER;
  // And nothing that is on its way comes within `remember` of the key's last event.
  const apart = latest(near, justAfter(later(seen, remember)));
  const isOver = (at: ArrivalTime) => isForgottenAt(job, kept, { arrival: at, keeping: at });
  return isOver(arrival) && !isOver(apart) ? arrival : earliest(arrival, apart);
}

/** With one more, in order. */
export function withAhead(ahead: readonly AheadEvent[], added: AheadEvent): readonly AheadEvent[] {
  const at = ahead.findLastIndex((each) => compareAhead(each, added) <= 0) + 1;
  return [...ahead.slice(0, at), added, ...ahead.slice(at)];
}

const compareAhead = (a: AheadEvent, b: AheadEvent): number =>
  a.arrival - b.arrival || comparePositions(a.entry, b.entry);

/** Bytes of what waits with one key: beyond that, its first is taken as if nothing could come before it any more. */
const AHEAD_BYTES_MAX = 32 * 1024;

export const isTooMuch = (ahead: readonly AheadEvent[]): boolean =>
  aheadBytes(ahead) > AHEAD_BYTES_MAX;

/** And with all keys of a lane: beyond that, those go on that have waited for longest. */
export const LANE_AHEAD_BYTES_MAX = 64 * 1024 * 1024;
