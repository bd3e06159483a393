/** A table on which a test can act just before and just after an operation: fail it, or do something in between. */
import type { Item, Table } from '../../shared/ports/table.ts';

type Operation = 'get' | 'query' | 'batchGet' | 'put' | 'batchPut' | 'batchRemove' | 'update';

export interface Call {
  readonly operation: Operation;
  /** The partitions that the operation touches. */
  readonly partitions: readonly string[];
  /** What it writes. */
  readonly items: readonly Item[];
}

/** A throw before the operation keeps it from happening; one after it loses only the reply. */
export interface Interception {
  before?(call: Call): void | Promise<void>;
  after?(call: Call): void | Promise<void>;
}

export function interceptedTable(inner: Table, interception: Interception): Table {
  const { partitionKey } = inner.description;
  const partitionsOf = (items: readonly Item[]) => items.map((item) => String(item[partitionKey]));
  async function around<T>(call: Call, work: () => Promise<T>): Promise<T> {
    await interception.before?.(call);
    const result = await work();
    await interception.after?.(call);
    return result;
  }
  const reading = (operation: Operation, partitions: readonly string[]): Call => ({
    operation,
    partitions,
    items: [],
  });
  return {
    description: inner.description,
    get: (key, consistency) => around(reading('get', [key.pk]), () => inner.get(key, consistency)),
    async *query(request) {
      await interception.before?.(reading('query', [request.pk]));
      yield* inner.query(request);
      await interception.after?.(reading('query', [request.pk]));
    },
    batchGet: (keys, consistency) =>
      around(
        reading(
          'batchGet',
          keys.map(({ pk }) => pk),
        ),
        () => inner.batchGet(keys, consistency),
      ),
    put: (item, condition) =>
      around({ operation: 'put', partitions: partitionsOf([item]), items: [item] }, () =>
        inner.put(item, condition),
      ),
    batchPut: (items) =>
      around({ operation: 'batchPut', partitions: partitionsOf(items), items }, () =>
        inner.batchPut(items),
      ),
    batchRemove: (keys) =>
      around(
        {
          operation: 'batchRemove',
          partitions: keys.map(({ pk }) => pk),
          items: [],
        },
        () => inner.batchRemove(keys),
      ),
    update: (key, set, condition) =>
      around({ operation: 'update', partitions: [key.pk], items: [set] }, () =>
        inner.update(key, set, condition),
      ),
  };
}
