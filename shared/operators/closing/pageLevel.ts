/**
 * One level of the page index. Owns where its nodes begin and end, and how far they are sealed; the tree that they are kept in
 * is its base.
 */
import {
  type Duration,
  type EventTime,
  eventTime,
  later,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import type { Slice, WindowAssigner } from '../../model/window.ts';
import { BlockTree } from './blockTree.ts';
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
  /** The level whose nodes those of this one are made of; none below slices. */
  readonly below: PageLevel | undefined;
  readonly #offset: Duration;

  constructor(width: Duration, offset: Duration, below?: PageLevel) {
    super();
    this.number = below ? below.number + 1 : 0;
    this.width = width;
    this.below = below;
    this.#offset = offset;
  }

  /** The start of the node around this time, or the last border up to this mark; NO_WATERMARK stays what it is. */
  floor<Time extends EventTime | Watermark>(at: Time): Time {
    const { width } = this;
    return (Math.floor((at - this.#offset) / width) * width + this.#offset) as Time;
  }

  ceiling(at: EventTime): Slice {
    const start = this.floor(at);
    return start < at ? this.endOf(start) : start;
  }

  /** Where the node ends that starts here. */
  endOf(start: Slice): EventTime {
    return later(start, this.width);
  }

  /**
   * The end of the sealed nodes; of roll-ups only, since slices are not sealed. A node is sealed once the watermark is past
   * its end by a node of the level below: by then most of what comes out of order is here, and need not be added to
   * sealed nodes one by one.
   */
  sealedEnd(sealedUpTo: Watermark): Watermark {
    const slack = this.below?.width ?? this.width;
    return this.floor(watermarkAt(sealedUpTo - slack));
  }

  /** Entries of one block, or of what changed, node by node. */
  nodesOf(entries: readonly PageEntry[]): PageNode[] {
    const byStart = Map.groupBy(entries, ({ slice }) => this.floor(slice));
    return [...byStart]
      .map(([start, entries]) => ({ start, entries }))
      .sort((a, b) => a.start - b.start);
  }

  /** The name of a run of nodes; how many of them hold something is not known. */
  refOf({ run, ...ref }: RunRef): BlockRef {
    const first = eventTime(run * RUN_NODES * this.width + this.#offset);
    const last = eventTime(first + (RUN_NODES - 1) * this.width);
    return { ...ref, depth: 0, first, last };
  }
}

/** A window should need at most about this many nodes of the widest level; below it, rolling up gains nothing. */
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
