/** Counts what reading rows would cost, by the rules of `meteredTable.ts`; a page of an index costs as one of its table. */
import { itemBytes, readUnits } from '../ports/itemSize.ts';
import type { RowsReader } from '../ports/rowsReader.ts';
import { BATCH_GET_MAX, countUnits, type UnitMeter } from './meteredTable.ts';

export function meteredRowsReader(reader: RowsReader, meter: UnitMeter): RowsReader {
  return {
    async page(request) {
      const page = await reader.page(request);
      const bytes = page.rows.reduce((sum, row) => sum + itemBytes(row), 0);
      countUnits(meter, 'query', { read: readUnits(bytes, 'eventual') });
      return page;
    },
    async batchGet(table, keys) {
      const rows = await reader.batchGet(table, keys);
      const missing = (keys.length - rows.length) * readUnits(0, 'eventual');
      const read = rows.reduce((sum, row) => sum + readUnits(itemBytes(row), 'eventual'), missing);
      countUnits(meter, 'batchGet', { read, requests: Math.ceil(keys.length / BATCH_GET_MAX) });
      return rows;
    },
  };
}
