/**
 * Which page holds what: the index that `closing` keeps, and the pure questions asked of it.
 *
 * 1. Level 0 has a node per slice, each higher level one per range of slices. The entries of a node merge to the content
 *    of its range, each event once. Levels repeat each other; a window takes every part of its range from one.
 * 2. Nodes above level 0 are *sealed*, made from those below, soon after the watermark has passed them, and take part
 *    in every later change. So among the sealed a node that is not there is empty, and beyond them the level below counts.
 * 3. A node of several entries is gathered into one page when it is sealed, and again whenever it has too many. So a
 *    window needs few entries, whatever its size and slide.
 * 4. What is gathered from editions is tagged with the latest of them. A window that ends before a tag takes that node
 *    from the level below, and at level 0 leaves the edition out. It is rare: a tag is ahead of its node by no more than
 *    the event was late, so only nodes at a window's very end are concerned.
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
  type Edition,
  lastWindowEnd,
  PLAIN_EDITION,
  type Slice,
  type TimeWindow,
  takesEdition,
  type WindowAssigner,
} from '../model/window.ts';
import type { BlockRef, PageEntry, PageRef, StoredIndex } from './pageEntry.ts';
import { type BlockNodes, PageShelf, refuseUnread } from './pageShelf.ts';

/** Entries of a node that are worth one page. */
export interface PageGroup {
  readonly level: number;
  readonly start: Slice;
  /** The latest of theirs: only windows that take it can use the page. */
  readonly edition: Edition;
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
  readonly #shelves: readonly PageShelf[];
  /** By level: nodes that this run changed, and how many entries they may have. */
  readonly #touched: readonly Map<Slice, number>[];
  #sealedUpTo: Watermark;
  #onUnread: (ref: BlockRef) => void = refuseUnread;

  constructor(assign: WindowAssigner, { pages, blocks, sealedUpTo }: StoredIndex = EMPTY) {
    const shelf = (width: Duration, level: number) =>
      new PageShelf(level, width, assign.offset, (ref) => this.#onUnread(ref));
    this.#assign = assign;
    this.#shelves = [assign.sliceWidth, ...rollUpWidths(assign)].map(shelf);
    this.#touched = this.#shelves.map(() => new Map());
    this.#sealedUpTo = sealedUpTo;
    for (const ref of blocks) this.#shelf(ref.level).name(ref);
    for (const entry of pages) this.#shelf(entry.level).restore(entry);
  }

  get levels(): number {
    return this.#shelves.length;
  }

  /** New content of a slice, for its own node and for the sealed ones around it. */
  add({ page, slice, edition }: Omit<PageEntry, 'level'>): void {
    for (const shelf of this.#shelvesOf(slice)) {
      const { level } = shelf;
      const start = shelf.floor(slice);
      shelf.put(start, [...shelf.partsOf(start), { page, level, slice, edition }]);
      const touched = this.#touched[level];
      if (touched && !touched.has(start)) touched.set(start, ENTRIES_MAX);
    }
  }

  /** What to merge for a window. */
  ofWindow({ start, end }: TimeWindow): PageEntry[] {
    return [...this.#cover(start, end, this.levels - 1, end)];
  }

  /** Makes the nodes of a level (from 1) that the watermark has passed, from those of the level below. */
  seal(level: number, watermark: Watermark): void {
    const shelf = this.#shelf(level);
    const sealed = new Map<Slice, PageEntry[]>();
    const from = this.#sealedEnd(shelf);
    const to = this.#sealedEnd(shelf, watermark);
    for (const { start, parts } of this.#shelf(level - 1).nodes(from, to)) {
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

  /** Groups of too many entries in the changed nodes of a level. At level 0 editions stay apart. */
  crowded(level: number): PageGroup[] {
    const groups: PageGroup[] = [];
    for (const [start, allowed] of this.#touched[level] ?? []) {
      const parts = this.#shelf(level).partsOf(start);
      const byEdition = Map.groupBy(parts, ({ edition }) => (level === 0 ? edition : 'any'));
      for (const group of byEdition.values()) {
        if (group.length <= allowed) continue;
        groups.push({ level, start, edition: latestEdition(group), parts: group });
      }
    }
    return groups;
  }

  /** The page holds the content of these entries. */
  gathered({ level, start, edition, parts }: PageGroup, page: PageRef): void {
    const shelf = this.#shelf(level);
    const others = shelf.partsOf(start).filter((part) => !parts.includes(part));
    shelf.put(start, [...others, { page, level, slice: start, edition }]);
  }

  /** Forgets what no window that ends after this can use. */
  expire(expiredBefore: Watermark): void {
    for (const shelf of this.#shelves) {
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
  look(slices: Iterable<Pick<PageEntry, 'slice'>>, watermark: Watermark): void {
    for (const { slice } of slices) {
      for (const shelf of this.#shelvesOf(slice)) shelf.partsOf(shelf.floor(slice));
    }
    for (const shelf of this.#shelves.slice(1)) {
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
    return this.#shelves.flatMap((shelf) =>
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
    return {
      pages: this.#shelves.flatMap((shelf) => [...shelf.changes()]),
      blocks: this.#shelves.flatMap((shelf) => [...shelf.refs()]),
      sealedUpTo: this.#sealedUpTo,
    };
  }

  #shelf(level: number): PageShelf {
    const shelf = this.#shelves[level];
    if (!shelf) throw new InvariantViolation(`the page index has no level ${level}`);
    return shelf;
  }

  /** The shelves that content of a slice goes to. */
  #shelvesOf(slice: Slice): PageShelf[] {
    return this.#shelves.filter(
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

  /** Entries whose merge is what a window takes of `[from, to)`: sealed nodes of the level, and at the edges lower ones. */
  *#cover(
    from: EventTime,
    to: EventTime,
    level: number,
    windowEnd: EventTime,
  ): Generator<PageEntry> {
    const shelf = this.#shelf(level);
    if (level === 0) {
      for (const { parts } of shelf.nodes(from, to)) {
        yield* parts.filter(({ edition }) => takesEdition(windowEnd, edition));
      }
      return;
    }
    const first = shelf.ceiling(from);
    const last = eventTime(Math.min(shelf.floor(to), this.#sealedEnd(shelf)));
    if (first >= last) {
      yield* this.#cover(from, to, level - 1, windowEnd);
      return;
    }
    yield* this.#cover(from, first, level - 1, windowEnd);
    for (const { start, parts } of shelf.nodes(first, last)) {
      if (parts.every(({ edition }) => takesEdition(windowEnd, edition))) yield* parts;
      else yield* this.#cover(start, eventTime(start + shelf.width), level - 1, windowEnd);
    }
    yield* this.#cover(last, to, level - 1, windowEnd);
  }
}

/** Every window takes the plain edition, so any other is later. */
function latestEdition(parts: readonly PageEntry[]): Edition {
  const others = parts.map(({ edition }) => edition).filter((each) => each !== PLAIN_EDITION);
  return others.length > 0 ? Math.max(...others) : PLAIN_EDITION;
}
