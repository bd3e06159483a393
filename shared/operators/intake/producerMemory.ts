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
import {
  commonRange,
  containsRange,
  type HashRange,
  isSameRange,
  isWithin,
} from '../../model/hashRange.ts';
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
import {
  beginOf,
  cutTo,
  type Mark,
  MarkDraft,
  type Place,
  withoutNeedless,
} from './producerMark.ts';

/** Names of one lane that are remembered; a merged lane begins with those of both its parents. */
export const NAMES_MAX = 10_000;
/** Ranges of one name: more than a few are left by many reshardings within the producer's backlog, or while it is silent. */
const RANGES_MAX = 16;
/** Arrivals of names are counted in such steps, rounded down. */
export const ARRIVAL_STEP: Duration = minutes(1);

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
    if (this.#cursor?.stamp !== stamp) this.#cursor = this.#open(stamp, index, arrival);
    const { own, others } = this.#cursor;
    if (own?.has(place) || isTakenBy(others, place, hashKey)) return 'repeated';
    if (!own) return 'unremembered';
    own.take(place);
    return 'new';
  }

  /** What is remembered behind the run. */
  finish(): ProducerMemory {
    const recent = new Map(this.#before.recent);
    for (const [name, draft] of this.#changed) recent.set(name, draft.finish());
    return { clock: this.#clock, page: this.#before.page, recent };
  }

  #open(stamp: Stamp, index: number, arrival: ArrivalTime): Cursor {
    const step = stepOf(arrival, ARRIVAL_STEP);
    const clock = latest(step, this.#clock ?? step);
    this.#clock = clock;
    const name = nameHashOf(stamp.producer);
    const draft = this.#changedAt(name, clock) ?? this.#begin(name, clock);
    return draft ? draft.open(stamp, index, clock) : { stamp, own: undefined, others: [] };
  }

  /** Undefined where the run has not changed the name, or its life has ended since: where runs end makes no difference. */
  #changedAt(name: NameHash, clock: ArrivalTime): NameDraft | undefined {
    const changed = this.#changed.get(name);
    return changed && this.#isLive(changed, clock) ? changed : undefined;
  }

  #isLive({ arrival }: Pick<Remembered, 'arrival'>, clock: ArrivalTime): boolean {
    return since(arrival, clock) <= this.#nameLife;
  }

  /** Undefined where there is no room for the name. */
  #begin(name: NameHash, clock: ArrivalTime): NameDraft | undefined {
    const known = rememberedOf(this.#before, name);
    const live = known && this.#isLive(known, clock) ? known : undefined;
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
    let count = 0;
    for (const draft of this.#changed.values()) if (this.#isLive(draft, clock)) count += 1;
    for (const [name, remembered] of namesOf(this.#before)) {
      if (!this.#changed.has(name) && this.#isLive(remembered, clock)) count += 1;
    }
    return count;
  }
}

/** What decides on the events of one record. */
interface Cursor {
  readonly stamp: Stamp;
  /** That of the planned range; absent where there is no room to remember the record. */
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
  /** Of the last record, in steps. */
  #arrival: ArrivalTime;
  #marks: MarkDraft[];

  constructor({ arrival, marks }: Remembered) {
    this.#arrival = arrival;
    this.#marks = marks.map((mark) => new MarkDraft(mark));
  }

  get arrival(): ArrivalTime {
    return this.#arrival;
  }

  /** @param index in the record of its first event that is not taken in yet */
  open(stamp: Stamp, index: number, clock: ArrivalTime): Cursor {
    if (isAfter(clock, this.#arrival)) for (const mark of this.#marks) mark.grow();
    this.#arrival = clock;
    // Only where a record begins: where a commit ends within one must make no difference, and what was taken of a line in part must not
    // be joined with what follows the line.
    if (index === 0) {
      for (const mark of this.#marks) mark.join();
      this.#marks = withoutNeedless(this.#marks.filter((mark) => !mark.isEmpty));
    }
    const { planned } = stamp;
    const own = this.#marks.find((mark) => isSameRange(mark.range, planned)) ?? this.#add(planned);
    own?.open(beginOf(stamp));
    const others = this.#marks
      .filter((mark) => mark !== own && commonRange(mark.range, planned) !== undefined)
      .map((mark) => ({ mark, isOfAll: containsRange(mark.range, planned) }));
    return { stamp, own, others };
  }

  finish(): Remembered {
    return { arrival: this.#arrival, marks: this.#marks.flatMap((mark) => mark.finish()) };
  }

  #add(range: HashRange): MarkDraft | undefined {
    if (this.#marks.length >= RANGES_MAX && !this.#makeRoom(range)) return undefined;
    const added = new MarkDraft({ range, stretches: [] });
    this.#marks.push(added);
    return added;
  }

  /** Of what is left of ranges that one range holds now, that which is furthest behind: most likely nobody puts that again. */
  #makeRoom(range: HashRange): boolean {
    const parts = this.#marks.filter((mark) => containsRange(range, mark.range));
    const [first] = parts;
    if (!first) return false;
    const furthest = parts.reduce((least, mark) => (mark.isBehind(least) ? mark : least), first);
    this.#marks = this.#marks.filter((mark) => mark !== furthest);
    return true;
  }
}

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
