/** A store as a `Table` without turns or faults: for those who look from outside the simulated world. */
import type { Item, Key, QueryRequest, Table } from '../../../shared/ports/table.ts';
import type { Store } from './store.ts';

export function openTable(store: Store): Table {
  const refuse = (): never => {
    throw new Error('the open table is read only');
  };
  return {
    description: store.description,
    get: (key: Key) => Promise.resolve(store.read(key)),
    batchGet: (keys: readonly Key[]) =>
      Promise.resolve(keys.map((key) => store.read(key)).filter((item) => item !== undefined)),
    async *query({ pk, from, to, order, limit }: QueryRequest): AsyncIterable<Item> {
      const sorted = store.sortKeysOf(pk);
      let left = limit ?? Number.POSITIVE_INFINITY;
      for (const sk of order === 'descending' ? [...sorted].reverse() : sorted) {
        if ((from !== undefined && sk < from) || (to !== undefined && sk > to)) continue;
        const item = store.read({ pk, sk });
        if (!item) continue;
        if (left <= 0) return;
        left -= 1;
        yield item;
      }
    },
    put: refuse,
    batchPut: refuse,
    update: refuse,
  };
}
