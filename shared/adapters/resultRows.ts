/**
 * Rows that are results: whoever reads gets none that was withdrawn. Every reader of rows is made with it, so nobody behind the port
 * has to know of such rows.
 */
import { isResult } from '../job/tables.ts';
import { placeNames, type RowsReader } from '../ports/rowsReader.ts';
import type { Item, TableDescription } from '../ports/table.ts';

/** So that many withdrawn rows in a row take few requests. */
const PAGE_ROWS_MAX = 1_000;

/**
 * A page ends without a row only where there is none behind it that is a result.
 * @param tables by their logical names, as `reader` reads them
 */
export function resultRows(
  reader: RowsReader,
  tables: ReadonlyMap<string, TableDescription>,
): RowsReader {
  return {
    async page(request) {
      let asked = request;
      for (;;) {
        const { rows, next } = await reader.page(asked);
        const results = rows.filter(isResult);
        const page = results.slice(0, request.limit);
        const last = page.at(-1);
        if (last !== undefined && results.length > page.length) {
          const names = placeNames(tables.get(request.table) as TableDescription, request.index);
          return { rows: page, next: placeOf(last, names) };
        }
        if (next === undefined) return { rows: page };
        if (last !== undefined) return { rows: page, next };
        asked = { ...asked, after: next, limit: Math.min(2 * asked.limit, PAGE_ROWS_MAX) };
      }
    },
    batchGet: async (table, keys) => (await reader.batchGet(table, keys)).filter(isResult),
  };
}

const placeOf = (row: Item, names: readonly string[]): Item =>
  Object.fromEntries(names.map((name) => [name, row[name] as string]));
