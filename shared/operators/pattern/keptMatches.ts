/** What follows from the partial matches that a lane keeps: when they time out, and when nothing can come of them. */
import type { PatternJob } from '../../job/patternJob.ts';
import {
  type ArrivalTime,
  earlier,
  earliest,
  eventTime,
  hasReached,
  hours,
  later,
  since,
  watermarkAt,
} from '../../model/time.ts';
import type { Changes, KeptState, KeyedStates } from '../keyed/keyedState.ts';
import type { Entry, IsForgotten } from '../keyed/keyedStore.ts';
import type { HeldTimer, LettingGo } from './held.ts';
import { type PatternState, partialMatches } from './state.ts';

/** The time-outs of these keys' partial matches, where a job tells of them. */
export function timersOf(
  { match: { within }, timedOut }: PatternJob,
  entries: readonly Entry[],
): HeldTimer[] {
  if (!timedOut || within === undefined) return [];
  return entries.flatMap(([key, { state, partitionKey }]) =>
    beginningsOf(state).map((at) => ({
      kind: 'timer' as const,
      at: later(eventTime(at), within),
      key,
      partitionKey,
    })),
  );
}

interface Come extends LettingGo {
  /** No event that waits, or is still to come, arrived earlier; but for what arrivals may go back by. */
  readonly arrivedFrom: ArrivalTime;
}

/** Kinesis tells when a record arrived approximately. */
const ARRIVALS_BACK = hours(1);

/**
 * Whether nothing can come of what is kept of a key any more: all that is still let go comes too late for its partial matches, or
 * arrived too long after them. Where a job tells of time-outs, those take the matches away.
 */
export function forgottenBy(job: PatternJob, { arrivedFrom, ...lettingGo }: Come): IsForgotten {
  if (job.timedOut) return () => false;
  const from = earlier(arrivedFrom, ARRIVALS_BACK);
  const isOver = overBy(job, lettingGo);
  return (kept) => since(kept.arrival, from) > job.stateRetention || isOver(kept);
}

/** What changes once the watermark is as far as the commit says: of a key of which nothing can come, nothing is kept. */
export function withoutOver(
  job: PatternJob,
  changes: Changes,
  before: KeyedStates,
  lettingGo: LettingGo,
): Changes {
  const isOver = overBy(job, lettingGo);
  const left = new Map<string, KeptState>();
  for (const [key, kept] of changes) {
    if (!isOver(kept)) left.set(key, kept);
    else if (before.get(key)) left.set(key, withoutState(kept));
  }
  return left;
}

const withoutState = ({ state: _state, ...kept }: KeptState): KeptState => kept;

/** Whether the watermark has passed the time that the latest partial match has, and none is told of when it times out. */
function overBy(
  { match: { within }, timedOut }: PatternJob,
  { watermark, letGo }: LettingGo,
): IsForgotten {
  if (timedOut || within === undefined) return () => false;
  // What is still to be let go has the time of the place where letting go stopped, or a later one.
  const reached = letGo ? earliest(watermark, watermarkAt(letGo.at)) : watermark;
  return ({ state }) => {
    const last = beginningsOf(state).at(-1);
    return last !== undefined && hasReached(reached, later(eventTime(last), within));
  };
}

/** When each partial match began, the latest last. */
const beginningsOf = (state: unknown): number[] =>
  partialMatches(state as PatternState | undefined).flatMap(([first]) => (first ? [first[0]] : []));
