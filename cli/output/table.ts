/** Result rows as a table for people. */
import Table from 'cli-table3';
import type { Item, Value } from '../../shared/ports/table.ts';
import { publicAttributes, type ShownTable } from './rows.ts';

/** Of a window row; shown in columns of their own. */
const WINDOW_ATTRIBUTES: ReadonlySet<string> = new Set([
  'windowStart',
  'windowEnd',
  'revision',
  'final',
]);

export function rowsTable(rows: readonly Item[], { partitionKey }: ShownTable): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(publicAttributes(row))))].filter(
    (name) => name !== partitionKey && !WINDOW_ATTRIBUTES.has(name),
  );
  const head = [partitionKey, 'window (UTC)', ...names, 'revision'];
  return textTable(
    head,
    rows.map((row) => [
      String(row[partitionKey]),
      windowText(String(row['windowStart']), String(row['windowEnd'])),
      ...names.map((name) => valueText(row[name])),
      `${row['revision']}${row['final'] === true ? '' : ' (not final)'}`,
    ]),
  );
}

/** A plain table without colours: it may go to a file. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return 'none';
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

/** `2017-11-26 01:00 – 02:00`; the end has its date where it is another day, and seconds show where there are any. */
function windowText(start: string, end: string): string {
  const [startDate, startTime] = dateAndTime(start);
  const [endDate, endTime] = dateAndTime(end);
  return `${startDate} ${startTime} – ${endDate === startDate ? '' : `${endDate} `}${endTime}`;
}

function dateAndTime(iso: string): [date: string, time: string] {
  const [date = '', time = ''] = iso.split('T');
  return [
    date,
    time
      .replace(/Z$/, '')
      .replace(/\.000$/, '')
      .replace(/:00$/, ''),
  ];
}

export function valueText(value: Value | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return value.toLocaleString('en-US');
  if (isRanking(value)) return value.map(({ id, count }) => `${id} ×${count}`).join('  ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

interface RankedText {
  readonly id: string;
  readonly count: number;
}

const isRanking = (value: Value): value is readonly (RankedText & Item)[] =>
  Array.isArray(value) &&
  value.every((each: Value) => typeof each === 'object' && each !== null && 'rank' in each);
