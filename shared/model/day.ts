/** Calendar days and hours of the clock in a time zone. */
import type { EventTime } from './time.ts';

/** Since 1980 every zone is whole minutes off UTC, and clocks are set at whole minutes, so neither day nor hour begins within one. */
const MINUTE_MS = 60_000;
/** 1980-01-01T00:00:00Z */
const MINUTES_FROM = 315_532_800_000 / MINUTE_MS;
/** Of which the answer is remembered: events come in about the order of their times. */
const MINUTES_MAX = 1_024;

/**
 * Gives `2017-11-26` for a time, in this zone. Making a formatter costs thousands of times as much as using it, so a
 * job makes one; and using it costs as much as all else that is done with an event.
 */
export function dayIn(zone: string): (at: EventTime) => string {
  const formatter = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return byMinute((at) => {
    const parts = new Map(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
    return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
  });
}

/** Gives the hour that clocks in this zone show at a time, 0 to 23. One that is there twice, as clocks are set back, is one. Make it once, as `dayIn`. */
export function hourIn(zone: string): (at: EventTime) => number {
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    numberingSystem: 'latn',
    hourCycle: 'h23',
    hour: 'numeric',
  });
  return byMinute((at) => Number(formatter.format(at)));
}

/** Remembers what was read of the last minutes. */
function byMinute<T>(read: (at: EventTime) => T): (at: EventTime) => T {
  const known = new Map<number, T>();
  return (at) => {
    const minute = Math.floor(at / MINUTE_MS);
    if (!(minute >= MINUTES_FROM)) return read(at);
    const found = known.get(minute);
    if (found !== undefined) return found;
    if (known.size === MINUTES_MAX) known.clear();
    const fresh = read(at);
    known.set(minute, fresh);
    return fresh;
  };
}
