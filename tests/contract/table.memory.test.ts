import { memoryTable } from '../../shared/adapters/memory/table.ts';
import { CONTRACT_TABLE, describeTable } from './tableContract.ts';

describeTable('memory', async () => memoryTable(CONTRACT_TABLE));
describeTable('memory, a few items a page', async () =>
  memoryTable(CONTRACT_TABLE, { pageBytes: 30 }),
);
