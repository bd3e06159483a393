/** What it costs to pass over rows that were withdrawn. */
import { expect, it } from 'vitest';
import { resultRows } from '../../../shared/adapters/resultRows.ts';
import type { RowsReader } from '../../../shared/ports/rowsReader.ts';
import type { Item } from '../../../shared/ports/table.ts';

const TABLE = { name: 't', partitionKey: 'pk', sortKey: 'sk' };
const skOf = (n: number) => String(n).padStart(4, '0');

it('many withdrawn rows in a row take few requests', async () => {
  const rows = Array.from({ length: 3_001 }, (_, n): Item => {
    const key = { pk: 'a', sk: skOf(n) };
    return n === 3_000 ? key : { ...key, withdrawn: true };
  });
  const limits: number[] = [];
  const stored: RowsReader = {
    async page({ limit, after }) {
      limits.push(limit);
      const start = after === undefined ? 0 : Number(after['sk']) + 1;
      const page = rows.slice(start, start + limit);
      const last = page.at(-1);
      return page.length < limit || !last ? { rows: page } : { rows: page, next: last };
    },
    batchGet: async () => [],
  };
  const reader = resultRows(stored, new Map([[TABLE.name, TABLE]]));
  const request = { table: TABLE.name, pk: 'a', order: 'ascending', limit: 1 } as const;
  expect((await reader.page(request)).rows).toEqual([{ pk: 'a', sk: skOf(3_000) }]);
  expect(limits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000, 1_000]);
});
