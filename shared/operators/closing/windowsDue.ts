/**
 * Which windows closing has to evaluate, and how far it has come once some of them are done. Pure.
 *
 * Owns: what makes a window due, and ranges of window ends. Does not own: how far the watermarks go (`jobWatermark.ts`), and
 * which windows have content (`pageIndex.ts`).
 *
 * Nothing here holds a list of windows: there may be millions. The next one is found from the marks, from what the page
 * index holds, and from the ranges that fresh content touched.
 */
import { type EventTime, earliest, isBefore, latest, type Watermark } from '../../model/time.ts';
import {
  type Edition,
  endsUpTo,
  firstWindowEnd,
  lastEndUpTo,
  lastWindowEnd,
  nextWindowEnd,
  PLAIN_EDITION,
  type Slice,
  type WindowAssigner,
} from '../../model/window.ts';
import { type Answer, known, unreadOfBoth } from './answer.ts';

export interface SliceEdition {
  readonly slice: Slice;
  readonly edition: Edition;
}

/** Window ends from the first to the last, and all between. */
export interface EndRange {
  readonly first: EventTime;
  readonly last: EventTime;
}

/** Watermarks, since what is said of windows up to an end goes on with the watermark, and begins before any. */
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
  nextEnd(after: Watermark, upTo: Watermark): Answer<EventTime | undefined>;
}

/**
 * The first window that is due after those up to `after`: it was corrected, has just become final, or has just been passed
 * by the watermark. Those of the first two kinds had closed, so all of them come before those of the third.
 */
export function nextDue(
  { from, to, corrected, expiredBefore }: Passage,
  contents: Contents,
  assign: WindowAssigner,
  after: Watermark,
): Answer<EventTime | undefined> {
  const past = latest(after, expiredBefore);
  const correction = nextIn(corrected, assign, past);
  const final = contents.nextEnd(
    latest(past, from.finalUpTo),
    earliest(to.finalUpTo, from.watermark),
  );
  if (final.kind === 'known') {
    const closed = firstOf(correction, final.value);
    if (closed !== undefined) return known(closed);
  } else if (correction !== undefined) return final;
  const passed = contents.nextEnd(latest(past, from.watermark), to.watermark);
  // Whichever it will be: what the two lack is read together.
  return final.kind === 'known' ? passed : unreadOfBoth(final, passed);
}

/** How far closing is once all that is due up to this mark is done. No mark passes a window that is left to do. */
export function passedTo(
  { from, to, corrected }: Passage,
  done: Watermark,
  assign: WindowAssigner,
) {
  const finalizable = earliest(to.finalUpTo, from.watermark);
  return {
    watermark: latest(from.watermark, earliest(done, to.watermark)),
    finalUpTo: !isBefore(done, finalizable) ? to.finalUpTo : latest(from.finalUpTo, done),
    pending: endsAfter(corrected, assign, done),
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
    if (open && range.first <= nextWindowEnd(open.last, assign)) {
      few[few.length - 1] = { first: open.first, last: latest(open.last, range.last) };
    } else few.push(range);
  }
  return few;
}

/** Those of the ends that lie in `(after, upTo]`. */
export function endsWithin(
  ranges: readonly EndRange[],
  assign: WindowAssigner,
  after: Watermark,
  upTo: Watermark,
): EndRange[] {
  const end = lastEndUpTo(upTo, assign);
  return endsAfter(ranges, assign, after).flatMap(({ first, last }) =>
    first <= end ? [{ first, last: last < end ? last : end }] : [],
  );
}

/** Those of the ends that lie behind a mark. */
function endsAfter(
  ranges: readonly EndRange[],
  assign: WindowAssigner,
  after: Watermark,
): EndRange[] {
  const next = nextWindowEnd(after, assign);
  return ranges.flatMap(({ first, last }) =>
    next <= last ? [{ first: latest(first, next), last }] : [],
  );
}

/** The first of the ends that lies behind a mark. */
function nextIn(
  ranges: readonly EndRange[],
  assign: WindowAssigner,
  after: Watermark,
): EventTime | undefined {
  const range = ranges.find(({ last }) => !endsUpTo(last, after));
  return range && latest(range.first, nextWindowEnd(after, assign));
}

function firstOf(a: EventTime | undefined, b: EventTime | undefined): EventTime | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return earliest(a, b);
}
