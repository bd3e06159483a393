/**
 * A result table with what its indexes cost on top: DynamoDB writes an index where what it shows of an item changes, for as many units
 * as the table takes, and twice where the item moves in it ("What indexes cost" in docs/operations.md).
 */
import { isDeepStrictEqual } from 'node:util';
import type { UnitMeter } from '../shared/adapters/meteredTable.ts';
import { itemBytes, writeUnits } from '../shared/ports/itemSize.ts';
import { INDEXES, type IndexName } from '../shared/ports/rowsReader.ts';
import type { Item, Table } from '../shared/ports/table.ts';

/** A batch does not tell what it replaced, so all of it counts as new. */
export function withIndexes(table: Table, meter: UnitMeter): Table {
  const count = (before: Item | undefined, after: Item): void => {
    for (const index of Object.keys(INDEXES) as IndexName[]) {
      meter.write += indexUnits(index, before, after);
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

function indexUnits(index: IndexName, before: Item | undefined, after: Item): number {
  const [was, is] = [placeIn(index, before), placeIn(index, after)];
  const units = (item: Item | undefined) => (item ? writeUnits(itemBytes(item)) : 0);
  if (was === undefined) return is === undefined ? 0 : units(after);
  if (is === undefined) return units(before);
  if (was === is) return isDeepStrictEqual(before, after) ? 0 : units(after);
  return units(before) + units(after);
}

function placeIn(index: IndexName, item: Item | undefined): string | undefined {
  const { partitionKey, sortKey } = INDEXES[index];
  const place = item?.[partitionKey];
  return place === undefined ? undefined : `${place} ${item?.[sortKey]}`;
}
