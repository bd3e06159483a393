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
import { InvariantViolation } from '../../errors.ts';
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
import { ITEM_BYTES_MAX, itemBytes } from '../../state/itemSize.ts';
import {
  checkDistinct,
  checkItem,
  checkKey,
  checkQuery,
  checkUpdate,
  placeOf,
} from '../storable.ts';

/** A table whose content can be looked at from outside the port: by tests, the simulator and the command line. */
export interface MemoryTable extends Table {
  /** All items, by partition in order of creation, then by sort key. */
  items(): Iterable<Item>;
  /** Removes an item, as DynamoDB's time to live does. Whether there was one. */
  remove(key: Key): boolean;
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
  const partitions = new Map<string, Partition>();
  const pageBytes = options.pageBytes ?? PAGE_BYTES;

  function find(key: Key): Entry | undefined {
    const partition = partitions.get(key.pk);
    const entry = partition?.[lowerBound(partition, key.sk)];
    return entry?.sk === key.sk ? entry : undefined;
  }

  function store(key: Key, item: Item, bytes: number): void {
    const entry = { sk: key.sk, item: frozenCopy(item), bytes };
    const partition = partitions.get(key.pk);
    if (!partition) {
      partitions.set(key.pk, [entry]);
      return;
    }
    const at = lowerBound(partition, key.sk);
    if (at === partition.length) partition.push(entry);
    else partition.splice(at, partition[at]?.sk === key.sk ? 1 : 0, entry);
  }

  function write(key: Key, condition: Condition, next: (stored?: Item) => Sized): WriteOutcome {
    const stored = find(key)?.item;
    if (!holds(condition, stored)) return { kind: 'refused' };
    const { item, bytes } = next(stored);
    store(key, item, bytes);
    return stored ? { kind: 'written', replaced: stored } : { kind: 'written' };
  }

  function updated(key: Key, set: Item, stored: Item | undefined): Sized {
    const keyAttributes = { [description.partitionKey]: key.pk, [description.sortKey]: key.sk };
    const item = { ...(stored ?? keyAttributes), ...set };
    const bytes = itemBytes(item);
    if (bytes <= ITEM_BYTES_MAX) return { item, bytes };
    throw new InvariantViolation(
      `${placeOf(description, key)}: ${bytes} bytes once updated, and an item may have ${ITEM_BYTES_MAX}`,
    );
  }

  return {
    description,

    async get(key) {
      checkKey(description, key);
      return find(key)?.item;
    },

    async *query(request) {
      checkQuery(description, request);
      let left = request.limit ?? Number.POSITIVE_INFINITY;
      let after: string | undefined;
      while (left > 0) {
        const page = readPage(partitions.get(request.pk) ?? [], request, after, left, pageBytes);
        for (const entry of page) yield entry.item;
        left -= page.length;
        after = page.at(-1)?.sk;
        if (after === undefined) return;
      }
    },

    async batchGet(keys) {
      checkDistinct(description, keys);
      for (const key of keys) checkKey(description, key);
      return keys.map((key) => find(key)?.item).filter((item) => item !== undefined);
    },

    async put(item, condition) {
      const { key, bytes } = checkItem(description, item);
      return write(key, condition, () => ({ item, bytes }));
    },

    async batchPut(items) {
      const checked = items.map((item) => ({ item, ...checkItem(description, item) }));
      checkDistinct(
        description,
        checked.map(({ key }) => key),
      );
      for (const { key, item, bytes } of checked) store(key, item, bytes);
    },

    async update(key, set, condition) {
      checkUpdate(description, key, set);
      return write(key, condition, (stored) => updated(key, set, stored));
    },

    *items() {
      for (const partition of partitions.values()) {
        for (const { item } of partition) yield item;
      }
    },

    remove(key) {
      const partition = partitions.get(key.pk) ?? [];
      const at = lowerBound(partition, key.sk);
      if (partition[at]?.sk !== key.sk) return false;
      partition.splice(at, 1);
      return true;
    },
  };
}

interface Sized {
  readonly item: Item;
  readonly bytes: number;
}

function holds(condition: Condition, stored: Item | undefined): boolean {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'absent':
      return stored === undefined;
    case 'equals':
      return stored?.[condition.name] === condition.value;
    case 'absentOrAtMost': {
      if (stored === undefined) return true;
      const value = stored[condition.name];
      return typeof value === 'number' && value <= condition.value;
    }
  }
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
