/** One level of the page index: where its nodes begin, and the tree that they are kept in. */
import { type Duration, eventTime } from '../../model/time.ts';
import type { Slice } from '../../model/window.ts';
import { BlockTree, type OnUnread } from './blockTree.ts';
import {
  type BlockRef,
  type PageEntry,
  type PageNode,
  RUN_NODES,
  type RunRef,
} from './pageEntry.ts';

export class PageLevel extends BlockTree {
  /** 0: of slices; from 1: of roll-ups. */
  readonly number: number;
  readonly width: Duration;
  readonly #offset: Duration;

  constructor(number: number, width: Duration, offset: Duration, onUnread: OnUnread) {
    super(onUnread);
    this.number = number;
    this.width = width;
    this.#offset = offset;
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

  /** Entries of one block, or of what changed, node by node. */
  nodesOf(entries: readonly PageEntry[]): PageNode[] {
    const byStart = Map.groupBy(entries, ({ slice }) => this.floor(slice));
    return [...byStart]
      .map(([start, parts]) => ({ start, parts }))
      .sort((a, b) => a.start - b.start);
  }

  /** The name of a run of nodes; how many of them hold something is not known. */
  refOf({ run, ...ref }: RunRef): BlockRef {
    const first = eventTime(run * RUN_NODES * this.width + this.#offset);
    const last = eventTime(first + (RUN_NODES - 1) * this.width);
    return { ...ref, depth: 0, first, last };
  }
}
