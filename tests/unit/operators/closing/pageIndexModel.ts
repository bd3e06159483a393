/** Closing runs, as far as the index is concerned, over events that carry numbers instead of content. */
import { eventTime, processingTime, type Watermark } from '../../../../shared/model/time.ts';
import {
  type Edition,
  sliceOf,
  type TimeWindow,
  type WindowAssigner,
} from '../../../../shared/model/window.ts';
import type { Answer } from '../../../../shared/operators/closing/answer.ts';
import type { BlockContent, Child } from '../../../../shared/operators/closing/blockTree.ts';
import type {
  BlockRef,
  PageEntry,
  PageRef,
} from '../../../../shared/operators/closing/pageEntry.ts';
import { PageIndex } from '../../../../shared/operators/closing/pageIndex.ts';

export interface Stored {
  readonly at: number;
  readonly edition: Edition;
  readonly id: number;
}

export class IndexModel {
  readonly assign: WindowAssigner;
  readonly events: Stored[] = [];
  index: PageIndex;
  /** Blocks that were asked for since the index was opened. */
  blocksRead = 0;
  readonly #content = new Map<string, number[]>();
  readonly #blocks = new Map<string, BlockContent>();
  #fence = 0;
  #n = 0;

  constructor(assign: WindowAssigner) {
    this.assign = assign;
    this.index = new PageIndex(assign);
  }

  /** One run's fresh events, merged per slice and edition, several slices a page. */
  merge(fresh: readonly { at: number; edition: Edition }[], pages: number): void {
    this.#fence += 1;
    this.#n = pages;
    const groups = new Map<string, Omit<PageEntry, 'level'>>();
    for (const [i, { at, edition }] of fresh.entries()) {
      const slice = sliceOf(eventTime(at), this.assign);
      const name = `${slice}/${edition}`;
      const page = { fence: this.#fence, n: i % pages, parts: 1 };
      const entry = groups.get(name) ?? { page, slice, edition };
      groups.set(name, entry);
      const place = placeOf(entry);
      this.#content.set(place, [...(this.#content.get(place) ?? []), this.events.length]);
      this.events.push({ at, edition, id: this.events.length });
    }
    this.#answer(() => this.index.readyFor(groups.values(), this.#sealed));
    for (const entry of groups.values()) this.index.add(entry);
  }

  compact(watermark: Watermark): void {
    this.#answer(() => this.index.readyFor([], watermark));
    for (let level = 0; level < this.index.levelCount; level += 1) {
      if (level > 0) this.index.seal(level, watermark);
      for (const group of this.index.crowded(level)) {
        const page = this.#newPage();
        const entry = { page, slice: group.start, edition: group.edition };
        this.#content.set(placeOf(entry), this.#idsOf(group.entries));
        this.index.compacted(group, page);
      }
    }
    this.index.haveSealed(watermark);
  }

  /** What is kept between runs, when more than so many entries changed in blocks; then the next run's index. */
  reopen(changesMax: number): void {
    const outdated = this.#answer(() => this.index.outdated(() => false, changesMax));
    for (const { level, roots } of outdated) {
      this.index.stored(
        level,
        roots.map((child) => this.#stored(level, child)),
      );
    }
    this.index = new PageIndex(this.assign, this.index.kept());
    this.blocksRead = 0;
  }

  entriesOf(window: TimeWindow): PageEntry[] {
    return this.#answer(() => this.index.ofWindow(window));
  }

  /** The events that the window's entries hold, as often as they hold them. */
  idsIn(window: TimeWindow): number[] {
    return this.#idsOf(this.entriesOf(window));
  }

  get #sealed(): Watermark {
    return this.index.kept().sealedUpTo;
  }

  #stored(level: number, child: Child): BlockRef {
    if (!('content' in child)) return child;
    const { depth, first, last, content } = child;
    const block: BlockContent =
      content.kind === 'nodes'
        ? content
        : { kind: 'refs', refs: content.children.map((each) => this.#stored(level, each)) };
    const { fence, n } = this.#newPage();
    this.#blocks.set(`${fence}#${n}`, block);
    return { level, depth, first, last, fence, n, expiresAt: processingTime(0) };
  }

  #newPage(): PageRef {
    const n = this.#n;
    this.#n += 1;
    return { fence: this.#fence, n, parts: 1 };
  }

  #answer<T>(question: () => Answer<T>): T {
    for (;;) {
      const answer = question();
      if (answer.kind === 'known') return answer.value;
      for (const ref of answer.refs) {
        this.blocksRead += 1;
        const block = this.#blocks.get(`${ref.fence}#${ref.n}`);
        if (block) this.index.supply(ref, block);
      }
    }
  }

  #idsOf(entries: readonly PageEntry[]): number[] {
    return entries
      .flatMap((entry) => this.#content.get(placeOf(entry)) ?? [])
      .sort((a, b) => a - b);
  }
}

const placeOf = ({ page, slice, edition }: Omit<PageEntry, 'level'>) =>
  `${page.fence}#${page.n} ${slice} ${edition}`;
