/**
 * What may be asked of a table at all: DynamoDB's limits on keys, items and requests.
 *
 * Every adapter applies these before it does anything, so that a mistake fails in the same way in a unit
 * test in memory and in production, with the table and the key named. All of them are bugs of the engine:
 * `InvariantViolation`.
 */
import { InvariantViolation } from '../errors.ts';
import { ITEM_BYTES_MAX, itemBytes } from '../ports/itemSize.ts';
import type { Item, Key, QueryRequest, TableDescription } from '../ports/table.ts';

const PARTITION_KEY_BYTES_MAX = 2048;
const SORT_KEY_BYTES_MAX = 1024;

/** How messages name an item. */
export const placeOf = (description: TableDescription, key: Key): string =>
  `table ${description.name}, item ${key.pk}${description.sortKey ? ` / ${key.sk}` : ''}`;

/** The key of an item that is about to be put. */
function keyOf(description: TableDescription, item: Item): Key {
  const pk = item[description.partitionKey];
  const sk = description.sortKey === undefined ? '' : item[description.sortKey];
  if (typeof pk !== 'string' || typeof sk !== 'string') {
    throw new InvariantViolation(
      `table ${description.name}: an item needs text in ${keyAttributes(description).join(' and ')}`,
    );
  }
  return { pk, sk };
}

const keyAttributes = ({ partitionKey, sortKey }: TableDescription): readonly string[] =>
  sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];

export function checkKey(description: TableDescription, key: Key): void {
  checkKeyPart(description, description.partitionKey, key.pk, PARTITION_KEY_BYTES_MAX);
  if (description.sortKey !== undefined) {
    checkKeyPart(description, description.sortKey, key.sk, SORT_KEY_BYTES_MAX);
  }
}

function checkKeyPart(table: TableDescription, name: string, text: string, bytesMax: number): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > 0 && bytes <= bytesMax && text.isWellFormed()) return;
  throw new InvariantViolation(
    `table ${table.name}: a key ${name} of ${bytes} bytes is not well-formed text of 1 to ${bytesMax} bytes`,
  );
}

/** Checks an item that is about to be put, and gives its key and its size in bytes. */
export function checkItem(description: TableDescription, item: Item): { key: Key; bytes: number } {
  const key = keyOf(description, item);
  checkKey(description, key);
  const bytes = itemBytes(item);
  if (bytes > ITEM_BYTES_MAX) {
    throw new InvariantViolation(
      `${placeOf(description, key)}: ${bytes} bytes, and an item may have ${ITEM_BYTES_MAX}`,
    );
  }
  return { key, bytes };
}

/** Checks an update: something is set, it can be stored, and it is not part of the key. */
export function checkUpdate(description: TableDescription, key: Key, set: Item): void {
  checkKey(description, key);
  const names = Object.keys(set);
  if (names.length === 0) {
    throw new InvariantViolation(`${placeOf(description, key)}: an update that sets nothing`);
  }
  if (keyAttributes(description).some((name) => names.includes(name))) {
    throw new InvariantViolation(`${placeOf(description, key)}: an update of the key itself`);
  }
  itemBytes(set);
}

/** Checks that no key is named twice in one request, which DynamoDB refuses. */
export function checkDistinct(description: TableDescription, keys: readonly Key[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    seen.add(`${key.pk.length} ${key.pk}${key.sk}`);
  }
  if (seen.size === keys.length) return;
  throw new InvariantViolation(`table ${description.name}: one request names a key twice`);
}

export function checkQuery(description: TableDescription, request: QueryRequest): void {
  const { limit } = request;
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 1)) return;
  throw new InvariantViolation(`table ${description.name}: a query with limit ${limit}`);
}
