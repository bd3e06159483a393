/**
 * A mark: which places of a producer's source were taken, of one range of hash keys. Pure.
 * What a record says of them is `records/stamp.ts`'s; which marks a lane has, and what follows from them, `producerMemory.ts`'s.
 */
import { commonRange, containsRange, type HashRange } from '../../model/hashRange.ts';
import type { Offset } from '../../model/offset.ts';
import type { Stamp } from '../../records/stamp.ts';

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

/** Stretches of one mark; of more, the gap before the second is taken for empty. */
const STRETCHES_MAX = 8;

/** From where on a record says what was taken: behind the record before it, whatever that held; else from its first event on. */
export const beginOf = ({ after, begin }: Stamp): Place =>
  after === undefined
    ? { offset: begin, ordinal: BEFORE_ALL }
    : { offset: after, ordinal: Number.POSITIVE_INFINITY };

const BEFORE_ALL = -1;

/** One mark, while a run is taken in. */
export class MarkDraft {
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
    const last = other.#last;
    const isPast = last === undefined || (this.#upTo && !isBehind(last, this.#upTo));
    return isPast === true && containsRange(this.range, other.range);
  }

  /** Stretches may overlap, and lie behind what everything is taken up to, until they are joined. */
  get #last(): Place | undefined {
    let last = this.#upTo;
    for (const { to } of this.#stretches) last = last ? further(last, to) : to;
    return last;
  }

  /** Whether less of its source is taken than of another's. */
  isBehind(other: MarkDraft): boolean {
    const [last, others] = [this.#last, other.#last];
    return others !== undefined && (last === undefined || isBehind(others, last));
  }

  /** Nothing was taken. */
  get isEmpty(): boolean {
    return this.#upTo === undefined && this.#stretches.length === 0;
  }

  /** Nothing where nothing was taken. */
  finish(): Mark[] {
    if (this.isEmpty) return [];
    const upTo = this.#upTo;
    return [{ range: this.range, ...(upTo ? { upTo } : {}), stretches: this.#stretches }];
  }
}

/** Of marks that say the same, the first is kept. */
export const withoutNeedless = (marks: readonly MarkDraft[]): MarkDraft[] =>
  marks.filter(
    (mark, i) =>
      !marks.some(
        (other, j) => i !== j && other.saysAllOf(mark) && (j < i || !mark.saysAllOf(other)),
      ),
  );

/** What a mark says of another range's part of its own. */
export function cutTo(own: HashRange, mark: Mark): Mark[] {
  const range = commonRange(own, mark.range);
  return range ? [{ ...mark, range }] : [];
}

const further = (a: Place, b: Place): Place => (isBehind(a, b) ? a : b);

const isBehind = (a: Place, b: Place): boolean =>
  a.offset > b.offset || (a.offset === b.offset && a.ordinal > b.ordinal);
