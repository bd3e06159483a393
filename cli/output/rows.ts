/** Result rows as they are shown: the public attributes, in one order, whichever table they come from. */
import { PRIVATE_ATTRIBUTES } from '../../shared/job/tables.ts';
import { compareCodePoints } from '../../shared/model/ids.ts';
import type { Item, Value } from '../../shared/ports/table.ts';

/** A result table, as rows name it, and the attributes that are its keys. */
export interface ShownTable {
  readonly name: string;
  readonly partitionKey: string;
  /** Absent where the partition key alone names a row. */
  readonly sortKey?: string;
}

const HIDDEN: ReadonlySet<string> = new Set(PRIVATE_ATTRIBUTES);

/** By partition key, then sort key, in code point order. */
export function sortRows(rows: readonly Item[], table: ShownTable): Item[] {
  const key = (row: Item) => keyNames(table).map((name) => String(row[name]));
  return [...rows].sort((a, b) => compareKeys(key(a), key(b)));
}

const keyNames = ({ partitionKey, sortKey }: ShownTable): string[] =>
  sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];

function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [i, part] of a.entries()) {
    const order = compareCodePoints(part, b[i] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** One line of JSON: `table` first, then the keys, then the other public attributes by name. */
export function jsonLine(row: Item, table: ShownTable): string {
  const shown = publicAttributes(row);
  const keys = Object.fromEntries(keyNames(table).map((name) => [name, shown[name]]));
  return JSON.stringify({ table: table.name, ...keys, ...shown });
}

export const publicAttributes = (row: Item): Item => byName(publicNamesOf(row), row);

const publicNamesOf = (row: Item): string[] => Object.keys(row).filter((name) => !HIDDEN.has(name));

/** Of all rows together: the keys, then the other public attributes as lines of JSON order them. */
export function publicNames(rows: readonly Item[], table: ShownTable): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of publicNamesOf(row)) names.add(name);
  return [...new Set([...keyNames(table), ...inShownOrder([...names])])];
}

/** A stored map has no order of its own: rankings read rank, id, count, and everything else goes by name. */
const LEADING = ['rank', 'kind', 'id', 'count'];

function inOrder(value: Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  return byName(Object.keys(value), value as Item);
}

const byName = (names: readonly string[], from: Item): Item =>
  Object.fromEntries(inShownOrder(names).map((name) => [name, inOrder(from[name] as Value)]));

const inShownOrder = (names: readonly string[]): string[] =>
  names.toSorted((a, b) => placeOf(a) - placeOf(b) || compareCodePoints(a, b));

function placeOf(name: string): number {
  const place = LEADING.indexOf(name);
  return place === -1 ? LEADING.length : place;
}
