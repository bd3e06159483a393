/**
 * What the read side asks of result tables: rows by key, of a table or of an index, a page at a time. There is no scan and no
 * filter, so what a request costs follows from what it gives. Rows that were withdrawn are no results, and are passed over.
 *
 * Reads are eventually consistent: an index knows nothing else, and what was missed is there a moment later.
 *
 * Errors: `RetryableError` when the table is throttled or out of reach, `WrongPlaceError` for an `after` that no page gave,
 * `InvariantViolation` for a table or index that is not there.
 */
import { InvariantViolation } from '../errors.ts';
import type { Item, Key, TableDescription } from './table.ts';

/**
 * The key attributes of each index. `latest` lists facts by their time, `problems` rows that somebody should look at, `groups` the
 * rows of a window that are alike.
 */
export const INDEXES = {
  latest: { partitionKey: 'listed', sortKey: 'listedAt' },
  problems: { partitionKey: 'problem', sortKey: 'problemAt' },
  groups: { partitionKey: 'windowGroup', sortKey: 'groupMember' },
} as const;

export type IndexName = keyof typeof INDEXES;

export interface RowsRequest {
  /** The logical name. */
  readonly table: string;
  readonly index?: IndexName;
  readonly pk: string;
  /** Bounds on the sort key, both inclusive; code point order. */
  readonly from?: string;
  readonly to?: string;
  readonly order: 'ascending' | 'descending';
  readonly limit: number;
  /** Where the page before this one ended: as its `next` gave it. */
  readonly after?: Item;
}

export interface RowsPage {
  /**
   * Up to `limit`, and fewer where they are large or some were withdrawn. Rows of an index with one sort key come in an order of their own, always
   * the same.
   */
  readonly rows: readonly Item[];
  /** The key of the last row that was looked at, the index's and the table's; absent where the partition has no more in these bounds. */
  readonly next?: Item;
}

export interface RowsReader {
  page(request: RowsRequest): Promise<RowsPage>;
  /** The rows that exist and are results, in no order. Any number of keys, without repeats. */
  batchGet(table: string, keys: readonly Key[]): Promise<readonly Item[]>;
}

/** Reading cannot go on behind the place that was given: it is none where a page of this request ended. */
export class WrongPlaceError extends Error {
  override name = 'WrongPlaceError';
}

/** What is queried: the table, or its index under the names of that one's keys. */
export function queriedBy(table: TableDescription, index: IndexName | undefined): TableDescription {
  return index === undefined ? table : { name: table.name, ...INDEXES[index] };
}

/** How messages name what is read. */
export const readingOf = ({ table, index, pk }: RowsRequest): string =>
  `query of ${index === undefined ? '' : `index ${index} of `}table ${table}, partition ${pk}`;

/** Names of the attributes that say where a page ended. */
export const placeNames = (
  { partitionKey, sortKey }: TableDescription,
  index: IndexName | undefined,
): readonly string[] => [
  partitionKey,
  ...(sortKey === undefined ? [] : [sortKey]),
  ...(index === undefined ? [] : Object.values(INDEXES[index])),
];

/** Throws InvariantViolation for a limit that is none, and WrongPlaceError for what cannot be a place of this request. */
export function checkRowsRequest(table: TableDescription, request: RowsRequest): void {
  const { index, pk, limit, after } = request;
  if (!(Number.isSafeInteger(limit) && limit >= 1)) {
    throw new InvariantViolation(`${readingOf(request)}: a limit of ${limit}; give 1 or more`);
  }
  if (after === undefined) return;
  const names = placeNames(table, index);
  const isWhole = names.every((name) => typeof after[name] === 'string' && after[name] !== '');
  if (!isWhole || Object.keys(after).length !== names.length) {
    throw new WrongPlaceError(
      `${readingOf(request)}: a place has text in ${names.join(', ')} and nothing else; give the \`next\` of a page`,
    );
  }
  const { partitionKey } = queriedBy(table, index);
  if (after[partitionKey] === pk) return;
  throw new WrongPlaceError(
    `${readingOf(request)}: the place is of another partition, ${String(after[partitionKey])}; give the \`next\` of a page`,
  );
}
