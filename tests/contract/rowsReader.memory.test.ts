import { memoryTable } from '../../shared/adapters/memory/table.ts';
import { memoryRowsReader } from '../support/memoryRows.ts';
import { describeRowsReader, ROW_TABLES } from './rowsReaderContract.ts';

describeRowsReader('memory', async () => {
  const tables = new Map(
    [...ROW_TABLES].map(([name, description]) => [name, memoryTable(description)] as const),
  );
  return {
    reader: memoryRowsReader(tables),
    put: async (table, rows) => tables.get(table)?.batchPut(rows),
  };
});
