/**
 * Windows, and the slices they are cut into.
 *
 * Owns: which windows a time belongs to, which slice it updates, and the one place where "closed", "final"
 * and "too late" are decided. Does not own: watermarks' movement, storage.
 *
 * 1. Windows are half open `[start, end)`, aligned to the epoch plus an offset, or to the days of a zone.
 * 2. A slice's width divides both size and slide, so a slice lies wholly inside or outside any window.
 * 3. An event too late for the older of its windows goes into the *edition* of its slice that is tagged
 *    with the first window end that still takes it; a window reads the plain slice and the editions
 *    tagged at or before its own end.
 */
import { JobDefinitionError } from '../errors.ts';
import { type CalendarDays, calendarDays } from './calendarDays.ts';
import {
  type Duration,
  days,
  type EventTime,
  eventTime,
  hasPassed,
  justBefore,
  minutes,
  type Watermark,
} from './time.ts';

export interface TimeWindow {
  readonly start: EventTime;
  readonly end: EventTime;
}

export interface WindowAssigner {
  readonly kind: 'tumbling' | 'sliding';
  readonly size: Duration;
  readonly slide: Duration;
  readonly offset: Duration;
  readonly sliceWidth: Duration;
  /** Where windows are whole days of a zone: `size` and `slide` are then what they mostly are. */
  readonly days?: CalendarDays;
}

/** Start of a slice (ms of event time): identifies it within a job. */
export type Slice = EventTime;
/** What every window of the slice takes. */
export const PLAIN_EDITION = 0 as const;
/** Plain, or the end of the first window that takes this content (see rule 3). */
export type Edition = typeof PLAIN_EDITION | EventTime;

const WIDEST_SLICE = minutes(5);
const SLICES_PER_WINDOW_MAX = 10_000;

/**
 * Windows of `size` that follow one another without overlap. With a `zone`, windows of whole days are those of its calendar: the day on which
 * clocks are set forward has 23 hours there.
 * @throws JobDefinitionError for a zone with a size that is not whole days, or with an offset
 */
export function tumbling(
  options: { size: Duration; offset?: Duration } | { size: Duration; zone: string },
): WindowAssigner {
  if (!('zone' in options)) {
    return assigner('tumbling', options.size, options.size, options.offset);
  }
  const { size, zone } = options;
  const fixed = assigner('tumbling', size, size);
  if (size % days(1) !== 0) {
    throw new JobDefinitionError(
      `window size is ${size} ms, which is not whole days; give a multiple of ${days(1)} ms, or no zone`,
    );
  }
  return isUtc(zone) ? fixed : { ...fixed, days: calendarDays(zone, size / days(1)) };
}

/** Whose days are all of 24 hours, from the epoch on. */
const isUtc = (zone: string): boolean => zone === 'UTC';

/** Windows of `size` that start every `slide`; a slide above the size would skip events and is refused. */
export function sliding(options: {
  size: Duration;
  slide: Duration;
  offset?: Duration;
}): WindowAssigner {
  return assigner('sliding', options.size, options.slide, options.offset);
}

function assigner(
  kind: WindowAssigner['kind'],
  size: Duration,
  slide: Duration,
  offset: Duration = 0 as Duration,
): WindowAssigner {
  for (const [name, value] of [
    ['size', size],
    ['slide', slide],
  ] as const) {
    if (!Number.isSafeInteger(value) || value <= 0) {
      throw new JobDefinitionError(
        `window ${name} is ${value} ms; give a whole number of milliseconds above 0`,
      );
    }
  }
  if (!Number.isSafeInteger(offset) || offset < 0 || offset >= slide) {
    throw new JobDefinitionError(
      `window offset is ${offset} ms; give 0 to below the slide (${slide} ms)`,
    );
  }
  if (slide > size) {
    throw new JobDefinitionError(
      `slide (${slide} ms) is above size (${size} ms): events between windows would be lost; ` +
        'make the slide at most the size',
    );
  }
  const sliceWidth = widestSlice(size, slide);
  if (size / sliceWidth > SLICES_PER_WINDOW_MAX) {
    throw new JobDefinitionError(
      `size ${size} ms and slide ${slide} ms need ${size / sliceWidth} slices a window; ` +
        `at most ${SLICES_PER_WINDOW_MAX} are supported: choose a slide with a larger common divisor`,
    );
  }
  return { kind, size, slide, offset, sliceWidth };
}

function widestSlice(size: number, slide: number): Duration {
  const divisor = greatestCommonDivisor(size, slide);
  let parts = Math.ceil(divisor / WIDEST_SLICE);
  while (divisor % parts !== 0) parts += 1;
  return (divisor / parts) as Duration;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

export function sliceOf(at: EventTime, assign: WindowAssigner): Slice {
  return eventTime(
    Math.floor((at - assign.offset) / assign.sliceWidth) * assign.sliceWidth + assign.offset,
  );
}

/** The first end of a window above this time or mark; NO_WATERMARK stays what it is. */
export function nextWindowEnd(after: EventTime | Watermark, assign: WindowAssigner): EventTime {
  if (assign.days) return eventTime(assign.days.startAfter(after));
  // Windows end at offset + size + k * slide.
  const phase = assign.offset + assign.size;
  return eventTime(
    Math.floor((after - phase) / assign.slide) * assign.slide + phase + assign.slide,
  );
}

/** The last end of a window up to this mark; NO_WATERMARK stays what it is. */
export const lastEndUpTo = (mark: Watermark, assign: WindowAssigner): EventTime =>
  eventTime(assign.days ? assign.days.startUpTo(mark) : nextWindowEnd(mark, assign) - assign.slide);

/** Ends of windows up to this time, the last one first, so far apart: the same ones from wherever one begins. @param step a multiple of the slide */
export function* endsBack(
  from: EventTime,
  step: Duration,
  assign: WindowAssigner,
): Generator<EventTime> {
  const { days: calendar, offset, size, slide } = assign;
  if (calendar) {
    const every = step / slide;
    let last: EventTime | undefined;
    for (let n = Math.floor(calendar.numberAt(from) / every) * every; ; n -= every) {
      const end = calendar.startOf(n);
      // A date that the zone skips begins with the next one.
      if (end !== last) yield end;
      last = end;
    }
  }
  const phase = (offset + size) % slide;
  for (let end = Math.floor((from - phase) / step) * step + phase; ; end -= step) {
    yield eventTime(end);
  }
}

/** End of the earliest window that holds the slice: the first above its start. */
export const firstWindowEnd = (slice: Slice, assign: WindowAssigner): EventTime =>
  nextWindowEnd(slice, assign);

/** End of the latest window that holds the slice. */
export function lastWindowEnd(slice: Slice, assign: WindowAssigner): EventTime {
  if (assign.days) return assign.days.startAfter(slice);
  const start = Math.floor((slice - assign.offset) / assign.slide) * assign.slide + assign.offset;
  return eventTime(start + assign.size);
}

export const windowEndingAt = (end: EventTime, assign: WindowAssigner): TimeWindow => ({
  start: assign.days ? assign.days.startUpTo(justBefore(end)) : eventTime(end - assign.size),
  end,
});

/** The window has its answer: nothing more is expected for it. */
export const hasClosed = (end: EventTime, watermark: Watermark): boolean => end <= watermark;

/** Whether a window is among those up to a mark: all that are final, or all that have expired. */
export const endsUpTo = (end: EventTime, mark: Watermark): boolean => end <= mark;

/** The window takes no more events: `W >= end + allowedLateness`. An event for it is *too late*. */
export const isFinal = (end: EventTime, watermark: Watermark, allowedLateness: Duration): boolean =>
  hasPassed(watermark, end, allowedLateness);

/**
 * Where an event's contribution goes, given the watermark of its own lane just before it: the plain slice,
 * an edition of it, or nowhere ('late') when every window it belongs to is too late.
 */
export function editionFor(
  slice: Slice,
  assign: WindowAssigner,
  watermark: Watermark,
  allowedLateness: Duration,
): Edition | 'late' {
  const first = firstWindowEnd(slice, assign);
  if (!isFinal(first, watermark, allowedLateness)) return PLAIN_EDITION;
  const last = lastWindowEnd(slice, assign);
  if (isFinal(last, watermark, allowedLateness)) return 'late';
  const passed = Math.floor((watermark - allowedLateness - first) / assign.slide);
  return eventTime(first + (passed + 1) * assign.slide);
}

/** Whether the window ending at `end` counts content of this edition. */
export const takesEdition = (end: EventTime, edition: Edition): boolean =>
  edition === PLAIN_EDITION || edition <= end;
