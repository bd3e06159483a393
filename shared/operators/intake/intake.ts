/**
 * The loop over a batch's entries, for every kind of job: what is no event of the job, what is late, how far the clock of the
 * lane comes, and which events are taken in. What a kind makes of an event is its only parameter. Pure.
 *
 * 1. The outcome depends on the lane's progress and the entries alone: not on where batches begin or end.
 * 2. Every entry is counted exactly once: accepted, filtered, late or dead; or repeated, where it is a copy of an event that the lane has
 *    taken. A copy moves nothing.
 * 3. Only valid events of the stream itself move the clock: dead letters and redriven events never do.
 * 4. An event is judged by the watermark of its own lane just before it.
 *
 * Owns neither what an entry is (`judge.ts`), nor when an event is late (`lateness.ts`).
 */
import type { JobSpec } from '../../job/spec.ts';
import { type Counts, countsOf } from '../../model/counts.ts';
import type { StreamName } from '../../model/lane.ts';
import { type ArrivalTime, type EventTime, latest, type Watermark } from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';
import { Copies, type ProducerStart } from './copies.ts';
import { type Judged, judge, type Reader, readerOf } from './judge.ts';
import type { ProducerMemory } from './producerMemory.ts';
import {
  advanceClock,
  deadLetter,
  type LaneClock,
  type LaneProgress,
  type SideEvent,
} from './progress.ts';

/** How an entry comes into its lane where it does, before its content is looked at. */
type Entering =
  /** An event of the stream itself. */
  | { readonly kind: 'event' }
  /** From a dead letter of the job that came back, which met this watermark when it first came. */
  | { readonly kind: 'redriven'; readonly watermark: Watermark };

/** Decided by the runtime, since it takes reading; what does not enter moves no clock. */
export type Admission =
  | Entering
  /** Not for this job, a further copy, or the rest of an envelope that is refused: counted as filtered. */
  | { readonly kind: 'skipped' }
  /** On a shard that its record was not for, and its producer puts it again where it belongs: counted as filtered, and so that it can be seen. */
  | { readonly kind: 'misplaced' }
  /** A redrive envelope without the dead letter that it claims to be: itself a dead letter. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Its key is decided on by another shard: a dead letter; of one that came back, with the watermark that it met first. */
  | { readonly kind: 'elsewhere'; readonly watermark?: Watermark };

/** `entries[from..to)`, or fewer of them. */
export interface EntryRange {
  readonly stream: StreamName;
  readonly entries: readonly Entry[];
  readonly from: number;
  readonly to: number;
  /** Events that are accepted at most; without it there is no limit. What is late, dead or filtered costs nothing. */
  readonly eventsMax?: number;
  admissionOf(entry: Entry): Admission;
  /** What the lane remembers of named producers; absent where none of the entries is from one. */
  readonly producers?: ProducerStart;
}

/** An event that the job's filter lets through. */
type TakenEvent = Extract<Judged, { readonly event: unknown }>;

/** What a kind of job makes of an event. */
export interface Operator<Destination> {
  /**
   * The watermark that judges an event whose dead letter came back: that which met it when it first came, or the lane's own
   * where what has come since is in order already.
   */
  readonly redrivenBy: 'firstWatermark' | 'ownWatermark';
  /** A record has arrived: how far that alone moves the watermark. */
  arrived?(arrival: ArrivalTime, watermark: Watermark): Watermark;
  /**
   * On a stream that says itself how far time is: what the lane's watermark is behind an entry that does, which is no event; undefined for any
   * other entry. It is asked of copies, too. Events move no clock there.
   */
  progress?(entry: Entry): Watermark | undefined;
  /** Whether a commit can take no more; where it is cut makes no difference to what becomes of an event. */
  isFull?(): boolean;
  /** Decides on an event from what came before it, also on one that is late. */
  screen?(entry: Entry, event: unknown): 'pass' | 'filter' | Dead;
  /** Where the event goes, by the rules of `lateness.ts`. */
  destinationOf(at: EventTime, watermark: Watermark): Destination | 'late';
  /** Takes the event in; undefined where that worked. */
  take(
    entry: Entry,
    taken: TakenEvent,
    destination: Destination,
    watermark: Watermark,
  ): Dead | undefined;
}

/** Why an event cannot be taken. */
export interface Dead {
  readonly reason: string;
}

/** What an intake says of its lane, whatever the kind of job. */
export interface Intake extends Omit<LaneProgress, 'totals'> {
  /** The first entry that is left for the next commit. */
  readonly to: number;
  readonly counts: Counts;
  readonly side: readonly SideEvent[];
  /** Whether a valid event of the stream itself was among the entries. */
  readonly hasValid: boolean;
  /** What is remembered of named producers from now on; absent where nothing of it was asked. */
  readonly memory?: ProducerMemory;
}

/** Mutable while entries are taken in. */
interface Taking extends LaneClock {
  accepted: number;
  filtered: number;
  late: number;
  dead: number;
  misplaced: number;
  readonly side: SideEvent[];
}

export function takeEntries<Destination>(
  job: JobSpec<unknown>,
  operator: Operator<Destination>,
  { greatest, watermark }: LaneProgress,
  range: EntryRange,
): Intake {
  const { stream, entries, from, to, eventsMax = Number.POSITIVE_INFINITY, admissionOf } = range;
  const counts = { accepted: 0, filtered: 0, late: 0, dead: 0, misplaced: 0 };
  const state: Taking = { greatest, watermark, hasValid: false, ...counts, side: [] };
  const reader = readerOf(job, stream);
  const copies = new Copies(range.producers, reader.source);
  let at = from;
  for (; at < to && state.accepted < eventsMax && !operator.isFull?.(); at += 1) {
    const entry = entries[at] as Entry;
    const admission = admissionOf(entry);
    const isProgress = noteProgress(operator, state, entry, admission);
    if (admission.kind !== 'misplaced' && copies.isCopy(entry, isProgress)) continue;
    if (operator.arrived) state.watermark = operator.arrived(entry.arrival, state.watermark);
    if (!isProgress) takeAdmitted(job, operator, reader, state, { entry, admission });
  }
  return {
    to: at,
    greatest: state.greatest,
    watermark: state.watermark,
    hasValid: state.hasValid,
    counts: countsOf({ ...state, ...copies.counts }),
    side: state.side,
    ...copies.finish(),
  };
}

/** Whether the entry says how far time is, and no more. What is said behind misplaced events is not so here. */
function noteProgress(
  { progress }: Pick<Operator<unknown>, 'progress'>,
  clock: LaneClock,
  entry: Entry,
  admission: Admission,
): boolean {
  const reached = admission.kind === 'misplaced' ? undefined : progress?.(entry);
  if (reached === undefined) return false;
  clock.watermark = latest(clock.watermark, reached);
  return true;
}

interface Admitted {
  readonly entry: Entry;
  readonly admission: Admission;
}

function takeAdmitted<Destination>(
  { maxOutOfOrderness }: Pick<JobSpec<unknown>, 'maxOutOfOrderness'>,
  operator: Operator<Destination>,
  reader: Reader,
  state: Taking,
  { entry, admission }: Admitted,
): void {
  const as = entering(state, entry, admission, operator);
  if (!as) return;
  const judgedBy = watermarkFor(as, operator, state);
  const judged = takeEntry(operator, reader, state, entry, judgedBy);
  if (!judged || as.kind !== 'event') return;
  if (operator.progress) state.hasValid = true;
  else advanceClock(state, judged.at, maxOutOfOrderness);
}

const ELSEWHERE = 'its key belongs to another shard of the stream: redrive it';

/** Undefined where the entry does not enter; then it is counted. Garbage that does not enter is no dead letter. */
function entering(
  state: Taking,
  entry: Entry,
  admission: Admission,
  operator: Pick<Operator<unknown>, 'redrivenBy'>,
): Entering | undefined {
  switch (admission.kind) {
    case 'event':
    case 'redriven':
      return admission;
    case 'refused': {
      const raw = entry.redriven?.envelope ?? entry.raw;
      deadLetter(state, { ...entry, raw }, state.watermark, admission.reason);
      return undefined;
    }
    case 'elsewhere': {
      const { watermark = state.watermark } = admission;
      deadLetter(state, entry, redrivenWatermark({ watermark }, operator, state), ELSEWHERE);
      return undefined;
    }
    case 'misplaced':
      state.misplaced += 1;
      state.filtered += 1;
      return undefined;
    case 'skipped':
      state.filtered += 1;
      return undefined;
  }
}

const watermarkFor = (
  as: Entering,
  operator: Pick<Operator<unknown>, 'redrivenBy'>,
  clock: LaneClock,
): Watermark => (as.kind === 'redriven' ? redrivenWatermark(as, operator, clock) : clock.watermark);

const redrivenWatermark = (
  first: { readonly watermark: Watermark },
  { redrivenBy }: Pick<Operator<unknown>, 'redrivenBy'>,
  own: LaneClock,
): Watermark => (redrivenBy === 'firstWatermark' ? first : own).watermark;

/** Gives a valid event, whether it is of interest or not; undefined for a dead letter. */
function takeEntry<Destination>(
  operator: Operator<Destination>,
  reader: Reader,
  state: Taking,
  entry: Entry,
  watermark: Watermark,
): TakenEvent | undefined {
  const judged = judge(reader, entry);
  if (judged.kind === 'dead') {
    deadLetter(state, entry, watermark, judged.reason);
    return undefined;
  }
  const outcome =
    judged.kind === 'filtered' ? 'filter' : outcomeOf(operator, entry, judged, watermark);
  switch (outcome) {
    case 'accepted':
      state.accepted += 1;
      return judged;
    case 'filter':
      state.filtered += 1;
      return judged;
    case 'late':
      state.late += 1;
      state.side.push({ kind: 'late', entry, watermark, eventTime: judged.at });
      return judged;
    default:
      deadLetter(state, entry, watermark, outcome.reason);
      return undefined;
  }
}

/** Lateness comes before the event is taken: what becomes of a late one does not depend on what else is in its batch. */
function outcomeOf<Destination>(
  operator: Operator<Destination>,
  entry: Entry,
  judged: TakenEvent,
  watermark: Watermark,
): 'accepted' | 'filter' | 'late' | Dead {
  const verdict = operator.screen?.(entry, judged.event) ?? 'pass';
  if (verdict !== 'pass') return verdict;
  const destination = operator.destinationOf(judged.at, watermark);
  if (destination === 'late') return 'late';
  return operator.take(entry, judged, destination as Destination, watermark) ?? 'accepted';
}
