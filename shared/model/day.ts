/** Calendar days in a time zone. */
import type { EventTime } from './time.ts';

/**
 * Gives `2017-11-26` for a time, in this zone. Making a formatter costs thousands of times as much as using it, so a
 * job makes one.
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
  return (at) => {
    const parts = new Map(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
    return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
  };
}
