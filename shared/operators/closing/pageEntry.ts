/**
 * What the page index is made of, as `closing` keeps it: entries that point to pages, nodes that hold entries, and names of
 * stored blocks of nodes. Types only; the stored form is in `state/closing`.
 */
import type { EventTime, ProcessingTime, Watermark } from '../../model/time.ts';
import type { Edition, Slice } from '../../model/window.ts';

/** A place in event time: of what happened, or as far as a watermark has come. */
export type Moment = EventTime | Watermark;

/** Names a page: the fence of the run that wrote it and a number within the run. */
export interface PageRef {
  readonly fence: number;
  readonly n: number;
  /** Items that the page is stored in; large slices need several. */
  readonly parts: number;
}

/** Says which content of which page belongs to a node: the one of this level in whose range the slice lies. */
export interface PageEntry {
  readonly page: PageRef;
  /** 0: slices; from 1: ranges of `rollUpWidths(...)[level - 1]`. */
  readonly level: number;
  /** Start of the content that is meant: of a slice, or of a range that was rolled up. */
  readonly slice: Slice;
  /** Of compacted content the latest edition in it. */
  readonly edition: Edition;
}

/** A range of a level's width, and the entries that hold it. */
export interface PageNode {
  readonly start: Slice;
  readonly entries: readonly PageEntry[];
}

/** Entries of a node that are worth one page. */
export interface PageGroup {
  readonly level: number;
  readonly start: Slice;
  /** The latest edition of the entries: only windows that take it can use their page. */
  readonly edition: Edition;
  readonly entries: readonly PageEntry[];
}

/** Names a stored block of nodes, or of names of such blocks, written as a page is. */
export interface BlockRef {
  readonly level: number;
  /** 0: the block holds nodes; above: names of blocks, all of lower depths. */
  readonly depth: number;
  /** All nodes that it leads to start in `[first, last]`. */
  readonly first: Slice;
  readonly last: Slice;
  readonly fence: number;
  readonly n: number;
  /** When the first item expires of the block and all blocks below it. */
  readonly expiresAt: ProcessingTime;
}

/** A block as format 1 names it: by the number of a run of `RUN_NODES` nodes, counted from the epoch. */
export interface RunRef {
  readonly level: number;
  readonly run: number;
  readonly fence: number;
  readonly n: number;
  readonly expiresAt: ProcessingTime;
}

export const RUN_NODES = 256;

/** What is kept of an index between runs. */
export interface StoredIndex {
  /** All entries of the nodes that changed since their block was stored. */
  readonly pages: readonly PageEntry[];
  /** Of each level, in the order of time. */
  readonly blocks: readonly BlockRef[];
  /** Blocks as older code named them. */
  readonly runs?: readonly RunRef[] | undefined;
  /** The watermark up to which levels above 0 were made. */
  readonly sealedUpTo: Watermark;
}
