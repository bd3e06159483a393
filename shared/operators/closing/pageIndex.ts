/**
 * Which page holds what: the index that `closing` keeps, and the questions asked of it. Pure.
 *
 * Owns: what a node holds, when nodes are sealed and compacted, and which entries windows are made of. Does not own: reading
 * and writing pages and blocks (`runtime/closing`), and the order in which that happens.
 *
 * 1. Level 0 has a node per slice, each higher level one per range of slices. The entries of a node merge to the content
 *    of its range, each event once. Levels repeat each other; a window takes every part of its range from one.
 * 2. Nodes above level 0 are *sealed*, made from those below, soon after the watermark has passed them, and take part
 *    in every later change. So among the sealed a node that is not there is empty, and beyond them the level below counts.
 * 3. A node of several entries is compacted into one page when it is sealed, and again whenever it has too many of one
 *    size. So a window needs few entries, whatever its size and slide, and content is written few times, however much there is.
 * 4. What is compacted from editions is tagged with the latest of them. A window that ends before a tag takes that node
 *    from the level below, and at level 0 leaves the edition out. It is rare: a tag is ahead of its node by no more than
 *    the event was late, so only nodes at a window's very end are concerned.
 */
import { InvariantViolation } from '../../errors.ts';
import {
  type EventTime,
  latest,
  NO_WATERMARK,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import {
  endsUpTo,
  lastWindowEnd,
  nextWindowEnd,
  type Slice,
  type TimeWindow,
  type WindowAssigner,
  windowEndingAt,
} from '../../model/window.ts';
import { type Answer, answered, known, knownValue } from './answer.ts';
import type { BlockContent, Child, IsAging } from './blockTree.ts';
import { compactable, ENTRIES_MAX, SEALED_ENTRIES_MAX } from './compactable.ts';
import { latestEdition, nextEndIn } from './editions.ts';
import { packRoots } from './packRoots.ts';
import type {
  BlockRef,
  PageEntry,
  PageGroup,
  PageNode,
  PageRef,
  StoredIndex,
} from './pageEntry.ts';
import { PageLevel, rollUpWidths } from './pageLevel.ts';
import { coverOf } from './windowCover.ts';

/** What has to be stored of a level: the blocks in `roots` that have no name yet, and those below them. */
export interface OutdatedLevel {
  readonly level: number;
  readonly roots: readonly Child[];
}

/** More changed entries than this are moved from `closing` into blocks: about half a write unit. */
const CHANGES_MAX = 96;

const EMPTY: StoredIndex = { pages: [], blocks: [], sealedUpTo: NO_WATERMARK };

export class PageIndex {
  readonly #assign: WindowAssigner;
  /** Level 0. */
  readonly #slices: PageLevel;
  /** By number. */
  readonly #levels: PageLevel[];
  /** By level: nodes that this run changed, and how many entries they may have. */
  readonly #touched: readonly Map<Slice, number>[];
  #sealedUpTo: Watermark;

  constructor(
    assign: WindowAssigner,
    { pages, blocks, runs = [], sealedUpTo }: StoredIndex = EMPTY,
    expiredBefore: Watermark = NO_WATERMARK,
  ) {
    this.#assign = assign;
    this.#slices = new PageLevel(assign.sliceWidth, assign.offset);
    this.#levels = [this.#slices];
    for (const width of rollUpWidths(assign)) {
      this.#levels.push(new PageLevel(width, assign.offset, this.#levels.at(-1)));
    }
    this.#touched = this.#levels.map(() => new Map());
    this.#sealedUpTo = sealedUpTo;
    const refs = [...blocks, ...runs.map((run) => this.#level(run.level).refOf(run))];
    for (const [number, own] of Map.groupBy(refs, ({ level }) => level)) {
      this.#level(number).name(own.sort((a, b) => a.first - b.first));
    }
    for (const [number, own] of Map.groupBy(pages, ({ level }) => level)) {
      const level = this.#level(number);
      for (const { start, entries } of level.nodesOf(own)) level.put(start, entries);
    }
    this.expire(expiredBefore);
  }

  get levelCount(): number {
    return this.#levels.length;
  }

  /**
   * New content of a slice, for its own node and for the sealed ones around it. Throws InvariantViolation where the index
   * was not made ready for it.
   */
  add({ page, slice, edition }: Omit<PageEntry, 'level'>): void {
    for (const level of this.#levelsOf(slice)) {
      const { number } = level;
      const start = level.floor(slice);
      level.put(start, [...entriesAt(level, start), { page, level: number, slice, edition }]);
      const touched = this.#touched[number];
      if (touched && !touched.has(start)) touched.set(start, ENTRIES_MAX);
    }
  }

  /** What to merge for a window. */
  ofWindow(window: TimeWindow): Answer<PageEntry[]> {
    const sealedUpTo = this.#sealedUpTo;
    return answered((unread) => [
      ...coverOf(window, this.#level(this.levelCount - 1), {
        windowEnd: window.end,
        sealedUpTo,
        unread,
      }),
    ]);
  }

  /** The first window end in `(after, upTo]` whose window has content. Finds it past gaps of any length. */
  nextEnd(after: Watermark, upTo: Watermark): Answer<EventTime | undefined> {
    if (after >= upTo) return known(undefined);
    const assign = this.#assign;
    const soonest = nextWindowEnd(after, assign);
    return answered((unread) => {
      const { start } = windowEndingAt(soonest, assign);
      const slices = this.#slices.nodes(start, upTo, unread, 'stop');
      const next = nextEndIn(slices, soonest, assign);
      return next !== undefined && endsUpTo(next, upTo) ? next : undefined;
    });
  }

  /** The end of the last window that has content. */
  lastEnd(): Answer<EventTime | undefined> {
    return answered((unread) => {
      const last = this.#slices.last(unread);
      return last === undefined ? undefined : lastWindowEnd(last, this.#assign);
    });
  }

  /** How far to seal so that about so many slices at most are passed at once. */
  sealable(watermark: Watermark, slicesMax: number): Answer<Watermark> {
    const above = this.#levels[1];
    if (!above) return known(watermark);
    const [from, to] = this.#sealing(above, watermark);
    return answered((unread) => {
      let count = 0;
      for (const { start } of this.#slices.nodes(from, to, unread, 'stop')) {
        count += 1;
        const border = above.floor(start);
        if (count > slicesMax && border > from) return watermarkAt(this.#slices.endOf(border));
      }
      return watermark;
    });
  }

  /**
   * Makes the nodes of a level (from 1) that the watermark has passed, from those of the level below. Throws
   * InvariantViolation where the index was not made ready for it.
   */
  seal(number: number, watermark: Watermark): void {
    const level = this.#level(number);
    const sealed = new Map<Slice, PageEntry[]>();
    const [from, to] = this.#sealing(level, watermark);
    const below = answered((unread) => [...this.#level(number - 1).nodes(from, to, unread)]);
    for (const { start, entries } of knownValue(below)) {
      const around = level.floor(start);
      const own = sealed.get(around) ?? [];
      for (const entry of entries) own.push({ ...entry, level: number });
      sealed.set(around, own);
    }
    for (const [start, entries] of sealed) {
      level.put(start, entries);
      this.#touched[number]?.set(start, SEALED_ENTRIES_MAX);
    }
  }

  /** To be said when every level is sealed up to there, and no node is crowded any more. */
  haveSealed(watermark: Watermark): void {
    this.#sealedUpTo = latest(this.#sealedUpTo, watermark);
    for (const touched of this.#touched) touched.clear();
  }

  /** Groups of too many entries in the changed nodes of a level. At level 0 editions stay apart. */
  crowded(number: number): PageGroup[] {
    const groups: PageGroup[] = [];
    for (const [start, allowed] of this.#touched[number] ?? []) {
      const entries = entriesAt(this.#level(number), start);
      const byEdition = Map.groupBy(entries, ({ edition }) => (number === 0 ? edition : 'any'));
      for (const group of [...byEdition.values()].flatMap((each) => compactable(each, allowed))) {
        groups.push({ level: number, start, edition: latestEdition(group), entries: group });
      }
    }
    return groups;
  }

  /** The page holds the content of these entries. */
  compacted({ level: number, start, edition, entries }: PageGroup, page: PageRef): void {
    const level = this.#level(number);
    const others = entriesAt(level, start).filter((entry) => !entries.includes(entry));
    level.put(start, [...others, { page, level: number, slice: start, edition }]);
  }

  /** Forgets what no window that ends after this can use. */
  expire(expiredBefore: Watermark): void {
    for (const level of this.#levels) {
      level.expire((start) => endsUpTo(lastWindowEnd(start, this.#assign), expiredBefore));
    }
  }

  /** Whether the index has all blocks that adding to these slices and sealing up to there will change. */
  readyFor(slices: Iterable<Pick<PageEntry, 'slice'>>, watermark: Watermark): Answer<'ready'> {
    return answered((unread) => {
      for (const { slice } of slices) {
        for (const level of this.#levelsOf(slice)) level.entriesAt(level.floor(slice), unread);
      }
      for (const level of this.#levels) {
        const [from, to] = this.#sealing(level, watermark);
        for (const _ of level.below?.nodes(from, to, unread) ?? []);
      }
      return 'ready';
    });
  }

  supply(ref: BlockRef, content: BlockContent): void {
    this.#level(ref.level).supply(ref, content);
  }

  /** The entries of a block as its nodes. */
  nodesOf(level: number, entries: readonly PageEntry[]): PageNode[] {
    return this.#level(level).nodesOf(entries);
  }

  /** Levels to store now: where something changed, once that is much, and where blocks grow old. */
  outdated(isAging: IsAging, changesMax = CHANGES_MAX): Answer<OutdatedLevel[]> {
    const isMuch = this.kept().pages.length > changesMax;
    return answered((unread) => {
      const packed = packRoots(
        this.#levels.map((level) => level.rewritten(isMuch, isAging, unread) ?? level.roots),
      );
      return this.#levels.flatMap(({ number, roots }) => {
        const now = packed[number] ?? roots;
        return now === roots ? [] : [{ level: number, roots: now }];
      });
    });
  }

  /** The level is stored under these names. */
  stored(level: number, roots: readonly BlockRef[]): void {
    this.#level(level).stored(roots);
  }

  kept(): StoredIndex {
    return {
      pages: this.#levels.flatMap(({ changes }) => changes.flatMap(({ entries }) => entries)),
      blocks: this.#levels.flatMap(({ roots }) => roots),
      sealedUpTo: this.#sealedUpTo,
    };
  }

  #level(number: number): PageLevel {
    const level = this.#levels[number];
    if (!level) throw new InvariantViolation(`the page index has no level ${number}`);
    return level;
  }

  /** The levels that content of a slice goes to. */
  #levelsOf(slice: Slice): PageLevel[] {
    return this.#levels.filter(
      (level) => level === this.#slices || level.floor(slice) < level.sealedEnd(this.#sealedUpTo),
    );
  }

  /** Which nodes of a level (from 1) sealing up to there makes: those between two of its borders. */
  #sealing(level: PageLevel, watermark: Watermark): [from: Watermark, to: Watermark] {
    return [level.sealedEnd(this.#sealedUpTo), level.sealedEnd(watermark)];
  }
}

/** Entries of a node that changes in this run, so its block has been read. */
const entriesAt = (level: PageLevel, start: Slice): readonly PageEntry[] =>
  knownValue(answered((unread) => level.entriesAt(start, unread)));
