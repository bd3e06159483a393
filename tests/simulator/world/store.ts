/**
 * What a simulated table holds: every item with its recent versions, so that an eventually consistent read
 * can see the past. Conditions are evaluated here, on the newest version, atomically. It refuses what
 * DynamoDB refuses: numbers that are not finite, empty keys, items above 400 KB.
 */
import { compareCodePoints } from '../../../shared/model/ids.ts';
import {
  type Condition,
  EXPIRES_AT,
  type Item,
  type Key,
  type TableDescription,
  type Value,
  type WriteOutcome,
} from '../../../shared/ports/table.ts';

/** A change that took place. */
export interface Change {
  readonly store: Store;
  readonly key: Key;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly at: number;
  /** Who did it: a process's name, or `ttl`. */
  readonly by: string;
}

/** What a table is for. */
export type Contents = 'state' | 'window rows' | 'status rows' | 'alerts';

interface Version {
  readonly at: number;
  readonly item: Item | undefined;
}

interface Partition {
  readonly sortKeys: string[];
  readonly versions: Map<string, Version[]>;
}

const ITEM_BYTES_MAX = 400 * 1024;
/** Versions older than this are forgotten: no stale read reaches back further. */
export const STALENESS_MAX_MS = 120_000;

export class Store {
  readonly description: TableDescription;
  readonly contents: Contents;
  readonly #partitions = new Map<string, Partition>();
  readonly #onChange: (change: Change) => void;

  constructor(
    description: TableDescription,
    contents: Contents,
    onChange: (change: Change) => void,
  ) {
    this.description = description;
    this.contents = contents;
    this.#onChange = onChange;
  }

  keyOf(item: Item): Key {
    const { partitionKey, sortKey } = this.description;
    const parts = [item[partitionKey], ...(sortKey === undefined ? [] : [item[sortKey]])];
    if (parts.some((part) => typeof part !== 'string' || part === '')) {
      throw new Error(`validation: the key of ${JSON.stringify(item)} is not text`);
    }
    const [pk, sk = ''] = parts as string[];
    return { pk: pk as string, sk };
  }

  /** The item as it was at a time, by default now. */
  read(key: Key, asOf = Number.POSITIVE_INFINITY): Item | undefined {
    return versionAt(this.#partitions.get(key.pk)?.versions.get(key.sk), asOf);
  }

  /** Sort keys of a partition in code point order; some may hold no item any more. */
  sortKeysOf(pk: string): readonly string[] {
    return this.#partitions.get(pk)?.sortKeys ?? [];
  }

  partitionKeys(): readonly string[] {
    return [...this.#partitions.keys()];
  }

  *items(): Iterable<Item> {
    for (const pk of this.partitionKeys()) {
      for (const sk of this.sortKeysOf(pk)) {
        const item = this.read({ pk, sk });
        if (item) yield item;
      }
    }
  }

  put(item: Item, condition: Condition, at: number, by: string): WriteOutcome {
    const key = this.keyOf(item);
    const before = this.read(key);
    if (!holds(condition, before)) return { kind: 'refused' };
    this.#write(key, before, stored(item), at, by);
    return before ? { kind: 'written', replaced: before } : { kind: 'written' };
  }

  update(key: Key, set: Item, condition: Condition, at: number, by: string): WriteOutcome {
    const before = this.read(key);
    if (!holds(condition, before)) return { kind: 'refused' };
    const { partitionKey, sortKey } = this.description;
    const sort = sortKey === undefined ? {} : { [sortKey]: key.sk };
    const keyAttributes = { [partitionKey]: key.pk, ...sort };
    this.#write(key, before, stored({ ...before, ...set, ...keyAttributes }), at, by);
    return before ? { kind: 'written', replaced: before } : { kind: 'written' };
  }

  /** Deletes the item, if there is one. */
  remove(key: Key, at: number, by: string): WriteOutcome {
    const before = this.read(key);
    if (before) this.#write(key, before, undefined, at, by);
    return { kind: 'written' };
  }

  /** Deletes an item whose time to live has passed, as DynamoDB does in its own time. */
  expire(key: Key, at: number): boolean {
    const item = this.read(key);
    const expiresAt = item?.[EXPIRES_AT];
    if (!item || typeof expiresAt !== 'number' || expiresAt * 1_000 > at) return false;
    this.#write(key, item, undefined, at, 'ttl');
    return true;
  }

  #write(key: Key, before: Item | undefined, after: Item | undefined, at: number, by: string) {
    const partition = this.#partitionOf(key.pk);
    const versions = partition.versions.get(key.sk);
    if (versions) {
      while (versions.length > 1 && (versions[1] as Version).at < at - STALENESS_MAX_MS) {
        versions.shift();
      }
      versions.push({ at, item: after });
    } else {
      partition.versions.set(key.sk, [{ at, item: after }]);
      insertSorted(partition.sortKeys, key.sk);
    }
    this.#onChange({ store: this, key, before, after, at, by });
  }

  #partitionOf(pk: string): Partition {
    let partition = this.#partitions.get(pk);
    if (!partition) {
      partition = { sortKeys: [], versions: new Map() };
      this.#partitions.set(pk, partition);
    }
    return partition;
  }
}

function versionAt(versions: readonly Version[] | undefined, asOf: number): Item | undefined {
  for (let i = (versions?.length ?? 0) - 1; i >= 0; i -= 1) {
    const version = versions?.[i] as Version;
    if (version.at <= asOf) return version.item;
  }
  return undefined;
}

function holds(condition: Condition, item: Item | undefined): boolean {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'absent':
      return item === undefined;
    case 'equals':
      return valueAt(item, condition.name) === condition.value;
    case 'absentOrAtMost': {
      const found = item?.[condition.name];
      return item === undefined || (typeof found === 'number' && found <= condition.value);
    }
  }
}

/** The value of an attribute, or of one in a map: `map.name`. */
function valueAt(item: Item | undefined, path: string): Value | undefined {
  let at: Value | undefined = item;
  for (const name of path.split('.')) {
    at = typeof at === 'object' && at !== null ? (at as Item)[name] : undefined;
  }
  return at;
}

function insertSorted(sortKeys: string[], sk: string): void {
  let low = 0;
  let high = sortKeys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareCodePoints(sortKeys[middle] as string, sk) < 0) low = middle + 1;
    else high = middle;
  }
  sortKeys.splice(low, 0, sk);
}

/** A copy that nobody else holds, checked as DynamoDB would. */
function stored(item: Item): Item {
  const size = { bytes: 0 };
  const copy = copied(item, size) as Item;
  if (size.bytes > ITEM_BYTES_MAX) throw new Error(`validation: an item of ${size.bytes} bytes`);
  return copy;
}

function copied(value: Value, size: { bytes: number }): Value {
  if (typeof value === 'string') size.bytes += Buffer.byteLength(value);
  else if (typeof value === 'number') size.bytes += checkedNumber(value);
  else if (value instanceof Uint8Array) {
    size.bytes += value.length;
    return Uint8Array.from(value);
  } else if (Array.isArray(value)) {
    return Object.freeze(value.map((each: Value) => copied(each, size)));
  } else if (typeof value === 'object' && value !== null) {
    return copiedMap(value as Item, size);
  } else if (value === undefined) throw new Error('validation: an attribute is undefined');
  return value;
}

function copiedMap(map: Item, size: { bytes: number }): Item {
  const copy: Record<string, Value> = {};
  for (const [name, value] of Object.entries(map)) {
    size.bytes += name.length;
    copy[name] = copied(value, size);
  }
  return Object.freeze(copy);
}

const NUMBER_BYTES = 11;

function checkedNumber(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`validation: ${value} is not a DynamoDB number`);
  return NUMBER_BYTES;
}
