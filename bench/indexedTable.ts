/**
 * A result table with what its indexes cost on top: DynamoDB writes an index where what it holds of an item changes, for as many units
 * as that takes, and twice where the item moves in it ("What indexes cost" in docs/operations.md).
 */
import { isDeepStrictEqual } from 'node:util';
import type { UnitMeter } from '../shared/adapters/meteredTable.ts';
import { itemBytes, writeUnits } from '../shared/ports/itemSize.ts';
import { INDEXES, type IndexName } from '../shared/ports/rowsReader.ts';
import type { Item, Table, TableDescription } from '../shared/ports/table.ts';

/** A batch does not tell what it replaced, so all of it counts as new. */
export function withIndexes(table: Table, meter: UnitMeter): Table {
  const count = (before: Item | undefined, after: Item): void => {
    for (const index of Object.keys(INDEXES) as IndexName[]) {
      const entry = (item: Item | undefined) => entryOf(index, table.description, item);
      meter.write += indexUnits(entry(before), entry(after));
    }
  };
  return {
    description: table.description,
    get: (key, consistency) => table.get(key, consistency),
    query: (request) => table.query(request),
    batchGet: (keys, consistency) => table.batchGet(keys, consistency),
    batchRemove: (keys) => table.batchRemove(keys),
    update: (key, set, condition) => table.update(key, set, condition),
    async put(item, condition) {
      const outcome = await table.put(item, condition);
      if (outcome.kind === 'written') count(outcome.replaced, item);
      return outcome;
    },
    async batchPut(items) {
      await table.batchPut(items);
      for (const item of items) count(undefined, item);
    },
  };
}

/** What the indexes hold of an item. */
export const indexEntries = (description: TableDescription, item: Item): Item[] =>
  (Object.keys(INDEXES) as IndexName[]).flatMap((index) => {
    const entry = entryOf(index, description, item);
    return entry ? [entry.held] : [];
  });

interface Entry {
  readonly place: string;
  readonly held: Item;
}

function indexUnits(was: Entry | undefined, is: Entry | undefined): number {
  const units = (entry: Entry | undefined) => (entry ? writeUnits(itemBytes(entry.held)) : 0);
  if (was?.place !== is?.place) return units(was) + units(is);
  return isDeepStrictEqual(was, is) ? 0 : units(is);
}

/** Of groups the keys alone, since every row of the table is in one. */
function entryOf(
  index: IndexName,
  { partitionKey, sortKey = partitionKey }: TableDescription,
  item: Item | undefined,
): Entry | undefined {
  const keys = INDEXES[index];
  const place = item?.[keys.partitionKey];
  if (!item || place === undefined) return undefined;
  const named = [partitionKey, sortKey, keys.partitionKey, keys.sortKey];
  const held =
    index === 'groups' ? Object.entries(item).filter(([name]) => named.includes(name)) : undefined;
  return {
    place: `${place} ${item[keys.sortKey]}`,
    held: held ? Object.fromEntries(held) : item,
  };
}
