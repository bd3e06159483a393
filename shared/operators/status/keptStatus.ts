/**
 * What a lane keeps of a status job's key, and for how long. Pure.
 *
 * 1. A row is what `view` makes of the state and of the last timer that has fired. Whether the watermark is past others is no
 *    matter of the row.
 * 2. Whether a record finds a state goes by the lane's clocks at the record and by what its events left: not by what is still in
 *    memory, which timers have fired, or whether a row was put.
 * 3. What the job's code throws is dealt with where a state is merged. Should a later release throw on a state that was fine, the
 *    key's row stays as it is until its next event: a timer counts as fired where it fell due, or the lane would try for ever.
 */
import type { StatusJob, StatusView } from '../../job/statusJob.ts';
import {
  type ArrivalTime,
  type EventTime,
  hasReached,
  isAfter,
  latest,
  minutes,
  NO_WATERMARK,
  since,
  TIME_MAX,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import {
  arrivalStep,
  endOfStep,
  type KeepingClock,
  type KeptState,
  stepOf,
} from '../keyed/keyedState.ts';
import type { IsForgotten } from '../keyed/keyedStore.ts';
import { type Asked, isProblem } from './statusView.ts';

/** The watermark once all time has passed: the last one that is a time. */
export const ALL_PASSED = watermarkAt(TIME_MAX);
/** How long a key that waits for nothing stays in memory, where its row has its state as well. */
const SETTLED_KEPT = minutes(1);

const firedWatermark = ({ fired }: Pick<KeptState, 'fired'>): Watermark =>
  fired === undefined ? NO_WATERMARK : watermarkAt(fired);

const NONE: readonly EventTime[] = [];

/** Those that have not fired. @param asked what the job's code said of the state, where that is known */
export function liveTimers(
  job: StatusJob,
  { state, fired }: KeptState,
  asked?: Asked,
): readonly EventTime[] {
  if (state === undefined) return NONE;
  try {
    const timers = asked?.timers ?? job.timers(state);
    return fired === undefined || timers.length === 0
      ? timers
      : timers.filter((at) => isAfter(at, fired));
  } catch {
    return NONE;
  }
}

/** With all timers fired that the watermark has reached. @param asked as above */
export function firedUpTo(
  job: StatusJob,
  kept: KeptState,
  watermark: Watermark,
  asked?: Asked,
): KeptState {
  let { fired } = kept;
  for (const at of liveTimers(job, kept, asked)) {
    if (hasReached(watermark, at)) fired = latest(at, fired ?? at);
  }
  const now = fired === undefined || fired === kept.fired ? kept : { ...kept, fired };
  return job.rows.of === 'all' ? now : withRow(job, now, asked);
}

/** Whether its row is to be put, where only problems have one: once it was, each change is told. */
function withRow(job: StatusJob, kept: KeptState, asked: Asked | undefined): KeptState {
  return kept.row === undefined && isProblemNow(job, kept, asked) ? { ...kept, row: 'put' } : kept;
}

function isProblemNow(job: StatusJob, kept: KeptState, asked: Asked | undefined): boolean {
  if (asked && kept.fired === undefined) return asked.isProblem;
  const view = viewOf(job, kept);
  return view !== undefined && isProblem(job, view);
}

/** What the key's row says; undefined where the job's code throws. */
export function viewOf(job: StatusJob, kept: KeptState): StatusView | undefined {
  if (kept.state === undefined) return undefined;
  try {
    return job.view(kept.state, firedWatermark(kept));
  } catch {
    return undefined;
  }
}

/** Whether a row follows from a change of the key. */
export const hasRow = ({ rows }: Pick<StatusJob, 'rows'>, kept: KeptState): boolean =>
  rows.of === 'all' || kept.row === 'put';

/** How far a lane is, for what it keeps: neither goes back. */
export interface LaneClocks {
  /** The arrival clock. */
  readonly arrival: ArrivalTime;
  /** The one by which what is settled is forgotten. */
  readonly keeping: KeepingClock;
}

/** How the clocks are noted with a key that is touched: in steps, so that those of many keys are the same. */
export function touchedAt(
  { rows, stateRetention }: StatusJob,
  { arrival, keeping }: LaneClocks,
): Pick<KeptState, 'arrival' | 'seen'> {
  const step = arrivalStep(stateRetention);
  const touched = stepOf(arrival, step);
  if (rows.of === 'all') return { arrival: touched };
  return { arrival: touched, seen: endOfStep(keeping, step) };
}

/** Whether a record does not find what is kept of a key. */
export function isForgottenAt(job: StatusJob, kept: KeptState, clocks: LaneClocks): boolean {
  const { rows, stateRetention } = job;
  const arrival = stepOf(clocks.arrival, arrivalStep(stateRetention));
  if (since(kept.arrival, arrival) > stateRetention) return true;
  if (rows.of === 'all' || kept.seen === undefined) return false;
  return since(kept.seen, clocks.keeping) > rows.remember && !mayBeProblem(job, kept);
}

/** It waits for something, or will be a problem with all time passed. */
function mayBeProblem(job: StatusJob, { state }: KeptState): boolean {
  if (state === undefined) return false;
  try {
    return job.timers(state).length > 0 || isProblem(job, job.view(state, ALL_PASSED));
  } catch {
    return true;
  }
}

/**
 * Whether a key may be left out of memory behind a commit with these clocks. Where its row has the state, that is soon, since the row is
 * put before anything is appended.
 */
export function leftOutAt(job: StatusJob, clocks: LaneClocks): IsForgotten {
  const isOver: IsForgotten =
    job.rows.of === 'all'
      ? (kept) => since(kept.arrival, clocks.arrival) > SETTLED_KEPT
      : (kept) => isForgottenAt(job, kept, clocks);
  return (kept) => kept.ahead === undefined && isOver(kept) && liveTimers(job, kept).length === 0;
}
