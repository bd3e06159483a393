/**
 * Which windows closing has to evaluate, and how far it has come once some of them are done. Pure.
 *
 * Nothing here holds a list of windows: there may be millions. The next one is found from the marks, from what the page
 * index holds, and from the ranges that fresh content touched.
 */
import { type EventTime, eventTime, type Watermark, watermarkAt } from '../../model/time.ts';
import {
  type Edition,
  firstWindowEnd,
  lastWindowEnd,
  nextWindowEnd,
  PLAIN_EDITION,
  type Slice,
  type WindowAssigner,
} from '../../model/window.ts';

export interface SliceEdition {
  readonly slice: Slice;
  readonly edition: Edition;
}

/** Window ends from the first to the last, a slide apart. */
export interface EndRange {
  readonly first: number;
  readonly last: number;
}

interface Marks {
  /** Windows that end up to here are closed. */
  readonly watermark: Watermark;
  /** Windows that end up to here were last written as final. */
  readonly finalUpTo: Watermark;
}

/** What lies between two places of closing. */
export interface Passage {
  readonly from: Marks;
  readonly to: Marks;
  /** Windows that had closed and got content since. */
  readonly corrected: readonly EndRange[];
  /** Windows ending up to here have lost slices: their rows stand as they are. */
  readonly expiredBefore: Watermark;
}

/** Finds windows that hold something. */
export interface Contents {
  /** The first end in `(after, upTo]`. */
  nextEnd(after: number, upTo: number): EventTime | undefined;
}

/**
 * The first window after that end which is due: it was corrected, has just become final, or has just been passed by the
 * watermark. Those of the first two kinds had closed, so all of them come before those of the third.
 */
export function nextDue(
  { from, to, corrected, expiredBefore }: Passage,
  contents: Contents,
  assign: WindowAssigner,
  after: number,
): EventTime | undefined {
  const past = Math.max(after, expiredBefore);
  const closed = [
    nextIn(corrected, assign, past),
    contents.nextEnd(Math.max(past, from.finalUpTo), Math.min(to.finalUpTo, from.watermark)),
  ].filter((end) => end !== undefined);
  if (closed.length > 0) return eventTime(Math.min(...closed));
  return contents.nextEnd(Math.max(past, from.watermark), to.watermark);
}

/** How far closing is when nothing that is due up to this end is left. Nothing that is left is passed over. */
export function passedTo(
  { from, to, corrected }: Passage,
  done: EventTime,
  assign: WindowAssigner,
) {
  const finalizable = Math.min(to.finalUpTo, from.watermark);
  return {
    watermark: watermarkAt(Math.max(from.watermark, Math.min(done, to.watermark))),
    finalUpTo: done >= finalizable ? to.finalUpTo : watermarkAt(Math.max(from.finalUpTo, done)),
    pending: endsWithin(corrected, assign, done, Number.POSITIVE_INFINITY),
  };
}

/** The window ends that contents touch. */
export function endRanges(contents: readonly SliceEdition[], assign: WindowAssigner): EndRange[] {
  return joined(
    contents.map((content) => endsOf(content, assign)),
    assign,
  );
}

/** The ends of the windows that take a content. */
export const endsOf = ({ slice, edition }: SliceEdition, assign: WindowAssigner): EndRange => ({
  first: edition === PLAIN_EDITION ? firstWindowEnd(slice, assign) : edition,
  last: lastWindowEnd(slice, assign),
});

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

/** Those of the ends that lie in `(after, upTo]`. */
export function endsWithin(
  ranges: readonly EndRange[],
  assign: WindowAssigner,
  after: number,
  upTo: number,
): EndRange[] {
  return ranges.flatMap((range) => {
    const first = Math.max(range.first, nextWindowEnd(after, assign));
    const last = Math.min(range.last, nextWindowEnd(upTo, assign) - assign.slide);
    return first <= last ? [{ first, last }] : [];
  });
}

function nextIn(
  ranges: readonly EndRange[],
  assign: WindowAssigner,
  after: number,
): EventTime | undefined {
  const range = ranges.find(({ last }) => last > after);
  return range && eventTime(Math.max(range.first, nextWindowEnd(after, assign)));
}
