/**
 * The first half of a pattern job's batch: which events wait, and how far the watermark comes. Pure; depends on the
 * lane's progress and the entries alone.
 *
 * 1. An event behind the watermark just before it is late. Every other valid one is held, and counts as accepted.
 * 2. The idle jump: where a record arrived `idleAfter` or more after the one before it, the watermark first moves past
 *    every event that is held, so that nothing waits for ever.
 * 3. A redriven event cannot be put in order behind the watermark any more, so it is judged by the present one. It does
 *    not move the clock.
 */
import type { PatternJob } from '../../job/patternJob.ts';
import { type Counts, countsOf } from '../../model/counts.ts';
import {
  type ArrivalTime,
  type Duration,
  type EventTime,
  laterWatermark,
  type Watermark,
} from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';
import { type Admission, entering } from '../intake/admission.ts';
import { judge, type Reader, thrownReason } from '../intake/judge.ts';
import {
  advanceClock,
  bury,
  type LaneClock,
  type LaneProgress,
  type SideEvent,
} from '../intake/progress.ts';
import { type HeldEvent, heldEvent, justPast } from './held.ts';

export interface IntakeRange {
  readonly entries: readonly Entry[];
  readonly from: number;
  readonly to: number;
  /** Events that are taken in at most. What is late, dead or filtered is none of them. */
  readonly eventsMax: number;
  /** The latest event that waits for the watermark already. */
  readonly heldUntil: EventTime | undefined;
  readonly lastArrival: ArrivalTime | undefined;
  readonly idleAfter: Duration;
  admissionOf(entry: Entry): Admission;
}

export interface Intake {
  /** The first entry that is left for the next commit. */
  readonly to: number;
  readonly greatest: EventTime | undefined;
  readonly watermark: Watermark;
  readonly lastArrival: ArrivalTime | undefined;
  readonly hasValid: boolean;
  readonly counts: Counts;
  readonly side: readonly SideEvent[];
  readonly brought: readonly HeldEvent[];
}

interface Taking extends LaneClock {
  accepted: number;
  filtered: number;
  late: number;
  dead: number;
  misplaced: number;
  heldUntil: EventTime | undefined;
  lastArrival: ArrivalTime | undefined;
  readonly side: SideEvent[];
  readonly brought: HeldEvent[];
}

export function takeIn(
  job: PatternJob,
  reader: Reader,
  start: LaneProgress,
  range: IntakeRange,
): Intake {
  const state: Taking = {
    greatest: start.greatest,
    watermark: start.watermark,
    hasValid: false,
    accepted: 0,
    filtered: 0,
    late: 0,
    dead: 0,
    misplaced: 0,
    heldUntil: range.heldUntil,
    lastArrival: range.lastArrival,
    side: [],
    brought: [],
  };
  let to = range.from;
  for (; to < range.to && state.accepted < range.eventsMax; to += 1) {
    const entry = range.entries[to] as Entry;
    noteArrival(state, entry.arrival, range.idleAfter);
    const as = entering(state, entry, range.admissionOf(entry));
    if (as?.kind === 'event') takeEntry(job, reader, state, entry);
    else if (as) takeRedriven(job, reader, state, entry);
  }
  const { greatest, watermark, lastArrival, hasValid, side, brought } = state;
  const taken = { greatest, watermark, lastArrival, hasValid, side, brought };
  return { ...taken, to, counts: countsOf(state) };
}

/** Entries of one record arrived together, so the jump is made before the first of them. */
function noteArrival(state: Taking, arrival: ArrivalTime, idleAfter: Duration): void {
  const { lastArrival, heldUntil } = state;
  if (lastArrival !== undefined && heldUntil !== undefined && arrival - lastArrival >= idleAfter) {
    state.watermark = laterWatermark(state.watermark, justPast(heldUntil));
  }
  if (lastArrival === undefined || arrival > lastArrival) state.lastArrival = arrival;
}

function takeEntry(job: PatternJob, reader: Reader, state: Taking, entry: Entry): void {
  const judged = judge(reader, entry);
  if (judged.kind === 'dead') {
    bury(state, entry, state.watermark, judged.reason);
    return;
  }
  if (judged.kind === 'filtered') state.filtered += 1;
  else if (hold(job, state, entry, judged) === 'dead') return;
  advanceClock(state, judged.at, job.maxOutOfOrderness);
}

function takeRedriven(job: PatternJob, reader: Reader, state: Taking, entry: Entry): void {
  const judged = judge(reader, entry);
  if (judged.kind === 'dead') bury(state, entry, state.watermark, judged.reason);
  else if (judged.kind === 'filtered') state.filtered += 1;
  else hold(job, state, entry, judged);
}

function hold(
  job: PatternJob,
  state: Taking,
  entry: Entry,
  judged: { event: unknown; at: EventTime },
): 'held' | 'late' | 'dead' {
  const { at } = judged;
  if (at < state.watermark) {
    state.late += 1;
    state.side.push({ kind: 'late', entry, watermark: state.watermark, eventTime: at });
    return 'late';
  }
  try {
    state.brought.push(heldEvent(job, entry, judged));
  } catch (error) {
    bury(state, entry, state.watermark, thrownReason(error));
    return 'dead';
  }
  state.accepted += 1;
  if (state.heldUntil === undefined || at > state.heldUntil) state.heldUntil = at;
  return 'held';
}
