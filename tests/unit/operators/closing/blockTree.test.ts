/** The tree of blocks: the same nodes as a map, whatever their order and gaps, and few blocks for any question. */
import { describe, expect, it } from 'vitest';
import { type Duration, eventTime, processingTime } from '../../../../shared/model/time.ts';
import type { BlockContent, Child } from '../../../../shared/operators/closing/blockTree.ts';
import { packed } from '../../../../shared/operators/closing/packRoots.ts';
import type { BlockRef, PageEntry } from '../../../../shared/operators/closing/pageEntry.ts';
import { PageShelf } from '../../../../shared/operators/closing/pageLevel.ts';

const GAP_MS = 3_600_000;
const ROOTS_MAX = 8;
const PACKED = 4;

/** A shelf whose blocks are stored after every so many changes. */
class StoredShelf {
  #shelf = this.#opened([]);
  readonly #blocks = new Map<number, BlockContent>();
  #unread: BlockRef[] = [];
  #next = 1;
  blocksRead = 0;

  put(start: number): void {
    this.#shelf.put(eventTime(start), [entry(start)]);
  }

  store(): void {
    let roots = this.#answer(() => this.#shelf.rewritten(true, () => false) ?? this.#shelf.roots);
    while (roots.length > ROOTS_MAX) roots = packed(roots, PACKED);
    this.#shelf = this.#opened(roots.map((child) => this.#stored(child)));
  }

  get roots(): readonly BlockRef[] {
    return this.#shelf.roots;
  }

  nodes(from: number, to: number): number[] {
    return this.#answer(() => [...this.#shelf.nodes(from, to)].map(({ start }) => start));
  }

  has(start: number): boolean {
    return this.#answer(() => this.#shelf.partsOf(eventTime(start)).length > 0);
  }

  expire(before: number): void {
    this.#shelf.expire((start) => start < before);
  }

  #opened(roots: readonly BlockRef[]): PageShelf {
    const shelf = new PageShelf(0, 1_000 as Duration, 0 as Duration, (ref) => {
      this.#unread.push(ref);
    });
    shelf.name(roots);
    return shelf;
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

  #answer<T>(question: () => T): T {
    for (;;) {
      this.#unread = [];
      const answer = question();
      if (this.#unread.length === 0) return answer;
      for (const ref of this.#unread) {
        this.blocksRead += 1;
        this.#shelf.supply(ref, this.#blocks.get(ref.n) as BlockContent);
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
  const shelf = new StoredShelf();
  for (let i = 0; i < NODES; i += 1) {
    shelf.put(place(i) * GAP_MS);
    if (i % 500 === 499) shelf.store();
  }
  const all = Array.from({ length: NODES }, (__, i) => i * GAP_MS);

  it('are all there, in order, and nothing else is', () => {
    expect(shelf.nodes(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toEqual(all);
    expect(shelf.has(7 * GAP_MS)).toBe(true);
    expect(shelf.has(7 * GAP_MS + 1_000)).toBe(false);
    expect(shelf.roots.length).toBeLessThanOrEqual(ROOTS_MAX);
  });

  it('are found in as many blocks as the tree is deep', () => {
    shelf.store();
    const depth = Math.max(...shelf.roots.map((root) => root.depth)) + 1;
    expect(depth).toBeLessThanOrEqual(4);
    for (const at of [0, 9_999, NODES - 1]) {
      shelf.store();
      shelf.blocksRead = 0;
      expect(shelf.nodes(at * GAP_MS - 1, at * GAP_MS + 1)).toEqual([at * GAP_MS]);
      expect(shelf.blocksRead).toBeLessThanOrEqual(depth);
    }
  });

  it('leave without a read when they have expired', () => {
    shelf.store();
    shelf.blocksRead = 0;
    shelf.expire(NODES * GAP_MS);
    expect(shelf.roots).toEqual([]);
    expect(shelf.blocksRead).toBe(0);
  });
});
