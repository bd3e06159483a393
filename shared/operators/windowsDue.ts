/** Which windows a closing run has to evaluate. Pure. */
import { type EventTime, eventTime, type Watermark } from '../model/time.ts';
import {
  type Edition,
  firstWindowEnd,
  lastWindowEnd,
  PLAIN_EDITION,
  type Slice,
  type WindowAssigner,
} from '../model/window.ts';

export interface SliceEdition {
  readonly slice: Slice;
  readonly edition: Edition;
}

export interface DueQuestion {
  readonly assign: WindowAssigner;
  /** Content that pages hold, and content that this run read. */
  readonly merged: Iterable<SliceEdition>;
  readonly fresh: Iterable<SliceEdition>;
  readonly watermark: { readonly before: Watermark; readonly after: Watermark };
  readonly finalUpTo: { readonly before: Watermark; readonly after: Watermark };
}

/**
 * Ends, ascending, of the windows with content that (a) the watermark has just passed, (b) had closed and
 * got fresh content, or (c) had closed and have just become final. Linear in slices and windows found: gaps
 * in the data cost nothing.
 */
export function windowsDue(question: DueQuestion): EventTime[] {
  const { assign, watermark, finalUpTo } = question;
  const ends = new Set<number>();
  const fresh = endRanges(question.fresh, assign);
  const merged = endRanges(question.merged, assign);
  addEnds(ends, fresh, assign, Number.NEGATIVE_INFINITY, watermark.after);
  addEnds(ends, merged, assign, watermark.before, watermark.after);
  addEnds(ends, merged, assign, finalUpTo.before, Math.min(finalUpTo.after, watermark.after));
  return [...ends].sort((a, b) => a - b).map(eventTime);
}

interface EndRange {
  readonly first: number;
  readonly last: number;
}

/** The window ends that contents touch, as ranges that do not overlap. */
function endRanges(contents: Iterable<SliceEdition>, assign: WindowAssigner): EndRange[] {
  const sorted = [...contents]
    .map(({ slice, edition }) => ({
      first: edition === PLAIN_EDITION ? firstWindowEnd(slice, assign) : edition,
      last: lastWindowEnd(slice, assign),
    }))
    .sort((a, b) => a.first - b.first);
  const ranges: EndRange[] = [];
  for (const range of sorted) {
    const open = ranges.at(-1);
    if (open && range.first <= open.last) {
      ranges[ranges.length - 1] = { first: open.first, last: Math.max(open.last, range.last) };
    } else ranges.push(range);
  }
  return ranges;
}

/** Adds the ends in `(after, upTo]`. */
function addEnds(
  ends: Set<number>,
  ranges: readonly EndRange[],
  assign: WindowAssigner,
  after: number,
  upTo: number,
): void {
  for (const { first, last } of ranges) {
    const skipped = after >= first ? Math.floor((after - first) / assign.slide) + 1 : 0;
    for (
      let end = first + skipped * assign.slide;
      end <= Math.min(last, upTo);
      end += assign.slide
    ) {
      ends.add(end);
    }
  }
}
