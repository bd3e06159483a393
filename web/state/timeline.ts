/** The slider: window ends from the first that is stored to the newest, of which the last place is live. */

export interface Span {
  readonly from: string;
  readonly to: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Each divides the next, so that a place of a coarse slider is one of a fine one. */
const STEPS = [5 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY];
/** A place is then a pixel or more, and five minutes apart in a day. */
const PLACES_MAX = 300;
/** Hot items and ad clicks have a window that often; below it, only panels with windows of seconds move. */
const STEP_USUAL = 5 * MINUTE;

export interface Timeline {
  readonly first: number;
  readonly step: number;
  /** Of the last place, which is live. */
  readonly last: number;
}

export function timelineOf(span: Span): Timeline {
  const [from, to] = [Date.parse(span.from), Date.parse(span.to)];
  const length = to - from;
  const least = length >= 4 * STEP_USUAL ? STEP_USUAL : 0;
  const step =
    STEPS.find((each) => each >= least && length / each <= PLACES_MAX) ?? (STEPS.at(-1) as number);
  const first = Math.ceil(from / step) * step;
  // One above the last multiple that is in the past of the newest.
  const last = Math.max(0, Math.ceil((to - first) / step));
  return { first, step, last };
}

/** The time at a place; undefined for live. */
export function timeAt({ first, step, last }: Timeline, place: number): string | undefined {
  if (place >= last) return undefined;
  return new Date(first + Math.max(0, Math.floor(place)) * step).toISOString();
}

/** The place that shows what is shown at a time: the last one up to it. */
export function placeOf({ first, step, last }: Timeline, at: string | undefined): number {
  if (at === undefined) return last;
  return Math.min(last, Math.max(0, Math.floor((Date.parse(at) - first) / step)));
}

/** Where playing begins: from here on, or from the start where one is live. */
export const playFrom = (timeline: Timeline, at: string | undefined): string | undefined =>
  timeAt(timeline, at === undefined ? 0 : placeOf(timeline, at));
