/** What the page index is made of, as `closing` keeps it. */
import type { ProcessingTime, Watermark } from '../model/time.ts';
import type { Edition, Slice } from '../model/window.ts';

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
  /** Of what was gathered, the latest. */
  readonly edition: Edition;
}

/** Names a stored block of nodes, written as a page is. */
export interface BlockRef {
  readonly level: number;
  /** Which run of so many nodes, counted from the epoch. */
  readonly block: number;
  readonly fence: number;
  readonly n: number;
  readonly expiresAt: ProcessingTime;
}

/** What is kept of an index between runs. */
export interface StoredIndex {
  /** All entries of the nodes that changed since their block was stored. */
  readonly pages: readonly PageEntry[];
  readonly blocks: readonly BlockRef[];
  /** The watermark up to which levels above 0 were made. */
  readonly sealedUpTo: Watermark;
}
