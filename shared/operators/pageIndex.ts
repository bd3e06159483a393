/**
 * Which page holds what: the index that `closing` stores, and the pure questions asked of it.
 *
 * 1. A slice's content is the merge of all its level-0 entries; each event is in exactly one of them.
 * 2. A roll-up (level 1 and up) repeats the plain content of its range, as far as pages written before it:
 *    level-0 entries of later pages come on top.
 * 3. Editions are never rolled up.
 */
import { type Duration, type EventTime, eventTime, type Watermark } from '../model/time.ts';
import {
  type Edition,
  lastWindowEnd,
  PLAIN_EDITION,
  type Slice,
  type TimeWindow,
  takesEdition,
  type WindowAssigner,
} from '../model/window.ts';

/** Names a page: the fence of the run that wrote it and a number within the run. Later pages compare higher. */
export interface PageRef {
  readonly fence: number;
  readonly n: number;
  /** Items that the page is stored in; large slices need several. */
  readonly parts: number;
}

export interface PageEntry {
  readonly page: PageRef;
  /** 0: one slice; 1 and up: a range of `rollUpWidths(...)[level - 1]`. */
  readonly level: number;
  readonly slice: Slice;
  readonly edition: Edition;
}

/** A window should need at most about this many entries; below it, rolling up gains nothing. */
const WIDEST_LEVEL_COUNT = 12;
const ROLL_UP_FACTORS = [12, 5] as const;

/** Widths of the roll-up levels: 5 s slices in a 1 h window give 1 min and 5 min. */
export function rollUpWidths(assign: WindowAssigner): readonly Duration[] {
  const widths: Duration[] = [];
  let width: number = assign.sliceWidth;
  for (let level = 0; assign.size / width > WIDEST_LEVEL_COUNT; level += 1) {
    width *= ROLL_UP_FACTORS[level % ROLL_UP_FACTORS.length] as number;
    if (width > assign.size) break;
    widths.push(width as Duration);
  }
  return widths;
}

const isLaterPage = (a: PageRef, b: PageRef): boolean =>
  a.fence === b.fence ? a.n > b.n : a.fence > b.fence;

export class PageIndex {
  readonly #assign: WindowAssigner;
  readonly #widths: readonly Duration[];
  readonly #plain = new Map<Slice, PageEntry[]>();
  readonly #editions: PageEntry[] = [];
  /** By level - 1, then start of the range. */
  readonly #rollUps: Map<Slice, PageEntry>[];

  constructor(assign: WindowAssigner, entries: Iterable<PageEntry>) {
    this.#assign = assign;
    this.#widths = rollUpWidths(assign);
    this.#rollUps = this.#widths.map(() => new Map());
    for (const entry of entries) this.add(entry);
  }

  add(entry: PageEntry): void {
    if (entry.level > 0) {
      this.#rollUps[entry.level - 1]?.set(entry.slice, entry);
    } else if (entry.edition !== PLAIN_EDITION) {
      this.#editions.push(entry);
    } else {
      const sameSlice = this.#plain.get(entry.slice);
      if (sameSlice) sameSlice.push(entry);
      else this.#plain.set(entry.slice, [entry]);
    }
  }

  /** All entries, roll-ups included, in no particular order. */
  *entries(): Generator<PageEntry> {
    for (const entries of this.#plain.values()) yield* entries;
    yield* this.#editions;
    for (const level of this.#rollUps) yield* level.values();
  }

  /** Level-0 entries: what there is, without repetition. */
  *contents(): Generator<PageEntry> {
    for (const entries of this.#plain.values()) yield* entries;
    yield* this.#editions;
  }

  /** What to merge for a window. */
  ofWindow(window: TimeWindow): PageEntry[] {
    const editions = this.#editions.filter(
      ({ slice, edition }) =>
        slice >= window.start && slice < window.end && takesEdition(window.end, edition),
    );
    return [...this.#cover(window.start, window.end, this.#widths.length), ...editions];
  }

  /**
   * Ranges worth rolling up once the watermark has passed them: complete, and made of more than one entry
   * besides what an existing roll-up holds. Lowest levels first, so that higher ones build on them.
   */
  *dueRollUps(
    watermark: Watermark,
    expiredBefore: Watermark,
  ): Generator<{ level: number; start: Slice; parts: PageEntry[] }> {
    for (const [i, width] of this.#widths.entries()) {
      for (const start of this.#rangeStarts(width)) {
        const isUsable = lastWindowEnd(start, this.#assign) > expiredBefore;
        if (!isUsable || start + width > watermark) continue;
        const parts = this.#cover(start, eventTime(start + width), i + 1);
        if (parts.length > this.#entriesAllowed(i, start)) yield { level: i + 1, start, parts };
      }
    }
  }

  #entriesAllowed(i: number, start: Slice): number {
    return this.#rollUps[i]?.has(start) ? EXTRA_ENTRIES_MAX : 1;
  }

  /** The slices whose plain content is spread over too many pages, with those entries. */
  *scattered(): Generator<{ slice: Slice; parts: readonly PageEntry[] }> {
    for (const [slice, parts] of this.#plain) {
      if (parts.length > EXTRA_ENTRIES_MAX && !this.#isRolledUp(slice)) yield { slice, parts };
    }
  }

  replacePlain(slice: Slice, entry: PageEntry): void {
    this.#plain.set(slice, [entry]);
  }

  /** Forgets slices whose last window ends up to here, and the roll-ups that no later window can use. */
  expire(expiredBefore: Watermark): void {
    const isGone = (slice: Slice) => lastWindowEnd(slice, this.#assign) <= expiredBefore;
    for (const slice of this.#plain.keys()) if (isGone(slice)) this.#plain.delete(slice);
    for (const level of this.#rollUps) {
      for (const start of level.keys()) if (isGone(start)) level.delete(start);
    }
    const kept = this.#editions.filter(({ slice }) => !isGone(slice));
    this.#editions.splice(0, this.#editions.length, ...kept);
  }

  #rangeStarts(width: Duration): Set<Slice> {
    const { offset } = this.#assign;
    const starts = new Set<Slice>();
    for (const slice of this.#plain.keys()) {
      starts.add(eventTime(Math.floor((slice - offset) / width) * width + offset));
    }
    return starts;
  }

  #isRolledUp(slice: Slice): boolean {
    const { offset } = this.#assign;
    return this.#widths.some((width, i) =>
      this.#rollUps[i]?.has(eventTime(Math.floor((slice - offset) / width) * width + offset)),
    );
  }

  /** Entries whose merge is the plain content of `[from, to)`, using roll-ups up to the level. */
  #cover(from: EventTime, to: EventTime, level: number): PageEntry[] {
    const cover: PageEntry[] = [];
    let at = from;
    while (at < to) {
      const rollUp = this.#widestRollUp(at, to, level);
      const width = rollUp ? (this.#widths[rollUp.level - 1] as Duration) : this.#assign.sliceWidth;
      if (rollUp) cover.push(rollUp);
      this.#appendPlain(at, width, rollUp?.page, cover);
      at = eventTime(at + width);
    }
    return cover;
  }

  #widestRollUp(at: EventTime, to: EventTime, level: number): PageEntry | undefined {
    for (let i = level; i > 0; i -= 1) {
      const rollUp = this.#rollUps[i - 1]?.get(at);
      if (rollUp && at + (this.#widths[i - 1] as Duration) <= to) return rollUp;
    }
    return undefined;
  }

  #appendPlain(from: EventTime, width: Duration, after: PageRef | undefined, into: PageEntry[]) {
    for (let at = from; at < from + width; at = eventTime(at + this.#assign.sliceWidth)) {
      for (const entry of this.#plain.get(at) ?? []) {
        if (!after || isLaterPage(entry.page, after)) into.push(entry);
      }
    }
  }
}

const EXTRA_ENTRIES_MAX = 3;
