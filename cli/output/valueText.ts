/** Values of rows as people read them. */
import { days, eventTime, isoTime, later } from '../../shared/model/time.ts';
import type { Item, Value } from '../../shared/ports/table.ts';

export function valueText(value: Value | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return value.toLocaleString('en-US', NUMBER);
  if (isRanking(value)) return value.map(rankedText).join('  ');
  if (Array.isArray(value)) return value.map(valueText).join(value.every(isMap) ? '; ' : ', ');
  return isMap(value) ? mapText(value) : String(value).replace(FULL_SECOND, '$1Z');
}

/** Shares have four decimals. */
const NUMBER = { maximumFractionDigits: 4 };

/** Of a time: milliseconds that say nothing. */
const FULL_SECOND = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.000Z$/;

const isMap = (value: Value): value is Item =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

/** `CLICK 70, DOWNLOAD 17`; several of them are parted by semicolons. */
const mapText = (value: Item): string =>
  Object.entries(value)
    .map(([name, each]) => `${name} ${valueText(each)}`)
    .join(', ');

/** `2001 ×17` where they are ranked by a count, `2001 score 17` where by something else. */
function rankedText({ rank: _, id, count, ...others }: Item): string {
  return `${id} ${count === undefined ? mapText(others) : `×${count}`}`;
}

const isRanking = (value: Value): value is readonly Item[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((each: Value) => typeof each === 'object' && each !== null && 'rank' in each);

/** Of an ISO time, the time of day without what it does not need: `10:05`, `10:05:10`. */
export const timeText = (iso: string): string =>
  iso
    .replace(/^.*T/, '')
    .replace(/Z$/, '')
    .replace(/\.000$/, '')
    .replace(/:00$/, '');

/**
 * `2017-11-26 01:00 – 02:00`; the end has its date where it is on another day, but for the midnight that ends the day, which is
 * 24:00. Seconds show where there are any.
 */
export function windowText(start: string, end: string): string {
  const [startDate, startTime] = dateAndTime(start);
  const [endDate, endTime] = dateAndTime(end);
  const begins = `${startDate} ${startTime} –`;
  if (endDate === startDate) return `${begins} ${endTime}`;
  return end === midnightAfter(startDate) ? `${begins} 24:00` : `${begins} ${endDate} ${endTime}`;
}

function dateAndTime(iso: string): [date: string, time: string] {
  const [date = ''] = iso.split('T');
  return [date, timeText(iso)];
}

const midnightAfter = (date: string): string =>
  isoTime(later(eventTime(Date.parse(date)), days(1)));
