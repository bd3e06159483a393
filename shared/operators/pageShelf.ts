/**
 * One level of the page index. A *node* is a range of the level's width; the shelf says which entries hold it.
 *
 * Nodes that changed lately are at hand. All others are in *blocks*, runs of neighbouring nodes that are stored apart,
 * never change, and are supplied when somebody asks for one of their nodes. So what a closing run handles follows from
 * what is new, not from what is stored.
 */
import { InvariantViolation } from '../errors.ts';
import { type Duration, eventTime } from '../model/time.ts';
import type { Slice } from '../model/window.ts';
import type { BlockRef, PageEntry } from './pageEntry.ts';

/** Nodes of a block. More make fewer blocks to name in `closing`, and larger ones to read and to write again. */
const BLOCK_NODES = 256;

/** The entries of each node, by its start. */
export type BlockNodes = ReadonlyMap<Slice, readonly PageEntry[]>;

interface Block {
  ref?: BlockRef;
  /** What is stored under `ref`; undefined until it is supplied. */
  stored?: BlockNodes;
  readonly changed: Map<Slice, readonly PageEntry[]>;
}

const NOTHING: readonly PageEntry[] = [];

export class PageShelf {
  readonly level: number;
  readonly width: Duration;
  readonly #offset: Duration;
  readonly #blocks = new Map<number, Block>();
  readonly #onUnread: (ref: BlockRef) => void;

  /** @param onUnread hears of a block that an answer needs and that was not supplied; the answer is then wrong. */
  constructor(level: number, width: Duration, offset: Duration, onUnread: (ref: BlockRef) => void) {
    this.level = level;
    this.width = width;
    this.#offset = offset;
    this.#onUnread = onUnread;
  }

  /** The start of the node that holds this moment, or the border at it; infinity stays what it is. */
  floor(at: number): Slice {
    const { width } = this;
    return eventTime(Math.floor((at - this.#offset) / width) * width + this.#offset);
  }

  ceiling(at: number): Slice {
    const start = this.floor(at);
    return start < at ? eventTime(start + this.width) : start;
  }

  partsOf(start: Slice): readonly PageEntry[] {
    const block = this.#blocks.get(this.#numberOf(start));
    return block ? this.#partsIn(block, start) : NOTHING;
  }

  put(start: Slice, parts: readonly PageEntry[]): void {
    this.#blockAt(this.#numberOf(start)).changed.set(start, parts);
  }

  /** Nodes that hold something and begin in `[from, to)`, ascending. Gaps between blocks cost nothing. */
  *nodes(from: number, to: number): Generator<{ start: Slice; parts: readonly PageEntry[] }> {
    if (!(from < to)) return;
    const span = this.width * BLOCK_NODES;
    for (const number of this.#numbersIn(from, to)) {
      const block = this.#blocks.get(number);
      if (!block) continue;
      const begin = number * span + this.#offset;
      const end = Math.min(to, begin + span);
      for (let at = Math.max(begin, this.ceiling(from)); at < end; at += this.width) {
        const parts = this.#partsIn(block, eventTime(at));
        if (parts.length > 0) yield { start: eventTime(at), parts };
      }
    }
  }

  /** Entries of the nodes that changed since their block was stored. */
  *changes(): Generator<PageEntry> {
    for (const { changed } of this.#blocks.values()) {
      for (const parts of changed.values()) yield* parts;
    }
  }

  /** Takes in what `changes` gave when it was kept. */
  restore(entry: PageEntry): void {
    const start = this.floor(entry.slice);
    const { changed } = this.#blockAt(this.#numberOf(start));
    changed.set(start, [...(changed.get(start) ?? NOTHING), entry]);
  }

  *refs(): Generator<BlockRef> {
    for (const { ref } of this.#blocks.values()) if (ref) yield ref;
  }

  /** The block is stored; what it holds has still to be supplied. */
  name(ref: BlockRef): void {
    this.#blockAt(ref.block).ref = ref;
  }

  supply({ block }: BlockRef, nodes: BlockNodes): void {
    this.#blockAt(block).stored = nodes;
  }

  /** Numbers of the blocks that are to be stored, asked with their name and the number of their changed nodes. */
  outdated(isDue: (ref: BlockRef | undefined, changes: number) => boolean): number[] {
    return [...this.#blocks]
      .filter(([, { ref, changed }]) => isDue(ref, changed.size))
      .map(([number]) => number);
  }

  /** All that a block holds, in the order of time. */
  contentOf(number: number): PageEntry[] {
    const span = this.width * BLOCK_NODES;
    const begin = number * span + this.#offset;
    return [...this.nodes(begin, begin + span)].flatMap(({ parts }) => parts);
  }

  /** The block's content is stored under this name now. */
  replace(ref: BlockRef, nodes: BlockNodes): void {
    this.#blocks.set(ref.block, { ref, stored: nodes, changed: new Map() });
  }

  /** Entries of one block, node by node. */
  nodesOf(entries: readonly PageEntry[]): BlockNodes {
    const nodes = new Map<Slice, PageEntry[]>();
    for (const entry of entries) {
      const start = this.floor(entry.slice);
      const parts = nodes.get(start);
      if (parts) parts.push(entry);
      else nodes.set(start, [entry]);
    }
    return nodes;
  }

  /** Forgets the nodes that are gone; they are the oldest. */
  expire(isGone: (start: Slice) => boolean): void {
    for (const [number, { changed }] of this.#blocks) {
      const last = (number * BLOCK_NODES + BLOCK_NODES - 1) * this.width + this.#offset;
      if (isGone(eventTime(last))) this.#blocks.delete(number);
      else for (const start of changed.keys()) if (isGone(start)) changed.delete(start);
    }
  }

  #partsIn(block: Block, start: Slice): readonly PageEntry[] {
    const changed = block.changed.get(start);
    if (changed) return changed;
    if (block.ref && !block.stored) this.#onUnread(block.ref);
    return block.stored?.get(start) ?? NOTHING;
  }

  #numbersIn(from: number, to: number): number[] {
    const first = this.#numberOf(from);
    const last = this.#numberOf(to);
    if (last - first > this.#blocks.size) {
      const within = [...this.#blocks.keys()].filter((each) => each >= first && each <= last);
      return within.sort((a, b) => a - b);
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  }

  #numberOf(at: number): number {
    return Math.floor((at - this.#offset) / (this.width * BLOCK_NODES));
  }

  #blockAt(number: number): Block {
    const known = this.#blocks.get(number);
    if (known) return known;
    const block: Block = { changed: new Map() };
    this.#blocks.set(number, block);
    return block;
  }
}

export function refuseUnread({ level, block }: BlockRef): never {
  throw new InvariantViolation(`block ${block} of level ${level} was asked before it was read`);
}
