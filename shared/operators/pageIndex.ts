/**
 * Which page holds what: the index that `closing` keeps, and the pure questions asked of it.
 *
 * 1. Level 0 has a node per slice, each higher level one per range of slices. The entries of a node merge to the plain
 *    content of its range, each event once. Levels repeat each other; a window takes every part of its range from one.
 * 2. Nodes above level 0 are *sealed*, made from those below, soon after the watermark has passed them, and take part
 *    in every later change. So among the sealed a node that is not there is empty, and beyond them the level below counts.
 * 3. A node of several entries is gathered into one page when it is sealed, and again whenever it has too many. So a
 *    window needs few entries, whatever its size and slide.
 * 4. Editions are kept apart and never gathered: they are rare.
 */
import { InvariantViolation } from '../errors.ts';
import {
  type Duration,
  type EventTime,
  eventTime,
  NO_WATERMARK,
  type Watermark,
} from '../model/time.ts';
import {
  lastWindowEnd,
  PLAIN_EDITION,
  type Slice,
  type TimeWindow,
  takesEdition,
  type WindowAssigner,
} from '../model/window.ts';
import {
  type BlockRef,
  EDITIONS,
  type PageEntry,
  type PageRef,
  type StoredIndex,
} from './pageEntry.ts';
import { type BlockNodes, PageShelf, refuseUnread } from './pageShelf.ts';

export interface PageNode {
  readonly level: number;
  readonly start: Slice;
  readonly parts: readonly PageEntry[];
}

/** A block that has to be stored. */
export interface OutdatedBlock {
  readonly level: number;
  readonly block: number;
  readonly entries: readonly PageEntry[];
}

/** A window should need at most about this many nodes of the widest level; below it, rolling up gains nothing. */
const WIDEST_LEVEL_COUNT = 12;
const ROLL_UP_FACTORS = [12, 5] as const;
/** More entries than this are gathered into one. */
const ENTRIES_MAX = 3;
const SEALED_ENTRIES_MAX = 1;
/** More changed entries than this are moved from `closing` into blocks: about half a write unit. */
const CHANGES_MAX = 96;

const EMPTY: StoredIndex = { pages: [], blocks: [], sealedUpTo: NO_WATERMARK };

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

export class PageIndex {
  readonly #assign: WindowAssigner;
  /** By level. */
  readonly #plain: readonly PageShelf[];
  readonly #editions: PageShelf;
  /** By level: nodes that this run changed, and how many entries they may have. */
  readonly #touched: readonly Map<Slice, number>[];
  #sealedUpTo: Watermark;
  #onUnread: (ref: BlockRef) => void = refuseUnread;

  constructor(assign: WindowAssigner, { pages, blocks, sealedUpTo }: StoredIndex = EMPTY) {
    const shelf = (width: Duration, level: number) =>
      new PageShelf(level, width, assign.offset, (ref) => this.#onUnread(ref));
    this.#assign = assign;
    this.#plain = [assign.sliceWidth, ...rollUpWidths(assign)].map(shelf);
    this.#editions = shelf(assign.sliceWidth, EDITIONS);
    this.#touched = this.#plain.map(() => new Map());
    this.#sealedUpTo = sealedUpTo;
    for (const ref of blocks) this.#shelf(ref.level).name(ref);
    for (const entry of pages) this.#shelf(entry.level).restore(entry);
  }

  get levels(): number {
    return this.#plain.length;
  }

  /** New content of a slice, for its own node and for the sealed ones around it. */
  add({ page, slice, edition }: Omit<PageEntry, 'level'>): void {
    for (const shelf of this.#shelvesOf(slice, edition)) {
      const { level } = shelf;
      const start = shelf.floor(slice);
      shelf.put(start, [...shelf.partsOf(start), { page, level, slice, edition }]);
      const touched = this.#touched[level];
      if (touched && !touched.has(start)) touched.set(start, ENTRIES_MAX);
    }
  }

  /** What to merge for a window. */
  ofWindow({ start, end }: TimeWindow): PageEntry[] {
    const entries = [...this.#cover(start, end, this.levels - 1)];
    for (const { parts } of this.#editions.nodes(start, end)) {
      entries.push(...parts.filter(({ edition }) => takesEdition(end, edition)));
    }
    return entries;
  }

  /** Makes the nodes of a level (from 1) that the watermark has passed, from those of the level below. */
  seal(level: number, watermark: Watermark): void {
    const shelf = this.#shelf(level);
    const sealed = new Map<Slice, PageEntry[]>();
    const from = this.#sealedEnd(shelf);
    for (const { start, parts } of this.#shelf(level - 1).nodes(
      from,
      this.#sealedEnd(shelf, watermark),
    )) {
      const around = shelf.floor(start);
      const own = sealed.get(around) ?? [];
      for (const part of parts) own.push({ ...part, level });
      sealed.set(around, own);
    }
    for (const [start, parts] of sealed) {
      shelf.put(start, parts);
      this.#touched[level]?.set(start, SEALED_ENTRIES_MAX);
    }
  }

  /** To be said when every level is sealed so far. */
  haveSealed(watermark: Watermark): void {
    if (watermark > this.#sealedUpTo) this.#sealedUpTo = watermark;
  }

  /** Changed nodes of a level that have too many entries. */
  crowded(level: number): PageNode[] {
    const shelf = this.#shelf(level);
    return [...(this.#touched[level] ?? [])]
      .map(([start, allowed]) => ({ level, start, parts: shelf.partsOf(start), allowed }))
      .filter(({ parts, allowed }) => parts.length > allowed);
  }

  /** The page holds all of the node. */
  gathered({ level, start }: PageNode, page: PageRef): void {
    this.#shelf(level).put(start, [{ page, level, slice: start, edition: PLAIN_EDITION }]);
  }

  /** Forgets what no window that ends after this can use. */
  expire(expiredBefore: Watermark): void {
    for (const shelf of this.#all()) {
      shelf.expire((start) => lastWindowEnd(start, this.#assign) <= expiredBefore);
    }
  }

  /** The blocks without which the question cannot be answered yet; what it says meanwhile is worthless. */
  unreadFor(question: () => void): BlockRef[] {
    const unread = new Set<BlockRef>();
    this.#onUnread = (ref) => unread.add(ref);
    try {
      question();
    } finally {
      this.#onUnread = refuseUnread;
    }
    return [...unread];
  }

  /** Asks of an index all that adding to these slices and sealing up to there will ask. */
  look(slices: Iterable<Pick<PageEntry, 'slice' | 'edition'>>, watermark: Watermark): void {
    for (const { slice, edition } of slices) {
      for (const shelf of this.#shelvesOf(slice, edition)) shelf.partsOf(shelf.floor(slice));
    }
    for (const shelf of this.#plain.slice(1)) {
      const below = this.#shelf(shelf.level - 1);
      for (const _ of below.nodes(this.#sealedEnd(shelf), this.#sealedEnd(shelf, watermark)));
    }
  }

  supply(ref: BlockRef, nodes: BlockNodes): void {
    this.#shelf(ref.level).supply(ref, nodes);
  }

  /** The form in which a block's entries are supplied; it may serve many runs. */
  nodesOf({ level }: Pick<BlockRef, 'level'>, entries: readonly PageEntry[]): BlockNodes {
    return this.#shelf(level).nodesOf(entries);
  }

  /** Blocks to store now: all that changed once that is much, and those that grow old. */
  outdated(isAging: (ref: BlockRef) => boolean, changesMax = CHANGES_MAX): OutdatedBlock[] {
    const isMuch = this.kept().pages.length > changesMax;
    const isDue = (ref: BlockRef | undefined, changes: number) =>
      (isMuch && changes > 0) || (ref !== undefined && isAging(ref));
    return this.#all().flatMap((shelf) =>
      shelf
        .outdated(isDue)
        .map((block) => ({ level: shelf.level, block, entries: shelf.contentOf(block) })),
    );
  }

  /** A block was stored under this name. */
  stored(ref: BlockRef, nodes: BlockNodes): void {
    this.#shelf(ref.level).replace(ref, nodes);
  }

  kept(): StoredIndex {
    const shelves = this.#all();
    return {
      pages: shelves.flatMap((shelf) => [...shelf.changes()]),
      blocks: shelves.flatMap((shelf) => [...shelf.refs()]),
      sealedUpTo: this.#sealedUpTo,
    };
  }

  #all(): PageShelf[] {
    return [...this.#plain, this.#editions];
  }

  #shelf(level: number): PageShelf {
    const shelf = level === EDITIONS ? this.#editions : this.#plain[level];
    if (!shelf) throw new InvariantViolation(`the page index has no level ${level}`);
    return shelf;
  }

  /** The shelves that content of a slice goes to. */
  #shelvesOf(slice: Slice, edition: PageEntry['edition']): PageShelf[] {
    if (edition !== PLAIN_EDITION) return [this.#editions];
    return this.#plain.filter(
      (shelf) => shelf.level === 0 || shelf.floor(slice) < this.#sealedEnd(shelf),
    );
  }

  /**
   * The end of the nodes of a level (from 1) that are sealed. They are once the watermark is past them by a node of the
   * level below: most of what comes out of order has come then, and need not be added to each.
   */
  #sealedEnd(shelf: PageShelf, sealedUpTo = this.#sealedUpTo): Slice {
    return shelf.floor(sealedUpTo - this.#shelf(shelf.level - 1).width);
  }

  /** Entries whose merge is the plain content of `[from, to)`: sealed nodes of the level, and at the edges lower ones. */
  *#cover(from: EventTime, to: EventTime, level: number): Generator<PageEntry> {
    const shelf = this.#shelf(level);
    const first = level === 0 ? from : shelf.ceiling(from);
    const last = level === 0 ? to : Math.min(shelf.floor(to), this.#sealedEnd(shelf));
    if (first >= last && level > 0) {
      yield* this.#cover(from, to, level - 1);
      return;
    }
    if (from < first) yield* this.#cover(from, first, level - 1);
    for (const { parts } of shelf.nodes(first, last)) yield* parts;
    if (last < to) yield* this.#cover(eventTime(last), to, level - 1);
  }
}
