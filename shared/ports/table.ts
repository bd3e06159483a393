/**
 * What the engine asks of a key-value table: a small, closed part of DynamoDB.
 *
 * One item, one write, at most one condition. There are no transactions and no secondary indexes here, so
 * every adapter can be complete: memory, DynamoDB, and the simulator's, which injects faults. The state
 * modules (`shared/state`) own keys, attributes and which condition protects which write; an adapter
 * only carries them out.
 *
 * Errors, for every operation: `RetryableError` when the table is throttled or out of reach and nothing was
 * changed; for writes also `UnknownOutcomeError` when no reply came and the write may have happened.
 */

export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value };

export type Item = { readonly [name: string]: Value };

/** Values of the table's partition key and sort key; `sk` is empty where the table has no sort key. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export type Consistency = 'strong' | 'eventual';

/** When a write may happen. Anything else is 'refused', without a change. */
export type Condition =
  | { readonly kind: 'always' }
  /** No item is stored under this key. */
  | { readonly kind: 'absent' }
  /** The stored item has this value in this attribute; `map.name` is an attribute of a map. */
  | { readonly kind: 'equals'; readonly name: string; readonly value: string | number }
  /** No item is stored, or its attribute is a number not above this one. */
  | { readonly kind: 'absentOrAtMost'; readonly name: string; readonly value: number };

export type WriteOutcome =
  /** `replaced` is the item that stood there before, where there was one. */
  { readonly kind: 'written'; readonly replaced?: Item } | { readonly kind: 'refused' };

export interface QueryRequest {
  readonly pk: string;
  /** Bounds on the sort key, both inclusive; code point order. */
  readonly from?: string;
  readonly to?: string;
  readonly order: 'ascending' | 'descending';
  readonly limit?: number;
  readonly consistency: Consistency;
}

export interface TableDescription {
  /** The physical name, as the server knows it. */
  readonly name: string;
  readonly partitionKey: string;
  /** Absent where the partition key alone names an item. */
  readonly sortKey?: string;
}

/** The key of an item of any table. */
export const itemKey = ({ partitionKey, sortKey }: TableDescription, item: Item): Key => ({
  pk: String(item[partitionKey]),
  sk: sortKey === undefined ? '' : String(item[sortKey]),
});

export interface Table {
  readonly description: TableDescription;
  get(key: Key, consistency: Consistency): Promise<Item | undefined>;
  /**
   * Items in sort key order, lazily page by page: stop iterating to stop reading. Every page is read with
   * the consistency asked for; an eventually consistent one may miss the newest writes.
   */
  query(request: QueryRequest): AsyncIterable<Item>;
  /** The items that exist, in no order. Any number of keys, without repeats. */
  batchGet(keys: readonly Key[], consistency: Consistency): Promise<readonly Item[]>;
  /** Puts the whole item (key attributes included) if the condition holds. */
  put(item: Item, condition: Condition): Promise<WriteOutcome>;
  /** Unconditional puts of any number of items, in no order; repeating it changes nothing. */
  batchPut(items: readonly Item[]): Promise<void>;
  /** Unconditional deletes of any number of items, in no order; what is not there stays away. */
  batchRemove(keys: readonly Key[]): Promise<void>;
  /** Sets attributes of an existing item if the condition holds; never creates an item under 'equals'. */
  update(key: Key, set: Item, condition: Condition): Promise<WriteOutcome>;
}

/** The attribute that DynamoDB's time to live reads: epoch seconds. Cleans up; never times anything. */
export const EXPIRES_AT = 'expiresAt';
