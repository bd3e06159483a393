/**
 * What a lane remembers of named producers, so that no event counts twice: for each name, and each range of hash keys that its records were
 * planned for, which places of the producer's source the lane, or one that it came from, has taken. Pure.
 *
 * 1. A mark says that *every* event of its producer that is in its range and in its stretches of the source was taken. A record says
 *    so of the stretch from the last event of the record before it, which was stored before, up to its own last event.
 * 2. Nothing is taken for granted of the order of a shard: Kinesis orders puts that follow each other only by and large. A record that
 *    overtook another one leaves a gap, which the other one fills. A gap that nothing has filled for a minute or two is taken for empty.
 * 3. An event is a copy where a mark whose range holds its hash key has taken its place. Only where marks of parts of the planned
 *    range disagree about that, as after a merge, is its own hash key needed.
 * 4. Whatever becomes of an event, it is taken: a copy of a late or a dead one is a copy as well.
 * 5. A name is forgotten once no record of it has arrived for `nameLife`, by the arrival clock of the lane's named records. At the bound, a new
 *    name is not remembered: its events count, and so do copies of them. Both follow from the shard's contents alone.
 */
import { hash } from 'node:crypto';
import { type HashRange, isWithin } from '../../model/hashRange.ts';
import type { Offset } from '../../model/offset.ts';
import {
  type ArrivalTime,
  type Duration,
  isAfter,
  latest,
  minutes,
  since,
} from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';
import type { ProducerName, ProducerPlace, Stamp } from '../../records/stamp.ts';
import { stepOf } from '../keyed/keyedState.ts';

/** Names of one lane that are remembered; a merged lane begins with those of both its parents. */
export const NAMES_MAX = 10_000;
/** Ranges of one name: more than a few are left by many reshardings within the producer's backlog only. */
const RANGES_MAX = 16;
/** Stretches of one mark; of more, the gap before the second is taken for empty. */
const STRETCHES_MAX = 8;
/** Arrivals of names are counted in such steps, rounded down. */
export const ARRIVAL_STEP: Duration = minutes(1);

/** In a producer's source: an offset, and how many entries with it came before; only a line of several events has more than one. */
export interface Place {
  readonly offset: Offset;
  readonly ordinal: number;
}

/** From behind a place up to another one. */
export interface Stretch {
  readonly after: Place;
  readonly to: Place;
  /** Whether the lane's clock has moved since it began. */
  readonly isOld: boolean;
}

/** What was taken of one range. */
export interface Mark {
  readonly range: HashRange;
  /** Everything up to here. */
  readonly upTo?: Place;
  /** And behind that, in order. */
  readonly stretches: readonly Stretch[];
}

export interface Remembered {
  /** When its last record arrived, in steps. */
  readonly arrival: ArrivalTime;
  readonly marks: readonly Mark[];
}

/** A name as it is remembered: the first 64 bits of its SHA-256, in hexadecimal. */
export type NameHash = string;

const NAME_HASH_DIGITS = 16;
export const nameHashOf = (name: ProducerName): NameHash =>
  hash('sha256', name, 'hex').slice(0, NAME_HASH_DIGITS);

type Names = ReadonlyMap<NameHash, Remembered>;

/** As it stands behind a commit. What changed since a page was stored is apart from what the page holds. */
export interface ProducerMemory {
  /** The greatest arrival of the lane's named records, in steps; undefined before the first. */
  readonly clock: ArrivalTime | undefined;
  readonly page: Names;
  /** The names that changed since, each with all that is remembered of it. */
  readonly recent: Names;
}

export const NO_MEMORY: ProducerMemory = { clock: undefined, page: new Map(), recent: new Map() };

/** How an event stands to what is remembered. */
export type Standing = 'new' | 'repeated' | 'unremembered';

/** What a run of entries does to a memory. */
export class MemoryDraft {
  readonly #before: ProducerMemory;
  readonly #nameLife: Duration;
  readonly #changed = new Map<NameHash, NameDraft>();
  #clock: ArrivalTime | undefined;
  /** Of the record that is being taken in. */
  #cursor: Cursor | undefined;
  /** Names that are not forgotten, counted when it first matters and whenever the clock moved since. */
  #live: { count: number; readonly at: ArrivalTime | undefined } | undefined;

  constructor(before: ProducerMemory, nameLife: Duration) {
    this.#before = before;
    this.#nameLife = nameLife;
    this.#clock = before.clock;
  }

  /** @param hashKey of the event itself; asked for only where it decides */
  take(
    { index, arrival }: Pick<Entry, 'index' | 'arrival'>,
    { stamp, offset, first }: ProducerPlace,
    hashKey: () => bigint,
  ): Standing {
    const place = { offset, ordinal: index - first };
    if (this.#cursor?.stamp !== stamp) this.#cursor = this.#open(stamp, place, arrival);
    const { own, others } = this.#cursor;
    if (!own) return 'unremembered';
    if (own.has(place) || isTakenBy(others, place, hashKey)) return 'repeated';
    own.take(place);
    return 'new';
  }

  /** What is remembered behind the run. */
  finish(): ProducerMemory {
    const recent = new Map(this.#before.recent);
    for (const [name, draft] of this.#changed) recent.set(name, draft.finish());
    return { clock: this.#clock, page: this.#before.page, recent };
  }

  #open(stamp: Stamp, place: Place, arrival: ArrivalTime): Cursor {
    const step = stepOf(arrival, ARRIVAL_STEP);
    const clock = latest(step, this.#clock ?? step);
    this.#clock = clock;
    const name = nameHashOf(stamp.producer);
    const draft = this.#changed.get(name) ?? this.#begin(name, clock);
    return draft ? draft.open(stamp, place, clock) : { stamp, own: undefined, others: [] };
  }

  /** Undefined where there is no room for the name. */
  #begin(name: NameHash, clock: ArrivalTime): NameDraft | undefined {
    const known = rememberedOf(this.#before, name);
    const live = known && since(known.arrival, clock) <= this.#nameLife ? known : undefined;
    if (!live && !this.#hasRoom(clock)) return undefined;
    const draft = new NameDraft(live ?? { arrival: clock, marks: [] });
    this.#changed.set(name, draft);
    if (!live && this.#live) this.#live.count += 1;
    return draft;
  }

  #hasRoom(clock: ArrivalTime): boolean {
    const { page, recent } = this.#before;
    if (page.size + recent.size + this.#changed.size < NAMES_MAX) return true;
    if (this.#live?.at !== clock) this.#live = { count: this.#countLive(clock), at: clock };
    return this.#live.count < NAMES_MAX;
  }

  #countLive(clock: ArrivalTime): number {
    let count = this.#changed.size;
    for (const [name, { arrival }] of namesOf(this.#before)) {
      if (!this.#changed.has(name) && since(arrival, clock) <= this.#nameLife) count += 1;
    }
    return count;
  }
}

/** What decides on the events of one record. */
interface Cursor {
  readonly stamp: Stamp;
  /** That of the planned range; absent where nothing is remembered of the record. */
  readonly own: MarkDraft | undefined;
  readonly others: readonly OtherMark[];
}

interface OtherMark {
  readonly mark: MarkDraft;
  /** Of the planned range: of a part, it says something of the events in that part alone. */
  readonly isOfAll: boolean;
}

const isTakenBy = (others: readonly OtherMark[], place: Place, hashKey: () => bigint): boolean =>
  others.some(
    ({ mark, isOfAll }) => mark.has(place) && (isOfAll || isWithin(mark.range, hashKey())),
  );

/** One name, while a run is taken in. */
class NameDraft {
  #arrival: ArrivalTime;
  #marks: MarkDraft[];

  constructor({ arrival, marks }: Remembered) {
    this.#arrival = arrival;
    this.#marks = marks.map((mark) => new MarkDraft(mark));
  }

  /** @param place of the record's first event, or of the first that is not taken in yet */
  open(stamp: Stamp, place: Place, clock: ArrivalTime): Cursor {
    if (isAfter(clock, this.#arrival)) for (const mark of this.#marks) mark.grow();
    this.#arrival = clock;
    // What was taken of a line in part must not be joined with what follows the line.
    if (place.ordinal === 0) for (const mark of this.#marks) mark.join();
    this.#marks = withoutNeedless(this.#marks);
    const { planned } = stamp;
    const own = this.#marks.find((mark) => isSame(mark.range, planned)) ?? this.#add(planned);
    if (!own) return { stamp, own, others: [] };
    own.open(beginOf(stamp));
    const others = this.#marks
      .filter((mark) => mark !== own && overlaps(mark.range, planned))
      .map((mark) => ({ mark, isOfAll: contains(mark.range, planned) }));
    return { stamp, own, others };
  }

  finish(): Remembered {
    return { arrival: this.#arrival, marks: this.#marks.flatMap((mark) => mark.finish()) };
  }

  #add(range: HashRange): MarkDraft | undefined {
    if (this.#marks.length >= RANGES_MAX) return undefined;
    const added = new MarkDraft({ range, stretches: [] });
    this.#marks.push(added);
    return added;
  }
}

/** From where on a record says what was taken: behind the record before it, whatever that held; else from its first event on. */
const beginOf = ({ after, begin }: Stamp): Place =>
  after === undefined
    ? { offset: begin, ordinal: BEFORE_ALL }
    : { offset: after, ordinal: Number.POSITIVE_INFINITY };

const BEFORE_ALL = -1;

/** One mark, while a run is taken in. */
class MarkDraft {
  readonly range: HashRange;
  #upTo: Place | undefined;
  #stretches: Stretch[];
  /** What the record that is taken in goes on from: everything up to there, a stretch by its place in the list, or nothing yet. */
  #growing: 'all' | number | Place = 'all';

  constructor({ range, upTo, stretches }: Mark) {
    this.range = range;
    this.#upTo = upTo;
    this.#stretches = [...stretches];
  }

  has(place: Place): boolean {
    if (this.#upTo && !isBehind(place, this.#upTo)) return true;
    for (const { after, to } of this.#stretches) {
      if (isBehind(place, after) && !isBehind(place, to)) return true;
    }
    return false;
  }

  /** A record begins that says what was taken from behind a place on. */
  open(begin: Place): void {
    const reached = (to: Place) => begin.offset <= to.offset;
    if (this.#upTo && reached(this.#upTo)) {
      this.#growing = 'all';
      return;
    }
    const at = this.#stretches.findIndex(({ after, to }) => !isBehind(after, begin) && reached(to));
    this.#growing = at >= 0 ? at : begin;
  }

  /** Everything from where the record begins up to a place is taken now. */
  take(to: Place): void {
    if (this.#growing === 'all') {
      this.#upTo = to;
    } else if (typeof this.#growing === 'number') {
      this.#stretches[this.#growing] = { ...(this.#stretches[this.#growing] as Stretch), to };
    } else {
      this.#growing = this.#begin({ after: this.#growing, to, isOld: false });
    }
  }

  #begin(stretch: Stretch): number {
    const later = this.#stretches.findIndex(({ after }) => isBehind(after, stretch.after));
    const at = later === -1 ? this.#stretches.length : later;
    this.#stretches.splice(at, 0, stretch);
    return at;
  }

  /** Makes one of what touches. */
  join(): void {
    const joined: Stretch[] = [];
    for (const stretch of this.#stretches) {
      const last = joined.at(-1);
      if (this.#upTo && stretch.after.offset <= this.#upTo.offset) {
        this.#upTo = further(this.#upTo, stretch.to);
      } else if (last && stretch.after.offset <= last.to.offset) {
        joined[joined.length - 1] = { ...last, to: further(last.to, stretch.to) };
      } else joined.push(stretch);
    }
    this.#stretches = joined;
    if (joined.length > STRETCHES_MAX) this.#close(joined.length - STRETCHES_MAX);
  }

  /** The clock has moved: gaps before what was old already are closed. */
  grow(): void {
    this.#close(this.#stretches.findLastIndex(({ isOld }) => isOld) + 1);
    this.#stretches = this.#stretches.map((stretch) => ({ ...stretch, isOld: true }));
  }

  #close(count: number): void {
    for (const { to } of this.#stretches.splice(0, count)) {
      this.#upTo = this.#upTo ? further(this.#upTo, to) : to;
    }
  }

  /** Whether it says all that another mark does. */
  saysAllOf(other: MarkDraft): boolean {
    const last = other.#stretches.at(-1)?.to ?? other.#upTo;
    const isPast = last === undefined || (this.#upTo && !isBehind(last, this.#upTo));
    return isPast === true && contains(this.range, other.range);
  }

  /** Nothing where nothing was taken. */
  finish(): Mark[] {
    const upTo = this.#upTo;
    if (!upTo && this.#stretches.length === 0) return [];
    return [{ range: this.range, ...(upTo ? { upTo } : {}), stretches: this.#stretches }];
  }
}

/** Of marks that say the same, the first is kept. */
const withoutNeedless = (marks: readonly MarkDraft[]): MarkDraft[] =>
  marks.filter(
    (mark, i) =>
      !marks.some(
        (other, j) => i !== j && other.saysAllOf(mark) && (j < i || !mark.saysAllOf(other)),
      ),
  );

const further = (a: Place, b: Place): Place => (isBehind(a, b) ? a : b);

/** Of a name, whether it is forgotten or not. */
const rememberedOf = ({ page, recent }: ProducerMemory, name: NameHash): Remembered | undefined =>
  recent.get(name) ?? page.get(name);

function* namesOf({ page, recent }: ProducerMemory): Generator<[NameHash, Remembered]> {
  yield* recent;
  for (const entry of page) if (!recent.has(entry[0])) yield entry;
}

/** Everything that is not forgotten yet. */
export function* liveNames(
  memory: ProducerMemory,
  nameLife: Duration,
): Generator<[NameHash, Remembered]> {
  const { clock } = memory;
  for (const entry of namesOf(memory)) {
    if (clock === undefined || since(entry[1].arrival, clock) <= nameLife) yield entry;
  }
}

/** What a lane begins with: what its parents remember, as far as it is of its own range. Of too many names, those heard of last. */
export function inherited(
  parents: readonly ProducerMemory[],
  own: HashRange,
  nameLife: Duration,
): ProducerMemory {
  const names = new Map<NameHash, Remembered>();
  let clock: ArrivalTime | undefined;
  for (const parent of parents) {
    if (parent.clock !== undefined) clock = latest(parent.clock, clock ?? parent.clock);
    for (const [name, { arrival, marks }] of liveNames(parent, nameLife)) {
      const cut = marks.flatMap((mark) => cutTo(own, mark));
      if (cut.length === 0) continue;
      const other = names.get(name) ?? { arrival, marks: [] };
      const all = withoutNeedless([...other.marks, ...cut].map((each) => new MarkDraft(each)));
      const both = latest(arrival, other.arrival);
      names.set(name, { arrival: both, marks: all.flatMap((each) => each.finish()) });
    }
  }
  const kept = [...names].sort(([, a], [, b]) => b.arrival - a.arrival).slice(0, 2 * NAMES_MAX);
  return { clock, page: new Map(), recent: new Map(kept) };
}

function cutTo(own: HashRange, mark: Mark): Mark[] {
  const start = mark.range.start > own.start ? mark.range.start : own.start;
  const end = mark.range.end < own.end ? mark.range.end : own.end;
  return start <= end ? [{ ...mark, range: { start, end } }] : [];
}

const isBehind = (a: Place, b: Place): boolean =>
  a.offset > b.offset || (a.offset === b.offset && a.ordinal > b.ordinal);

const isSame = (a: HashRange, b: HashRange): boolean => a.start === b.start && a.end === b.end;

export const contains = (outer: HashRange, inner: HashRange): boolean =>
  outer.start <= inner.start && inner.end <= outer.end;

const overlaps = (a: HashRange, b: HashRange): boolean => a.start <= b.end && b.start <= a.end;
