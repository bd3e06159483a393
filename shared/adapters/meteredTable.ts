/**
 * Counts what a table's use would cost on demand, by our own arithmetic from the items' sizes.
 *
 * - A write costs the larger of the item before and after. A batch write does not learn what it replaced, and
 *   counts the new items only: exact for items that are new or do not shrink.
 * - A delete costs as much as the item that was there; a batch does not tell, so it counts a unit each.
 * - A refused write costs as much as the item that stands there.
 * - A single read or an entry of a batch read is rounded up to 4 KB by itself, a query's page as a whole. Whoever
 *   stops reading in the middle of a page has paid for the page, so the meter reads by the page, too.
 * - A failed request counts nothing: whether it was billed is not known.
 *
 * Checked against the embedded server's own figures by `tests/contract/units.dynalite.test.ts`.
 */
import { itemBytes, readUnits, writeUnits } from '../ports/itemSize.ts';
import {
  type Condition,
  type Consistency,
  type Item,
  itemKey,
  type Key,
  type QueryRequest,
  type Table,
  type TableDescription,
  type WriteOutcome,
} from '../ports/table.ts';

type TableOperation = 'get' | 'query' | 'batchGet' | 'put' | 'batchPut' | 'batchRemove' | 'update';

interface OperationUnits {
  /** Read units of 4 KB, half units where eventually consistent. */
  read: number;
  /** Write units of 1 KB. */
  write: number;
  /** Requests as DynamoDB counts them: a page of a query, a chunk of a batch. */
  requests: number;
  /** Writes that their condition refused. */
  refused: number;
}

/** Totals, and the same by kind of operation. Grows for ever: take differences of snapshots. */
export interface UnitMeter extends OperationUnits {
  readonly byKind: Readonly<Record<TableOperation, OperationUnits>>;
}

export function unitMeter(): UnitMeter {
  return {
    ...nothing(),
    byKind: {
      get: nothing(),
      query: nothing(),
      batchGet: nothing(),
      put: nothing(),
      batchPut: nothing(),
      batchRemove: nothing(),
      update: nothing(),
    },
  };
}

export interface MeteringOptions {
  /**
   * How a refused write is priced, since its outcome does not say how large the stored item is. 'readBack' asks the
   * table for it, unmetered: exact, and free in memory. 'oneUnit' is a lower bound that costs nothing on a real table.
   */
  readonly refusals: 'readBack' | 'oneUnit';
}

export function meteredTable(
  table: Table,
  meter: UnitMeter,
  options: MeteringOptions = { refusals: 'readBack' },
): Table {
  return new MeteredTable(table, meter, options);
}

const PAGE_BYTES = 1024 * 1024;
/** Keys of a request. */
export const BATCH_GET_MAX = 100;
const BATCH_WRITE_MAX = 25;

class MeteredTable implements Table {
  readonly description: TableDescription;
  readonly #table: Table;
  readonly #meter: UnitMeter;
  readonly #options: MeteringOptions;

  constructor(table: Table, meter: UnitMeter, options: MeteringOptions) {
    this.description = table.description;
    this.#table = table;
    this.#meter = meter;
    this.#options = options;
  }

  async get(key: Key, consistency: Consistency): Promise<Item | undefined> {
    const item = await this.#table.get(key, consistency);
    this.#count('get', { read: readUnits(bytesOf(item), consistency) });
    return item;
  }

  async *query(request: QueryRequest): AsyncGenerator<Item> {
    const source = this.#table.query(request)[Symbol.asyncIterator]();
    try {
      for (let pages = 0; ; pages += 1) {
        const page = await readPage(source);
        if (page.items.length > 0 || pages === 0) {
          this.#count('query', { read: readUnits(page.bytes, request.consistency) });
        }
        yield* page.items;
        if (page.isLast) return;
      }
    } finally {
      await source.return?.();
    }
  }

  async batchGet(keys: readonly Key[], consistency: Consistency): Promise<readonly Item[]> {
    const items = await this.#table.batchGet(keys, consistency);
    const missing = keys.length - items.length;
    let read = missing * readUnits(0, consistency);
    for (const item of items) read += readUnits(itemBytes(item), consistency);
    this.#count('batchGet', { read, requests: Math.ceil(keys.length / BATCH_GET_MAX) });
    return items;
  }

  async put(item: Item, condition: Condition): Promise<WriteOutcome> {
    const outcome = await this.#table.put(item, condition);
    await this.#countWrite('put', this.#keyOf(item), outcome, () => item);
    return outcome;
  }

  async batchPut(items: readonly Item[]): Promise<void> {
    await this.#table.batchPut(items);
    let write = 0;
    for (const item of items) write += writeUnits(itemBytes(item));
    this.#count('batchPut', { write, requests: Math.ceil(items.length / BATCH_WRITE_MAX) });
  }

  async batchRemove(keys: readonly Key[]): Promise<void> {
    await this.#table.batchRemove(keys);
    const requests = Math.ceil(keys.length / BATCH_WRITE_MAX);
    this.#count('batchRemove', { write: keys.length, requests });
  }

  async update(key: Key, set: Item, condition: Condition): Promise<WriteOutcome> {
    const outcome = await this.#table.update(key, set, condition);
    const { partitionKey, sortKey } = this.description;
    const created = { [partitionKey]: key.pk, ...(sortKey ? { [sortKey]: key.sk } : {}) };
    await this.#countWrite('update', key, outcome, (before) => ({
      ...(before ?? created),
      ...set,
    }));
    return outcome;
  }

  async #countWrite(
    kind: TableOperation,
    key: Key,
    outcome: WriteOutcome,
    after: (before: Item | undefined) => Item,
  ): Promise<void> {
    if (outcome.kind === 'refused') {
      const { refusals } = this.#options;
      const stored = refusals === 'readBack' ? await this.#table.get(key, 'strong') : undefined;
      this.#count(kind, { write: writeUnits(bytesOf(stored)), refused: 1 });
      return;
    }
    const before = bytesOf(outcome.replaced);
    const bytes = Math.max(before, itemBytes(after(outcome.replaced)));
    this.#count(kind, { write: writeUnits(bytes) });
  }

  #keyOf(item: Item): Key {
    return itemKey(this.description, item);
  }

  #count(kind: TableOperation, units: Partial<OperationUnits>): void {
    countUnits(this.#meter, kind, units);
  }
}

/** In the totals, and under its kind. */
export function countUnits(
  meter: UnitMeter,
  kind: TableOperation,
  units: Partial<OperationUnits>,
): void {
  add(meter, units);
  add(meter.byKind[kind], units);
}

/** As much as DynamoDB reads at once: 1 MB, the item that passes it included. */
async function readPage(source: AsyncIterator<Item>) {
  const items: Item[] = [];
  let bytes = 0;
  while (bytes < PAGE_BYTES) {
    const next = await source.next();
    if (next.done) return { items, bytes, isLast: true };
    items.push(next.value);
    bytes += itemBytes(next.value);
  }
  return { items, bytes, isLast: false };
}

const nothing = (): OperationUnits => ({ read: 0, write: 0, requests: 0, refused: 0 });

const bytesOf = (item: Item | undefined): number => (item ? itemBytes(item) : 0);

/** A request, unless it says otherwise. */
function add(to: OperationUnits, units: Partial<OperationUnits>): void {
  to.read += units.read ?? 0;
  to.write += units.write ?? 0;
  to.requests += units.requests ?? 1;
  to.refused += units.refused ?? 0;
}
