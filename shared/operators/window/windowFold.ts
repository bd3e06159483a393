/**
 * The pure heart of ingest for window jobs: folds a run of entries into slice accumulators, late events and
 * dead letters, starting from a lane's progress.
 *
 * 1. The outcome depends on the lane's progress and the entries alone: not on where batches begin or end.
 * 2. Every entry is counted exactly once: accepted, filtered, late or dead.
 * 3. Only valid events move the clock; dead letters and redriven events never do.
 * 4. Lateness is decided by the lane's own watermark just before the event (the one place is `editionFor`).
 */
import type { WindowJob } from '../../job/windowJob.ts';
import { type Counts, countsOf } from '../../model/counts.ts';
import type { StreamName } from '../../model/lane.ts';
import type { EventTime, Watermark } from '../../model/time.ts';
import {
  type Edition,
  editionFor,
  PLAIN_EDITION,
  type Slice,
  sliceOf,
} from '../../model/window.ts';
import type { Entry } from '../../records/entry.ts';
import { type Admission, entering } from '../intake/admission.ts';
import { judge, type Reader, readerOf, thrownReason } from '../intake/judge.ts';
import {
  advanceClock,
  bury,
  type LaneClock,
  type LaneProgress,
  type SideEvent,
} from '../intake/progress.ts';
import type { KeyedStates, Redo } from '../redo.ts';
import { type GateFold, openGate } from './gateFold.ts';

interface SliceDelta {
  readonly slice: Slice;
  readonly edition: Edition;
  events: number;
  readonly accumulator: unknown;
}

export interface Fold {
  readonly greatest: EventTime | undefined;
  readonly watermark: Watermark;
  readonly counts: Counts;
  readonly deltas: readonly SliceDelta[];
  readonly side: readonly SideEvent[];
  /** Whether a valid event of the stream itself was among the entries. */
  readonly hasValid: boolean;
  /** What the gate keeps from now on; absent without a gate. */
  readonly redo?: Redo;
}

export interface EntryRange {
  readonly stream: StreamName;
  readonly entries: readonly Entry[];
  readonly from: number;
  readonly to: number;
  /** Entries that are known to be poison, with the reason. */
  readonly poison?: ReadonlyMap<Entry, string>;
  admissionOf(entry: Entry): Admission;
  /** What the job's gate knew before the range; absent without a gate. */
  readonly gate?: KeyedStates;
}

/** Folds `entries[from..to)`. An event on which the job's own code throws becomes a dead letter. */
export function foldWindow(job: WindowJob, start: LaneProgress, range: EntryRange): Fold {
  const poison = new Map(range.poison);
  for (;;) {
    try {
      return foldOnce(job, start, range, poison);
    } catch (error) {
      // An accumulator may be half changed, so the range is folded anew without what throws.
      if (!(error instanceof AggregateThrew)) throw error;
      poison.set(error.entry, error.message);
      findPoison(job, range, poison);
    }
  }
}

class AggregateThrew extends Error {
  readonly entry: Entry;
  constructor(entry: Entry, cause: unknown) {
    super(thrownReason(cause));
    this.entry = entry;
  }
}

/** Tries every event on a scratch accumulator, so that many poison events cost one more fold, not one each. */
function findPoison(job: WindowJob, range: EntryRange, poison: Map<Entry, string>): void {
  const reader = readerOf(job, range.stream);
  for (let i = range.from; i < range.to; i += 1) {
    const entry = range.entries[i] as Entry;
    const judged = judge(reader, entry);
    if (judged.kind !== 'taken') continue;
    try {
      job.aggregate.add(job.aggregate.init(), judged.event);
    } catch (error) {
      poison.set(entry, thrownReason(error));
    }
  }
}

/** Mutable while folding; one per attempt. */
interface Folding extends LaneClock {
  readonly reader: Reader;
  readonly gate: GateFold | undefined;
  accepted: number;
  filtered: number;
  late: number;
  dead: number;
  misplaced: number;
  readonly plain: Map<Slice, SliceDelta>;
  readonly editions: Map<string, SliceDelta>;
  readonly side: SideEvent[];
}

function foldOnce(
  job: WindowJob,
  start: LaneProgress,
  range: EntryRange,
  poison: ReadonlyMap<Entry, string>,
): Fold {
  const state: Folding = {
    reader: readerOf(job, range.stream),
    gate: job.gate && openGate(job.gate, range.gate),
    greatest: start.greatest,
    watermark: start.watermark,
    accepted: 0,
    filtered: 0,
    late: 0,
    dead: 0,
    misplaced: 0,
    hasValid: false,
    plain: new Map(),
    editions: new Map(),
    side: [],
  };
  for (let i = range.from; i < range.to; i += 1) {
    const entry = range.entries[i] as Entry;
    const as = entering(state, entry, range.admissionOf(entry));
    if (as?.kind === 'event') foldEntry(job, state, entry, poison);
    else if (as) foldRedriven(job, state, entry, as.watermark, poison);
  }
  return {
    greatest: state.greatest,
    watermark: state.watermark,
    counts: countsOf(state),
    deltas: [...state.plain.values(), ...state.editions.values()],
    side: state.side,
    hasValid: state.hasValid,
    ...(state.gate ? { redo: state.gate.redo() } : {}),
  };
}

function foldEntry(
  job: WindowJob,
  state: Folding,
  entry: Entry,
  poison: ReadonlyMap<Entry, string>,
): void {
  const judged = judge(state.reader, entry);
  if (judged.kind === 'dead') {
    bury(state, entry, state.watermark, judged.reason);
    return;
  }
  if (judged.kind === 'filtered') state.filtered += 1;
  else if (place(job, state, { entry, watermark: state.watermark, ...judged }, poison) === 'dead') {
    return;
  }
  advanceClock(state, judged.at, job.maxOutOfOrderness);
}

/** A dead letter put back: judged by the watermark it met first. */
function foldRedriven(
  job: WindowJob,
  state: Folding,
  entry: Entry,
  watermark: Watermark,
  poison: ReadonlyMap<Entry, string>,
): void {
  const judged = judge(state.reader, entry);
  if (judged.kind === 'dead') bury(state, entry, watermark, judged.reason);
  else if (judged.kind === 'filtered') state.filtered += 1;
  else place(job, state, { entry, watermark, ...judged }, poison);
}

interface Placed {
  readonly entry: Entry;
  readonly event: unknown;
  readonly at: EventTime;
  readonly watermark: Watermark;
}

/**
 * Adds the event to the slice that takes it. Lateness comes first: the job's own code never sees a late event,
 * so that what becomes of one does not depend on what else is in its batch.
 */
function place(
  job: WindowJob,
  state: Folding,
  { entry, event, at, watermark }: Placed,
  poison: ReadonlyMap<Entry, string>,
): 'accepted' | 'filtered' | 'late' | 'dead' {
  const verdict = state.gate?.decide(entry, event) ?? 'pass';
  if (verdict === 'filter') {
    state.filtered += 1;
    return 'filtered';
  }
  if (verdict !== 'pass') {
    bury(state, entry, watermark, verdict.reason);
    return 'dead';
  }
  const slice = sliceOf(at, job.assign);
  const edition = editionFor(slice, job.assign, watermark, job.allowedLateness);
  if (edition === 'late') {
    state.late += 1;
    state.side.push({ kind: 'late', entry, watermark, eventTime: at });
    return 'late';
  }
  const poisoned = poison.size > 0 ? poison.get(entry) : undefined;
  if (poisoned !== undefined) {
    bury(state, entry, watermark, poisoned);
    return 'dead';
  }
  const delta = deltaOf(job, state, slice, edition);
  try {
    job.aggregate.add(delta.accumulator, event);
  } catch (error) {
    throw new AggregateThrew(entry, error);
  }
  delta.events += 1;
  state.accepted += 1;
  return 'accepted';
}

function deltaOf(job: WindowJob, state: Folding, slice: Slice, edition: Edition): SliceDelta {
  const existing =
    edition === PLAIN_EDITION ? state.plain.get(slice) : state.editions.get(`${slice}/${edition}`);
  if (existing) return existing;
  const fresh = { slice, edition, events: 0, accumulator: job.aggregate.init() };
  if (edition === PLAIN_EDITION) state.plain.set(slice, fresh);
  else state.editions.set(`${slice}/${edition}`, fresh);
  return fresh;
}
