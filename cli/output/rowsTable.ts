/** Result rows as tables for people: windows with their times first, other rows with their keys. */
import { STATUS, WINDOW_ATTRIBUTES, WINDOW_END } from '../../shared/job/tables.ts';
import type { Item } from '../../shared/ports/table.ts';
import { publicAttributes, type ShownTable } from './rows.ts';
import { type Column, textTable } from './textTable.ts';
import { valueText, windowText } from './valueText.ts';

/** A column, and its cell in each row. */
type Filled = Column & { readonly cells: readonly string[] };

/** @param width of the terminal that it is for; without one, nothing is cut */
export function rowsTable(rows: readonly Item[], table: ShownTable, width?: number): string {
  const shown = rows.map(publicAttributes);
  const isOfWindows = table.sortKey === WINDOW_END;
  const columns = isOfWindows ? windowColumns(shown, table) : keyColumns(shown, table);
  const lines = shown.map((_, row) => columns.map(({ cells }) => cells[row] ?? ''));
  return textTable(columns, lines, width);
}

function keyColumns(rows: readonly Item[], { partitionKey, sortKey }: ShownTable): Filled[] {
  const keys = [partitionKey, sortKey].filter((key) => key !== undefined);
  const others = attributesOf(rows, (name) => !keys.includes(name));
  const names = [
    ...keys,
    ...others.filter(isLeading),
    ...others.filter((name) => !isLeading(name)),
  ];
  const shown = names.filter((name) => name !== sortKey || !isComposed(rows, name));
  return shown.map((name) => attributeColumn(name, rows));
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

function attributeColumn(name: string, rows: readonly Item[]): Filled {
  return { head: name, kind: kindOf(name, rows), cells: rows.map((row) => valueText(row[name])) };
}

function kindOf(name: string, rows: readonly Item[]): Column['kind'] {
  const values = rows.map((row) => row[name]).filter((value) => value !== undefined);
  return values.every((value) => typeof value === 'number') ? 'figures' : 'text';
}

/** Of a window row: what the job's rows do not say themselves. */
const OF_WINDOW: ReadonlySet<string> = new Set(WINDOW_ATTRIBUTES);

/** Rankings and the like come before figures: where a terminal is narrow, they are what it is looked at for. */
function windowColumns(rows: readonly Item[], { partitionKey }: ShownTable): Filled[] {
  const names = attributesOf(rows, (name) => name !== partitionKey && !OF_WINDOW.has(name));
  const columns = names.map((name) => withCounts(attributeColumn(name, rows), name, rows));
  return [
    { ...attributeColumn(partitionKey, rows), kind: 'text' },
    { head: 'window (UTC)', kind: 'text', cutAt: 'never', cells: rows.map(windowCell) },
    ...columns.filter(({ kind }) => kind === 'text'),
    ...columns.filter(({ kind }) => kind === 'figures'),
    { head: 'revision', kind: 'text', cells: rows.map(revisionCell) },
  ];
}

const windowCell = (row: Item): string =>
  windowText(String(row['windowStart']), String(row['windowEnd']));

const revisionCell = (row: Item): string =>
  `${row['revision']}${row['final'] === true ? '' : ' (not final)'}`;

/** Whole numbers that differ from window to window are counts, and are compared; an average or a limit is none. */
function withCounts(column: Filled, name: string, rows: readonly Item[]): Filled {
  const counts = rows.map((row) => row[name]).filter(isCount);
  const isCounted = counts.length === rows.length && new Set(counts).size > 1;
  return isCounted ? { ...column, counts } : column;
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
