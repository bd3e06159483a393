/** The pure half of a status job's batch: which events count, and how far the watermark comes. No event is ever late. */
import type { StatusJob } from '../../job/statusJob.ts';
import { type Counts, countsOf } from '../../model/counts.ts';
import type { EventTime, Watermark } from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';
import { type Admission, type Entering, entering } from '../intake/admission.ts';
import { judge, type Reader, thrownReason } from '../intake/judge.ts';
import { rowKeyOf } from '../intake/keyOf.ts';
import {
  advanceClock,
  bury,
  type LaneClock,
  type LaneProgress,
  type SideEvent,
} from '../intake/progress.ts';

export interface StatusEntry {
  readonly entry: Entry;
  readonly event: unknown;
  /** The lane's watermark just before the event. */
  readonly watermark: Watermark;
}

export interface StatusIntake {
  /** The first entry that is left for the next commit. */
  readonly to: number;
  readonly greatest: EventTime | undefined;
  readonly watermark: Watermark;
  readonly hasValid: boolean;
  readonly counts: Counts;
  readonly side: readonly SideEvent[];
  /** What to merge, by key; the keys in the order of their first event. */
  readonly byKey: ReadonlyMap<string, readonly StatusEntry[]>;
}

export interface StatusRange {
  readonly entries: readonly Entry[];
  readonly from: number;
  readonly to: number;
  /** Events that are taken in at most: each may touch a row. What is dead or filtered costs none. */
  readonly eventsMax: number;
  admissionOf(entry: Entry): Admission;
}

interface Taking extends LaneClock {
  accepted: number;
  filtered: number;
  readonly late: 0;
  dead: number;
  misplaced: number;
  readonly side: SideEvent[];
  readonly byKey: Map<string, StatusEntry[]>;
}

export function takeInStatus(
  job: StatusJob,
  reader: Reader,
  start: LaneProgress,
  range: StatusRange,
): StatusIntake {
  const state: Taking = {
    greatest: start.greatest,
    watermark: start.watermark,
    hasValid: false,
    accepted: 0,
    filtered: 0,
    late: 0,
    dead: 0,
    misplaced: 0,
    side: [],
    byKey: new Map(),
  };
  let to = range.from;
  for (; to < range.to && state.accepted < range.eventsMax; to += 1) {
    const entry = range.entries[to] as Entry;
    const as = entering(state, entry, range.admissionOf(entry));
    if (as) takeEntry(job, reader, state, entry, as);
  }
  const { greatest, watermark, hasValid, side, byKey } = state;
  return { greatest, watermark, hasValid, side, byKey, to, counts: countsOf(state) };
}

/** A redriven event counts like any other, but does not move the clock. */
function takeEntry(
  job: StatusJob,
  reader: Reader,
  state: Taking,
  entry: Entry,
  as: Entering,
): void {
  const judged = judge(reader, entry);
  if (judged.kind === 'dead') {
    bury(state, entry, state.watermark, judged.reason);
    return;
  }
  if (judged.kind === 'filtered') state.filtered += 1;
  else if (note(job, state, entry, judged.event) === 'dead') return;
  if (as.kind === 'event') advanceClock(state, judged.at, job.maxOutOfOrderness);
}

function note(job: StatusJob, state: Taking, entry: Entry, event: unknown): 'noted' | 'dead' {
  let key: string;
  try {
    key = rowKeyOf(job, event);
  } catch (error) {
    bury(state, entry, state.watermark, thrownReason(error));
    return 'dead';
  }
  state.accepted += 1;
  const noted = { entry, event, watermark: state.watermark };
  const events = state.byKey.get(key);
  if (events) events.push(noted);
  else state.byKey.set(key, [noted]);
  return 'noted';
}
