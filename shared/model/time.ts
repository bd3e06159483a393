/**
 * Event, processing and arrival time, all in milliseconds since the epoch, and durations.
 *
 * The brands keep the three clocks apart: what crosses a function boundary is a branded value. TypeScript still lets branded
 * numbers be added and compared, of different clocks as well; so the order of effects goes by the functions below, which take
 * times of one clock, or name the two that they take. Inner loops over indexes compare as numbers.
 */

declare const brand: unique symbol;

/** When it happened, according to the event (ms). */
export type EventTime = number & { readonly [brand]: 'EventTime' };
/** The clock of the running function, injected through the `Clock` port (ms). */
export type ProcessingTime = number & { readonly [brand]: 'ProcessingTime' };
/** Kinesis's approximate arrival time of a record (ms). */
export type ArrivalTime = number & { readonly [brand]: 'ArrivalTime' };
/** A length of time (ms), never negative. */
export type Duration = number & { readonly [brand]: 'Duration' };
/** No further event with a time below this one is expected (ms of event time). */
export type Watermark = number & { readonly [brand]: 'Watermark' };

export const eventTime = (ms: number): EventTime => ms as EventTime;
export const processingTime = (ms: number): ProcessingTime => ms as ProcessingTime;
export const arrivalTime = (ms: number): ArrivalTime => ms as ArrivalTime;
export const watermarkAt = (ms: number): Watermark => ms as Watermark;

export const milliseconds = (n: number): Duration => n as Duration;
export const seconds = (n: number): Duration => (n * 1_000) as Duration;
export const minutes = (n: number): Duration => (n * 60_000) as Duration;
export const hours = (n: number): Duration => (n * 3_600_000) as Duration;
export const days = (n: number): Duration => (n * 86_400_000) as Duration;

/** The watermark before any event: everything is still expected. */
export const NO_WATERMARK = Number.NEGATIVE_INFINITY as Watermark;

/** The watermark a greatest event time implies: it trails by `maxOutOfOrderness`. */
export function watermarkAfter(greatest: EventTime, maxOutOfOrderness: Duration): Watermark {
  return (greatest - maxOutOfOrderness) as Watermark;
}

/** Whether the watermark says that nothing before `at` is expected any more. */
export const hasPassed = (watermark: Watermark, at: EventTime, slack: Duration): boolean =>
  at + slack <= watermark;

const MINUTE_MS = 60_000;

/** Counted from the epoch. */
const minuteOf = (at: EventTime): number => Math.floor(at / MINUTE_MS);

/** The last time that has a text. */
export const TIME_MAX = eventTime(8.64e15);
/** Of which only the first millisecond is a time. */
const FINAL_MINUTE = minuteOf(TIME_MAX);
const SECONDS_LENGTH = '00.000Z'.length;
/** Minutes shown before, and their texts: times that are shown after each other lie close together, or as far apart as a job waits. */
const MINUTES_SHOWN = 64;
const shownMinutes = new Float64Array(MINUTES_SHOWN).fill(Number.NaN);
const shownTexts: string[] = [];

/** `2017-11-26T02:00:00.000Z`: how every time in a result reads. Throws RangeError where it is none. */
export function isoTime(at: Time): string {
  const ms = Math.trunc(at);
  const minute = Math.floor(ms / MINUTE_MS);
  const place = ((minute % MINUTES_SHOWN) + MINUTES_SHOWN) % MINUTES_SHOWN;
  if (minute !== shownMinutes[place] || minute === FINAL_MINUTE) {
    shownTexts[place] = new Date(ms).toISOString().slice(0, -SECONDS_LENGTH);
    shownMinutes[place] = minute;
  }
  const rest = String(ms - minute * MINUTE_MS).padStart(5, '0');
  return `${shownTexts[place]}${rest.slice(0, 2)}.${rest.slice(2)}Z`;
}

/** Midnight of a date in UTC. @param month from 1 */
export const utcMidnight = (year: number, month: number, day: number): EventTime =>
  eventTime(Date.UTC(year, month - 1, day));

/** The time that `isoTime` writes so; undefined where it writes none so. */
export function timeOfText(text: string): EventTime | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || new Date(ms).toISOString() !== text ? undefined : eventTime(ms);
}

type Time = EventTime | ProcessingTime | ArrivalTime | Watermark;

export const isBefore = <T extends Time>(a: T, b: T): boolean => a < b;
export const isAfter = <T extends Time>(a: T, b: T): boolean => a > b;
export const earliest = <T extends Time>(a: T, b: T): T => (a < b ? a : b);
export const latest = <T extends Time>(a: T, b: T): T => (a > b ? a : b);

export const later = <T extends Time>(at: T, by: Duration): T => (at + by) as T;
export const earlier = <T extends Time>(at: T, by: Duration): T => (at - by) as T;

/** The last time before, and the first one after: times are whole milliseconds. */
export const justBefore = <T extends Time>(at: T): T => (at - 1) as T;
export const justAfter = <T extends Time>(at: T): T => (at + 1) as T;

export const half = (of: Duration): Duration => (of / 2) as Duration;
export const twice = (of: Duration): Duration => (of * 2) as Duration;

/** How long after the first of two times of one clock the second is; negative where it is before. */
export const since = <T extends Time>(from: T, to: T): Duration => (to - from) as Duration;

/** Whether events of this time are no longer expected. */
export const isBehind = (at: EventTime, watermark: Watermark): boolean => at < watermark;

/** Whether nothing before this time is expected any more: then a timer for it fires. */
export const hasReached = (watermark: Watermark, at: EventTime): boolean => at <= watermark;

/** Whether an event claims to have happened so long after its record arrived, or its time is no number. */
export const isAhead = (at: EventTime, arrival: ArrivalTime, skew: Duration): boolean =>
  !(at <= arrival + skew);

/** Not by difference: two lanes without a watermark are at minus infinity both. */
export function compareWatermarks(a: Watermark, b: Watermark): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
