/**
 * Rows by their time, from an index that holds them in parts.
 *
 * 1. The order is that of times, within one time that of the parts, and within a part the index's own. It is the same whoever
 *    reads, so a place in it is the last row that was read: its time, its part, its key.
 * 2. Behind a place, parts before its own go on behind its time, its own goes on behind its key, and those after it go on with
 *    its time. So a cursor is as small as a key, however many rows have one time, and pages neither repeat a row nor skip one.
 *
 * A row that changes its time between two pages may be in both or in neither.
 */
import { InvariantViolation } from '../errors.ts';
import { isListedTime, type ListPartition } from '../job/lists.ts';
import { type EventTime, eventTime, isoTime, justAfter, justBefore } from '../model/time.ts';
import { itemBytes } from '../ports/itemSize.ts';
import {
  INDEXES,
  type IndexName,
  type RowsReader,
  type RowsRequest,
  WrongPlaceError,
} from '../ports/rowsReader.ts';
import type { Item, TableDescription } from '../ports/table.ts';

/** A table by its logical name, and the index that lists its rows. */
export interface ListedTable extends TableDescription {
  readonly index: IndexName;
}

/** Which rows: from `from`, before `to`; open where one is absent. */
export interface ListRange {
  readonly lists: readonly ListPartition[];
  readonly from?: EventTime;
  readonly to?: EventTime;
}

export interface ListRequest extends ListRange {
  readonly order: 'newestFirst' | 'oldestFirst';
  readonly limit: number;
  readonly after?: ListCursor;
}

/** The last row that was read. Plain JSON. */
export interface ListCursor {
  readonly at: string;
  readonly list: string;
  /** The row's values of the table's keys. */
  readonly key: readonly string[];
}

/** How much of rows there is room for, by a measure of who reads. */
export interface Room {
  readonly bytesMax: number;
  bytesOf(row: Item): number;
}

/**
 * @param request with `room` a page also ends behind the row that fills it; it has one row at least
 * Throws WrongPlaceError for a cursor of another list or range.
 */
export async function readListed(
  reader: RowsReader,
  table: ListedTable,
  request: ListRequest & { readonly room?: Room },
): Promise<{ rows: Item[]; next?: ListCursor }> {
  const { limit, room } = request;
  const rows: Item[] = [];
  let bytes = 0;
  for await (const row of listedRows(reader, table, request)) {
    const isFull = room !== undefined && bytes >= room.bytesMax;
    if (isFull || rows.length === limit)
      return { rows, next: cursorOf(table, rows.at(-1) as Item) };
    rows.push(row);
    bytes += room?.bytesOf(row) ?? 0;
  }
  return { rows };
}

/** Rows counted by what they are, up to a bound of all together. */
export interface ListCounts {
  readonly counts: ReadonlyMap<string, number>;
  /** Whether counting ended at its bound, with the older rows uncounted. */
  readonly isMore: boolean;
}

/**
 * The newest rows counted, in one pass: up to `max`, or to as many as reach `bytesMax` as they are stored.
 * @param request `kindOf` says under what a row is counted
 */
export async function countListed(
  reader: RowsReader,
  table: ListedTable,
  {
    max,
    bytesMax = Number.POSITIVE_INFINITY,
    kindOf,
    ...range
  }: ListRange & {
    readonly max: number;
    readonly bytesMax?: number;
    kindOf(row: Item): string;
  },
): Promise<ListCounts> {
  const counts = new Map<string, number>();
  let [all, bytes] = [0, 0];
  const request = { ...range, order: 'newestFirst', limit: max + 1 } as const;
  for await (const row of listedRows(reader, table, request)) {
    if (all === max || bytes >= bytesMax) return { counts, isMore: true };
    all += 1;
    bytes += itemBytes(row);
    const kind = kindOf(row);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return { counts, isMore: false };
}

/** All of them, read as they are wanted: `limit` is how many that will be, as far as is known. */
export async function* listedRows(
  reader: RowsReader,
  table: ListedTable,
  request: ListRequest,
): AsyncGenerator<Item> {
  const parts = startsOf(table, request).map((start) => new Part(reader, start));
  await Promise.all(parts.map((part) => part.fill()));
  for (let part = firstOf(parts, table, request); part; part = firstOf(parts, table, request)) {
    yield part.take();
    await part.fill();
  }
}

/** The part with the next row; of several with one time, the first in the order of lists. */
function firstOf(
  parts: readonly Part[],
  { index }: ListedTable,
  { order }: ListRequest,
): Part | undefined {
  const { sortKey } = INDEXES[index];
  let best: { readonly part: Part; readonly at: string } | undefined;
  for (const part of parts) {
    if (part.first === undefined) continue;
    const at = part.first[sortKey] as string;
    const isBefore = best === undefined || (order === 'newestFirst' ? at > best.at : at < best.at);
    if (isBefore) best = { part, at };
  }
  return best?.part;
}

/** The rows of one partition of the index that are not read yet. */
class Part {
  readonly #reader: RowsReader;
  #next: RowsRequest | undefined;
  #rows: readonly Item[] = [];
  #at = 0;

  /** @param start the request for its first page */
  constructor(reader: RowsReader, start: RowsRequest) {
    this.#reader = reader;
    this.#next = start;
  }

  /** Undefined behind the last row, once it is filled. */
  get first(): Item | undefined {
    return this.#rows[this.#at];
  }

  take(): Item {
    const { first } = this;
    if (first === undefined) throw new InvariantViolation('a part of a list has no row to take');
    this.#at += 1;
    return first;
  }

  /** A page may be empty and not the last one. */
  async fill(): Promise<void> {
    while (this.first === undefined && this.#next) {
      const { rows, next } = await this.#reader.page(this.#next);
      this.#rows = rows;
      this.#at = 0;
      this.#next = next && { ...this.#next, after: next };
    }
  }
}

/** The first request of each part that may hold rows of the range behind the cursor. */
function startsOf(table: ListedTable, request: ListRequest): RowsRequest[] {
  const { lists, order, after } = request;
  const bounds = boundsOf(request);
  const place = after && placeIn(table, request, bounds);
  return lists.flatMap((list, n): RowsRequest[] => {
    const within = place ? boundsBehind(place, n) : bounds;
    if (isEmpty(within)) return [];
    return [
      {
        table: table.name,
        index: table.index,
        pk: list,
        ...within,
        order: order === 'newestFirst' ? 'descending' : 'ascending',
        limit: pageLimit(request),
        ...(n === place?.n ? { after: place.key } : {}),
      },
    ];
  });
}

const PAGE_ROWS_MAX = 1_000;
/** A part has more than its share of the rows, now and then. */
const PAGE_ROWS_SPARE = 4;

/** Rows of a page: half as many again as the part's share, so that most readings take one page of each. */
function pageLimit({ limit, lists }: ListRequest): number {
  // One more, which tells whether there is more.
  const wanted = limit + 1;
  const share = Math.ceil((1.5 * wanted) / lists.length) + PAGE_ROWS_SPARE;
  return Math.min(wanted, share, PAGE_ROWS_MAX);
}

interface Place {
  /** Of its part among the lists. */
  readonly n: number;
  readonly key: Item;
  /** Of its own part, of those before it and of those after it. */
  readonly bounds: Bounds;
  readonly before: Bounds;
  readonly after: Bounds;
}

const boundsBehind = (place: Place, n: number): Bounds => {
  if (n === place.n) return place.bounds;
  return n < place.n ? place.before : place.after;
};

function placeIn(table: ListedTable, request: ListRequest, bounds: Bounds): Place {
  const { lists, order, after } = request;
  const { at, list, key } = after as ListCursor;
  const n = (lists as readonly string[]).indexOf(list);
  const names = keyNames(table);
  const isKey =
    key.length === names.length && key.every((part) => part !== '' && part.isWellFormed());
  if (n < 0 || !isKey || !isListedTime(at) || !isWithin(at, bounds)) {
    throw new WrongPlaceError(
      `the cursor ${at} in ${list} is no place in the list of ${table.name} that is asked for; give the \`next\` of its page before`,
    );
  }
  const side = order === 'newestFirst' ? 'to' : 'from';
  const time = eventTime(Date.parse(at));
  const beyond = isoTime(order === 'newestFirst' ? justBefore(time) : justAfter(time));
  const { partitionKey, sortKey } = INDEXES[table.index];
  return {
    n,
    key: {
      ...Object.fromEntries(names.map((name, part) => [name, key[part] as string])),
      [partitionKey]: list,
      [sortKey]: at,
    },
    bounds,
    before: { ...bounds, [side]: beyond },
    after: { ...bounds, [side]: at },
  };
}

function cursorOf(table: ListedTable, row: Item): ListCursor {
  const { partitionKey, sortKey } = INDEXES[table.index];
  const text = (name: string) => row[name] as string;
  return { at: text(sortKey), list: text(partitionKey), key: keyNames(table).map(text) };
}

const keyNames = ({ partitionKey, sortKey }: TableDescription): string[] =>
  sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];

/** Times of rows, both inclusive. */
interface Bounds {
  readonly from?: string;
  readonly to?: string;
}

const boundsOf = ({ from, to }: ListRange): Bounds => ({
  ...(from === undefined ? {} : { from: isoTime(from) }),
  ...(to === undefined ? {} : { to: isoTime(justBefore(to)) }),
});

const isEmpty = ({ from, to }: Bounds): boolean =>
  from !== undefined && to !== undefined && from > to;

const isWithin = (at: string, { from = at, to = at }: Bounds): boolean => from <= at && at <= to;
