/**
 * Whole days as a zone's calendar has them, for windows that begin and end with them.
 *
 * 1. A day begins with the first moment of its date: at midnight, or, where clocks are set forward over it, when they are. Where
 *    they are set back over it, the moments that have the date before for a second time belong to the day that has begun.
 * 2. A date that a zone skips has no moment, so none is in its days.
 */
import {
  days,
  type EventTime,
  eventTime,
  hours,
  minutes,
  seconds,
  TIME_MAX,
  utcMidnight,
  type Watermark,
} from './time.ts';

export interface CalendarDays {
  readonly zone: string;
  /** The latest moment up to this one with which days begin; NO_WATERMARK stays what it is. */
  startUpTo<Time extends EventTime | Watermark>(at: Time): Time;
  /** The first one after it. */
  startAfter<Time extends EventTime | Watermark>(at: Time): Time;
  /** How many times as many days have begun up to then, counted from 1970. */
  numberAt(at: EventTime): number;
  /** When those of a number begin. */
  startOf(number: number): EventTime;
}

const DAY_MS = days(1);
/** Before and after, days are those of UTC: events have other times, only marks are that far. */
const FROM_MS = utcMidnight(1901, 1, 1);
const TO_MS = TIME_MAX - days(3_000);
/** Days of UTC of which it is known what begins in them. */
const DAYS_KNOWN = 1_024;
/** No zone is further off UTC. */
const OFFSET_MAX = hours(15);

/** @param count how many days belong together, counted from 1970-01-01 in the zone; above 0 */
export function calendarDays(zone: string, count: number): CalendarDays {
  const offsetAt = offsetsIn(zone);
  const span = count * DAY_MS;
  const known = new Map<number, readonly number[]>();

  /** The first moment of the date so many days after 1970-01-01, or of the first one after it that the zone has. */
  function startOfDay(day: number): number {
    const midnight = day * DAY_MS;
    const before = offsetAt(midnight - OFFSET_MAX);
    const behind = offsetAt(midnight + OFFSET_MAX);
    const start = midnight - before;
    if (before === behind || offsetAt(start) === before) return start;
    const change = changeWithin(offsetAt, midnight - OFFSET_MAX, midnight + OFFSET_MAX);
    return Math.max(change, midnight - behind);
  }

  const startOfNumber = (number: number): number => startOfDay(number * count);

  function numberAt(at: number): number {
    let number = Math.floor((at + OFFSET_MAX) / span);
    while (startOfNumber(number) > at) number -= 1;
    return number;
  }

  /** In order, from the last up to the first of two times to the first from the second on. */
  function startsAround(begin: number, end: number): readonly number[] {
    const starts: number[] = [];
    for (let number = numberAt(begin); ; number += 1) {
      const start = startOfNumber(number);
      starts.push(start);
      if (start >= end) return starts;
    }
  }

  function around(at: number): readonly number[] {
    const utcDay = Math.floor(at / DAY_MS);
    const found = known.get(utcDay);
    if (found) return found;
    const starts = startsAround(utcDay * DAY_MS, (utcDay + 1) * DAY_MS);
    if (known.size === DAYS_KNOWN) known.clear();
    known.set(utcDay, starts);
    return starts;
  }

  const isFar = (at: number): boolean => !(at > FROM_MS && at < TO_MS);

  return {
    zone,
    startUpTo<Time extends EventTime | Watermark>(at: Time): Time {
      if (isFar(at)) return (Math.floor(at / span) * span) as Time;
      return around(at).findLast((start) => start <= at) as Time;
    },
    startAfter<Time extends EventTime | Watermark>(at: Time): Time {
      if (isFar(at)) return (Math.floor(at / span) * span + span) as Time;
      return around(at).find((start) => start > at) as Time;
    },
    numberAt,
    startOf: (number) => eventTime(startOfNumber(number)),
  };
}

/** How far the zone's clocks are ahead of UTC (ms). */
function offsetsIn(zone: string): (at: number) => number {
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const parts = new Map(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
    const of = (part: Intl.DateTimeFormatPartTypes): number => Number(parts.get(part));
    const date = utcMidnight(of('year'), of('month'), of('day'));
    const time = hours(of('hour')) + minutes(of('minute')) + seconds(of('second'));
    return date + time - Math.floor(at / 1_000) * 1_000;
  };
}

/** When the offset changes from what it is at the first of two times. */
function changeWithin(offsetAt: (at: number) => number, from: number, to: number): number {
  const before = offsetAt(from);
  const step = minutes(1);
  let [same, changed] = [Math.floor(from / step), Math.ceil(to / step)];
  while (changed - same > 1) {
    const middle = Math.floor((same + changed) / 2);
    if (offsetAt(middle * step) === before) same = middle;
    else changed = middle;
  }
  return eventTime(changed * step);
}
