/** Result rows as tables for people: windows with their times first, other rows with their keys. */
import Table from 'cli-table3';
import { STATUS, WINDOW_ATTRIBUTES, WINDOW_END } from '../../shared/job/tables.ts';
import type { Item, Value } from '../../shared/ports/table.ts';
import { printable } from './printable.ts';
import { publicAttributes, type ShownTable } from './rows.ts';

/** Of a window row: what the job's rows do not say themselves. */
const OF_WINDOW: ReadonlySet<string> = new Set(WINDOW_ATTRIBUTES);

export const rowsTable = (rows: readonly Item[], table: ShownTable): string =>
  (table.sortKey === WINDOW_END ? windowsTable : keysTable)(rows.map(publicAttributes), table);

function keysTable(rows: readonly Item[], { partitionKey, sortKey }: ShownTable): string {
  const keys = [partitionKey, sortKey].filter((key) => key !== undefined);
  const others = attributesOf(rows, (name) => !keys.includes(name));
  const names = [
    ...keys,
    ...others.filter(isLeading),
    ...others.filter((name) => !isLeading(name)),
  ];
  const head = names.filter((name) => name !== sortKey || !isComposed(rows, name));
  return textTable(
    head,
    rows.map((row) => head.map((name) => valueText(row[name]))),
  );
}

/** What people look for first. */
const isLeading = (name: string): boolean => name === STATUS;

/** A sort key that only puts other attributes together says nothing that they do not say better. */
const isComposed = (rows: readonly Item[], sortKey: string): boolean =>
  rows.every((row) => String(row[sortKey]).includes('#'));

/** Names in the order in which rows have them. */
function attributesOf(rows: readonly Item[], isShown: (name: string) => boolean): string[] {
  const names = new Set(rows.flatMap(Object.keys));
  return [...names].filter(isShown);
}

function windowsTable(rows: readonly Item[], { partitionKey }: ShownTable): string {
  const names = attributesOf(rows, (name) => name !== partitionKey && !OF_WINDOW.has(name));
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

type Lines = readonly (readonly string[])[];

/** The time to lay out a table grows with the square of its rows, so a long one is laid out in parts. */
const PART_ROWS_MAX = 100;

/** A plain table without colours: it may go to a file. Cells are escaped (`printable.ts`). */
export function textTable(head: readonly string[], rows: Lines): string {
  if (rows.length === 0) return 'none';
  const parts: Lines[] = [];
  for (let at = 0; at < rows.length; at += PART_ROWS_MAX) {
    parts.push(rows.slice(at, at + PART_ROWS_MAX));
  }
  if (parts.length === 1) return layOut(head, rows, []).join('\n');
  const widths = parts.map((part) => widthsOf(layOut(head, part, [])));
  const widest = head.map((_, column) => Math.max(...widths.map((each) => each[column] ?? 0)));
  const laidOut = parts.map((part, n) => layOut(n === 0 ? head : [], part, widest));
  return laidOut.flatMap((lines, n) => withoutSeams(lines, n, parts.length)).join('\n');
}

function layOut(head: readonly string[], rows: Lines, colWidths: readonly number[]): string[] {
  const style = { head: [], border: [], compact: true };
  const table = new Table({ head: head.map(printable), colWidths: [...colWidths], style });
  table.push(...rows.map((row) => row.map(printable)));
  return table.toString().split('\n');
}

/** Of the columns, as the border on top shows them: `┌───┬──┐`. */
const widthsOf = ([top = '']: readonly string[]): number[] =>
  top
    .slice(1, -1)
    .split('┬')
    .map(({ length }) => length);

/** Only the first part keeps the border on top, and only the last the one below. */
const withoutSeams = (lines: readonly string[], part: number, parts: number): string[] =>
  lines.slice(part === 0 ? 0 : 1, part === parts - 1 ? undefined : -1);

/** `2017-11-26 01:00 – 02:00`; the end has its date where it is another day, and seconds show where there are any. */
function windowText(start: string, end: string): string {
  const [startDate, startTime] = dateAndTime(start);
  const [endDate, endTime] = dateAndTime(end);
  return `${startDate} ${startTime} – ${endDate === startDate ? '' : `${endDate} `}${endTime}`;
}

function dateAndTime(iso: string): [date: string, time: string] {
  const [date = ''] = iso.split('T');
  return [date, timeText(iso)];
}

/** Of an ISO time, the time of day without what it does not need: `10:05`, `10:05:10`. */
export const timeText = (iso: string): string =>
  iso
    .replace(/^.*T/, '')
    .replace(/Z$/, '')
    .replace(/\.000$/, '')
    .replace(/:00$/, '');

export function valueText(value: Value | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return value.toLocaleString('en-US');
  if (isRanking(value)) return value.map(({ id, count }) => `${id} ×${count}`).join('  ');
  if (Array.isArray(value)) return value.map(valueText).join(value.every(isMap) ? '; ' : ', ');
  return isMap(value) ? mapText(value) : String(value).replace(FULL_SECOND, '$1Z');
}

/** Of a time: milliseconds that say nothing. */
const FULL_SECOND = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.000Z$/;

const isMap = (value: Value): value is Item =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

/** `CLICK 70, DOWNLOAD 17`; several of them are parted by semicolons. */
const mapText = (value: Item): string =>
  Object.entries(value)
    .map(([name, each]) => `${name} ${valueText(each)}`)
    .join(', ');

interface RankedText {
  readonly id: string;
  readonly count: number;
}

const isRanking = (value: Value): value is readonly (RankedText & Item)[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((each: Value) => typeof each === 'object' && each !== null && 'rank' in each);
