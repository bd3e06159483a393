/** Result rows as they are shown: the public attributes, in one order, whichever table they come from. */
import { compareCodePoints } from '../../shared/model/ids.ts';
import type { Item, Value } from '../../shared/ports/table.ts';

/** A result table, as rows name it, and the attribute that is its partition key. */
export interface ShownTable {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
}

/** The engine's own mark on a row. */
const ENGINE_ATTRIBUTES: ReadonlySet<string> = new Set(['fence']);

/** By partition key, then sort key, in code point order. */
export function sortRows(rows: readonly Item[], { partitionKey, sortKey }: ShownTable): Item[] {
  return [...rows].sort(
    (a, b) =>
      compareCodePoints(String(a[partitionKey]), String(b[partitionKey])) ||
      compareCodePoints(String(a[sortKey]), String(b[sortKey])),
  );
}

/** One line of JSON: `table` first, then the keys, then the other public attributes by name. */
export function jsonLine(row: Item, { name, partitionKey, sortKey }: ShownTable): string {
  const shown = publicAttributes(row);
  const first = { table: name, [partitionKey]: shown[partitionKey], [sortKey]: shown[sortKey] };
  return JSON.stringify({ ...first, ...shown });
}

export function publicAttributes(row: Item): Item {
  const names = Object.keys(row).filter((name) => !ENGINE_ATTRIBUTES.has(name));
  return byName(names, row);
}

/** A stored map has no order of its own: rankings read rank, id, count, and everything else goes by name. */
const LEADING = ['rank', 'id', 'count'];

function inOrder(value: Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  return byName(Object.keys(value), value as Item);
}

function byName(names: readonly string[], from: Item): Item {
  const sorted = [...names].sort((a, b) => placeOf(a) - placeOf(b) || compareCodePoints(a, b));
  return Object.fromEntries(sorted.map((name) => [name, inOrder(from[name] as Value)]));
}

function placeOf(name: string): number {
  const place = LEADING.indexOf(name);
  return place === -1 ? LEADING.length : place;
}
