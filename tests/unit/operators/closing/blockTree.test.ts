/** The tree of blocks: the same nodes as a map, whatever their order and gaps, and few blocks for any question. */
import { describe, expect, it } from 'vitest';
import { eventTime, NO_WATERMARK, processingTime, seconds } from '../../../../shared/model/time.ts';
import { answered } from '../../../../shared/operators/closing/answer.ts';
import type { BlockContent, Child } from '../../../../shared/operators/closing/blockTree.ts';
import { packed } from '../../../../shared/operators/closing/packRoots.ts';
import type {
  BlockRef,
  Moment,
  PageEntry,
} from '../../../../shared/operators/closing/pageEntry.ts';
import { PageLevel } from '../../../../shared/operators/closing/pageLevel.ts';

const GAP_MS = 3_600_000;
const ROOTS_MAX = 8;
const PACKED = 4;

/** A level whose blocks are stored after every so many changes. */
class StoredLevel {
  #level = this.#opened([]);
  readonly #blocks = new Map<number, BlockContent>();
  #next = 1;
  blocksRead = 0;

  put(start: number): void {
    this.#level.put(eventTime(start), [entry(start)]);
  }

  store(): void {
    const rewritten = this.#answer((unread) => this.#level.rewritten(true, () => false, unread));
    let roots: readonly Child[] = rewritten ?? this.#level.roots;
    while (roots.length > ROOTS_MAX) roots = packed(roots, PACKED);
    this.#level = this.#opened(roots.map((child) => this.#stored(child)));
  }

  get roots(): readonly BlockRef[] {
    return this.#level.roots;
  }

  nodes(from: Moment, to: Moment): number[] {
    return this.#answer((unread) =>
      [...this.#level.nodes(from, to, unread)].map(({ start }) => start),
    );
  }

  has(start: number): boolean {
    return this.#answer((unread) => this.#level.entriesAt(eventTime(start), unread).length > 0);
  }

  expire(before: number): void {
    this.#level.expire((start) => start < before);
  }

  #opened(roots: readonly BlockRef[]): PageLevel {
    const level = new PageLevel(seconds(1), seconds(0));
    level.name(roots);
    return level;
  }

  #stored(child: Child): BlockRef {
    if (!('content' in child)) return child;
    const { depth, first, last, content } = child;
    const block: BlockContent =
      content.kind === 'nodes'
        ? content
        : { kind: 'refs', refs: content.children.map((each) => this.#stored(each)) };
    const n = this.#next;
    this.#next += 1;
    this.#blocks.set(n, block);
    return { level: 0, depth, first, last, fence: 1, n, expiresAt: processingTime(0) };
  }

  #answer<T>(question: (unread: Set<BlockRef>) => T): T {
    for (;;) {
      const answer = answered(question);
      if (answer.kind === 'known') return answer.value;
      for (const ref of answer.refs) {
        this.blocksRead += 1;
        this.#level.supply(ref, this.#blocks.get(ref.n) as BlockContent);
      }
    }
  }
}

const entry = (start: number): PageEntry => ({
  page: { fence: 1, n: 0, parts: 1 },
  level: 0,
  slice: eventTime(start),
  edition: 0,
});

const NODES = 20_000;
/** Every place once, in an order that jumps. */
const jumping = (i: number): number => (i * 7_919) % NODES;

describe.each([
  ['in the order of time', (i: number) => i],
  ['against it', (i: number) => NODES - 1 - i],
  ['in no order', jumping],
])('20,000 nodes an hour apart that come %s', (_, place) => {
  const level = new StoredLevel();
  for (let i = 0; i < NODES; i += 1) {
    level.put(place(i) * GAP_MS);
    if (i % 500 === 499) level.store();
  }
  const all = Array.from({ length: NODES }, (__, i) => i * GAP_MS);

  it('are all there, in order, and nothing else is', () => {
    expect(level.nodes(NO_WATERMARK, eventTime(NODES * GAP_MS))).toEqual(all);
    expect(level.has(7 * GAP_MS)).toBe(true);
    expect(level.has(7 * GAP_MS + 1_000)).toBe(false);
    expect(level.roots.length).toBeLessThanOrEqual(ROOTS_MAX);
  });

  it('are found in as many blocks as the tree is deep', () => {
    level.store();
    const depth = Math.max(...level.roots.map((root) => root.depth)) + 1;
    expect(depth).toBeLessThanOrEqual(4);
    for (const at of [0, 9_999, NODES - 1]) {
      level.store();
      level.blocksRead = 0;
      expect(level.nodes(eventTime(at * GAP_MS - 1), eventTime(at * GAP_MS + 1))).toEqual([
        at * GAP_MS,
      ]);
      expect(level.blocksRead).toBeLessThanOrEqual(depth);
    }
  });

  it('leave without a read when they have expired', () => {
    level.store();
    level.blocksRead = 0;
    level.expire(NODES * GAP_MS);
    expect(level.roots).toEqual([]);
    expect(level.blocksRead).toBe(0);
  });
});
