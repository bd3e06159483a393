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
    async *query(request: QueryRequest): AsyncIterable<Item> {
      yield* itemsOf(store, request).slice(0, request.limit);
    },
    put: refuse,
    batchPut: refuse,
    batchRemove: refuse,
    update: refuse,
  };
}

function itemsOf(store: Store, { pk, from = '', to, order }: QueryRequest): Item[] {
  const sorted = store.sortKeysOf(pk).filter((sk) => sk >= from && (to === undefined || sk <= to));
  const ordered = order === 'descending' ? sorted.reverse() : sorted;
  return ordered.map((sk) => store.read({ pk, sk })).filter((item) => item !== undefined);
}
