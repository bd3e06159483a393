/** Rows of tables in memory, read as the read side reads them: for tests, and slow. */
import { resultRows } from '../../shared/adapters/resultRows.ts';
import { InvariantViolation } from '../../shared/errors.ts';
import { compareCodePoints } from '../../shared/model/ids.ts';
import {
  checkRowsRequest,
  placeNames,
  queriedBy,
  type RowsReader,
  type RowsRequest,
} from '../../shared/ports/rowsReader.ts';
import { type Item, itemKey, type TableDescription } from '../../shared/ports/table.ts';

export interface MemoryRows {
  readonly description: TableDescription;
  items(): Iterable<Item>;
}

/**
 * @param tables by their logical names; what is put into them later is read, too
 * @param pageRowsMax rows of a page, however many are asked for, as DynamoDB ends one at 1 MB
 */
export function memoryRowsReader(
  tables: ReadonlyMap<string, MemoryRows>,
  pageRowsMax = Number.POSITIVE_INFINITY,
): RowsReader {
  const descriptions = [...tables].map(([name, { description }]) => [name, description] as const);
  return resultRows(storedRowsReader(tables, pageRowsMax), new Map(descriptions));
}

function storedRowsReader(
  tables: ReadonlyMap<string, MemoryRows>,
  pageRowsMax: number,
): RowsReader {
  const opened = (name: string) => {
    const table = tables.get(name);
    if (table) return table;
    throw new InvariantViolation(`there is no result table ${name} to read`);
  };
  return {
    async page(request) {
      const { description, items } = opened(request.table);
      checkRowsRequest(description, request);
      const rows = rowsOf(description, items.call(opened(request.table)), request);
      const limit = Math.min(request.limit, pageRowsMax);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      // As DynamoDB, which says where a full page ended without a look at whether more comes.
      if (last === undefined || rows.length < limit) return { rows: page };
      const names = placeNames(description, request.index);
      return {
        rows: page,
        next: Object.fromEntries(names.map((name) => [name, last[name] as string])),
      };
    },
    async batchGet(name, keys) {
      const { description, items } = opened(name);
      const wanted = new Set(keys.map(({ pk, sk }) => JSON.stringify([pk, sk])));
      return [...items.call(opened(name))].filter((item) => wanted.has(nameOf(description, item)));
    },
  };
}

/** Behind the place of the request, in order. */
function rowsOf(
  table: TableDescription,
  items: Iterable<Item>,
  { index, pk, from, to, order, after }: RowsRequest,
): Item[] {
  const { partitionKey, sortKey = '' } = queriedBy(table, index);
  const sortOf = (item: Item) => String(item[sortKey] ?? '');
  const compare = (a: Item, b: Item) => {
    const way = order === 'ascending' ? 1 : -1;
    return (
      way *
      (compareCodePoints(sortOf(a), sortOf(b)) ||
        compareCodePoints(tieOf(table, a), tieOf(table, b)))
    );
  };
  return [...items]
    .filter((item) => item[partitionKey] === pk)
    .filter((item) => from === undefined || compareCodePoints(sortOf(item), from) >= 0)
    .filter((item) => to === undefined || compareCodePoints(sortOf(item), to) <= 0)
    .filter((item) => after === undefined || compare(item, after) > 0)
    .toSorted(compare);
}

const nameOf = (table: TableDescription, item: Item): string => {
  const { pk, sk } = itemKey(table, item);
  return JSON.stringify([pk, sk]);
};

/** Rows of an index with one sort key have an order that is not that of their keys. */
const tieOf = (table: TableDescription, item: Item): string =>
  [...nameOf(table, item)].reverse().join('');
