/** Windows of whole days by their dates, as the calendar of the job's zone has them; UTC where it has none. */
import { eventTime, isoTime } from '../../../shared/model/time.ts';
import {
  nextWindowEnd,
  type WindowAssigner,
  windowEndingAt,
} from '../../../shared/model/window.ts';

const DATE_LENGTH = '2026-03-02'.length;

/** When the window ends that holds the first moment of the date; of a date that the zone skips, that of the next one. */
export function dayEnd(date: string, assign: WindowAssigner): string {
  const midnight = eventTime(Date.parse(date));
  const { days, size } = assign;
  const start = days ? days.startOf(Math.floor(midnight / size)) : midnight;
  return isoTime(nextWindowEnd(start, assign));
}

/** The date with which the window begins that ends then. */
export function dateOf(windowEnd: string, assign: WindowAssigner): string {
  const { start } = windowEndingAt(eventTime(Date.parse(windowEnd)), assign);
  const { days, size } = assign;
  const midnight = days ? eventTime(days.numberAt(start) * size) : start;
  return isoTime(midnight).slice(0, DATE_LENGTH);
}
