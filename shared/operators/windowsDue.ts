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
  /** Ends of windows with content that pages hold, those at least that are open or not final. */
  readonly open: readonly EndRange[];
  /** Content that this run read. */
  readonly fresh: readonly SliceEdition[];
  readonly watermark: { readonly before: Watermark; readonly after: Watermark };
  readonly finalUpTo: { readonly before: Watermark; readonly after: Watermark };
  /** Windows ending up to here have lost slices: their rows stand as they are. */
  readonly expiredBefore: Watermark;
}

/** Window ends, ascending, by why they are due; an end may be in two lists. */
export interface WindowsDue {
  /** Had closed and got fresh content. */
  readonly corrected: readonly EventTime[];
  /** The watermark has just passed them. */
  readonly closing: readonly EventTime[];
  /** Had closed and have just become final. */
  readonly finalized: readonly EventTime[];
}

/** Window ends from the first to the last, a slide apart. */
export interface EndRange {
  readonly first: number;
  readonly last: number;
}

/** Linear in what is fresh and in windows found: gaps in the data cost nothing. Only windows with content are found. */
export function windowsDue(question: DueQuestion): WindowsDue {
  const { assign, watermark, finalUpTo, expiredBefore } = question;
  const fresh = endRanges(question.fresh, assign);
  const all = joined([...question.open, ...fresh], assign);
  const between = (ranges: readonly EndRange[], after: number, upTo: number) =>
    endsBetween(ranges, assign, Math.max(after, expiredBefore), upTo);
  const { before } = watermark;
  return {
    corrected: between(fresh, Number.NEGATIVE_INFINITY, before),
    closing: between(all, before, watermark.after),
    finalized: between(all, finalUpTo.before, Math.min(finalUpTo.after, before)),
  };
}

/** The window ends that contents touch. */
export function endRanges(contents: readonly SliceEdition[], assign: WindowAssigner): EndRange[] {
  const ranges = contents.map(({ slice, edition }) => ({
    first: edition === PLAIN_EDITION ? firstWindowEnd(slice, assign) : edition,
    last: lastWindowEnd(slice, assign),
  }));
  return joined(ranges, assign);
}

/** The same ends in as few ranges as there are gaps, in order. */
export function joined(ranges: readonly EndRange[], assign: WindowAssigner): EndRange[] {
  const few: EndRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const open = few.at(-1);
    if (open && range.first <= open.last + assign.slide) {
      few[few.length - 1] = { first: open.first, last: Math.max(open.last, range.last) };
    } else few.push(range);
  }
  return few;
}

/** The ends in `(after, upTo]`. */
function endsBetween(
  ranges: readonly EndRange[],
  assign: WindowAssigner,
  after: number,
  upTo: number,
): EventTime[] {
  const ends: EventTime[] = [];
  for (const { first, last } of ranges) {
    const skipped = after >= first ? Math.floor((after - first) / assign.slide) + 1 : 0;
    const stop = Math.min(last, upTo);
    for (let end = first + skipped * assign.slide; end <= stop; end += assign.slide) {
      ends.push(eventTime(end));
    }
  }
  return ends;
}
