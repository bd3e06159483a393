/** Calendar days in a time zone. */
import type { EventTime } from './time.ts';

/** Since 1980 every zone is whole minutes off UTC, and clocks are set at whole minutes, so no day begins within one. */
const MINUTE_MS = 60_000;
/** 1980-01-01T00:00:00Z */
const MINUTES_FROM = 315_532_800_000 / MINUTE_MS;
/** Of which the day is remembered: events come in about the order of their times. */
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
  const dayOf = (at: EventTime): string => {
    const parts = new Map(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
    return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
  };
  const known = new Map<number, string>();
  return (at) => {
    const minute = Math.floor(at / MINUTE_MS);
    if (!(minute >= MINUTES_FROM)) return dayOf(at);
    const found = known.get(minute);
    if (found !== undefined) return found;
    if (known.size === MINUTES_MAX) known.clear();
    const day = dayOf(at);
    known.set(minute, day);
    return day;
  };
}
