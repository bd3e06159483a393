/**
 * A table in memory, with DynamoDB's semantics as far as the port goes.
 *
 * Carries in-process runs and the simulator, so it must be fast: each partition is one array sorted by sort key,
 * to which logs, pages and rows are nearly always appended.
 *
 * Nothing aliases. Items are copied deeply on the way in, bytes too, since an encoder may reuse its buffer. On the way
 * out the stored item itself is given: it is frozen, and every write replaces it, so a reader keeps what it read.
 * Only bytes cannot be frozen; who reads bytes out of a table does not write into them.
 */
import { compareCodePoints } from '../../model/ids.ts';
import type {
  Condition,
  Item,
  Key,
  QueryRequest,
  Table,
  TableDescription,
  Value,
  WriteOutcome,
} from '../../ports/table.ts';
import { checkDistinct, checkItem, checkKey, checkQuery, checkUpdate } from '../storable.ts';

/** A table whose content can be looked at from outside the port: by tests, the simulator and the command line. */
export interface MemoryTable extends Table {
  /** All items, by partition in order of creation, then by sort key. */
  items(): Iterable<Item>;
  /** Removes an item, as DynamoDB's time to live does. */
  remove(key: Key): 'removed' | 'absent';
}

export interface MemoryTableOptions {
  /** How much a query reads at once; writes between two pages are seen by the second. DynamoDB: 1 MB. */
  readonly pageBytes?: number;
}

interface Entry {
  readonly sk: string;
  readonly item: Item;
  readonly bytes: number;
}

/** The entries of one partition key, ascending by sort key. */
type Partition = Entry[];

const PAGE_BYTES = 1024 * 1024;

export function memoryTable(
  description: TableDescription,
  options: MemoryTableOptions = {},
): MemoryTable {
  return new SortedTable(description, options.pageBytes ?? PAGE_BYTES);
}

class SortedTable implements MemoryTable {
  readonly description: TableDescription;
  readonly #pageBytes: number;
  readonly #partitions = new Map<string, Partition>();

  constructor(description: TableDescription, pageBytes: number) {
    this.description = description;
    this.#pageBytes = pageBytes;
  }

  async get(key: Key): Promise<Item | undefined> {
    checkKey(this.description, key);
    return this.#find(key);
  }

  async *query(request: QueryRequest): AsyncGenerator<Item> {
    checkQuery(this.description, request);
    let left = request.limit ?? Number.POSITIVE_INFINITY;
    let after: string | undefined;
    while (left > 0) {
      const partition = this.#partitions.get(request.pk) ?? [];
      const page = readPage(partition, request, after, left, this.#pageBytes);
      for (const entry of page) yield entry.item;
      left -= page.length;
      after = page.at(-1)?.sk;
      if (after === undefined) return;
    }
  }

  async batchGet(keys: readonly Key[]): Promise<readonly Item[]> {
    checkDistinct(this.description, keys);
    for (const key of keys) checkKey(this.description, key);
    return keys.map((key) => this.#find(key)).filter((item) => item !== undefined);
  }

  async put(item: Item, condition: Condition): Promise<WriteOutcome> {
    const { key, bytes } = checkItem(this.description, item);
    const stored = this.#find(key);
    if (!holds(condition, stored)) return { kind: 'refused' };
    this.#store(key, item, bytes);
    return written(stored);
  }

  async batchPut(items: readonly Item[]): Promise<void> {
    const checked = items.map((item) => ({ item, ...checkItem(this.description, item) }));
    checkDistinct(
      this.description,
      checked.map(({ key }) => key),
    );
    for (const { key, item, bytes } of checked) this.#store(key, item, bytes);
  }

  async batchRemove(keys: readonly Key[]): Promise<void> {
    checkDistinct(this.description, keys);
    for (const key of keys) checkKey(this.description, key);
    for (const key of keys) this.remove(key);
  }

  async update(key: Key, set: Item, condition: Condition): Promise<WriteOutcome> {
    checkUpdate(this.description, key, set);
    const stored = this.#find(key);
    if (!holds(condition, stored)) return { kind: 'refused' };
    const { partitionKey, sortKey } = this.description;
    const created = { [partitionKey]: key.pk, ...(sortKey ? { [sortKey]: key.sk } : {}) };
    const item = { ...(stored ?? created), ...set };
    this.#store(key, item, checkItem(this.description, item).bytes);
    return written(stored);
  }

  *items(): Iterable<Item> {
    for (const partition of this.#partitions.values()) {
      for (const { item } of partition) yield item;
    }
  }

  remove(key: Key): 'removed' | 'absent' {
    const partition = this.#partitions.get(key.pk) ?? [];
    const at = lowerBound(partition, key.sk);
    if (partition[at]?.sk !== key.sk) return 'absent';
    partition.splice(at, 1);
    return 'removed';
  }

  #find(key: Key): Item | undefined {
    const partition = this.#partitions.get(key.pk);
    const entry = partition?.[lowerBound(partition, key.sk)];
    return entry?.sk === key.sk ? entry.item : undefined;
  }

  #store(key: Key, item: Item, bytes: number): void {
    const entry = { sk: key.sk, item: frozenCopy(item), bytes };
    const partition = this.#partitions.get(key.pk);
    if (!partition) {
      this.#partitions.set(key.pk, [entry]);
      return;
    }
    const at = lowerBound(partition, key.sk);
    if (at === partition.length) partition.push(entry);
    else partition.splice(at, partition[at]?.sk === key.sk ? 1 : 0, entry);
  }
}

const written = (stored: Item | undefined): WriteOutcome =>
  stored ? { kind: 'written', replaced: stored } : { kind: 'written' };

function holds(condition: Condition, stored: Item | undefined): boolean {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'absent':
      return stored === undefined;
    case 'equals':
      return valueAt(stored, condition.name) === condition.value;
    case 'absentOrAtMost': {
      if (stored === undefined) return true;
      const value = stored[condition.name];
      return typeof value === 'number' && value <= condition.value;
    }
  }
}

/** The value of an attribute, or of an attribute of a map: `map.name`. */
function valueAt(stored: Item | undefined, path: string): Value | undefined {
  return path
    .split('.')
    .reduce<Value | undefined>(
      (at, name) => (typeof at === 'object' && at !== null ? (at as Item)[name] : undefined),
      stored,
    );
}

/** The first index whose sort key is not below `sk`. Looks at the end first: that is where logs grow. */
function lowerBound(partition: Partition, sk: string): number {
  const last = partition.at(-1);
  if (!last || compareCodePoints(last.sk, sk) < 0) return partition.length;
  let low = 0;
  let high = partition.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = partition[middle];
    if (entry && compareCodePoints(entry.sk, sk) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index whose sort key is above `sk`. */
function upperBound(partition: Partition, sk: string): number {
  const at = lowerBound(partition, sk);
  return partition[at]?.sk === sk ? at + 1 : at;
}

/** The next entries of a query, up to a page's size, the entry that passes it included. */
function readPage(
  partition: Partition,
  request: QueryRequest,
  after: string | undefined,
  limit: number,
  pageBytes: number,
): Entry[] {
  let first = request.from === undefined ? 0 : lowerBound(partition, request.from);
  let end = request.to === undefined ? partition.length : upperBound(partition, request.to);
  const ascending = request.order === 'ascending';
  if (after !== undefined && ascending) first = Math.max(first, upperBound(partition, after));
  if (after !== undefined && !ascending) end = Math.min(end, lowerBound(partition, after));
  const page: Entry[] = [];
  let bytes = 0;
  for (let n = 0; n < end - first && n < limit && bytes < pageBytes; n += 1) {
    const entry = partition[ascending ? first + n : end - 1 - n];
    if (!entry) break;
    page.push(entry);
    bytes += entry.bytes;
  }
  return page;
}

function frozenCopy(item: Item): Item {
  const copy: Record<string, Value> = {};
  for (const [name, value] of Object.entries(item)) copy[name] = valueCopy(value);
  return Object.freeze(copy);
}

function valueCopy(value: Value): Value {
  if (typeof value === 'number') return value + 0; // no negative zero: DynamoDB has none
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return Object.freeze(value.map(valueCopy));
  return frozenCopy(value as Item);
}
