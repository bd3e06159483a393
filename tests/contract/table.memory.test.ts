import { memoryTable } from '../../shared/adapters/memory/table.ts';
import { describeKeys } from './keyContract.ts';
import { describeQueries } from './queryContract.ts';
import { CONTRACT_TABLE, describeTable } from './tableContract.ts';

const SMALL_PAGES = { pageBytes: 30 };

describeTable('memory', async () => memoryTable(CONTRACT_TABLE));
describeQueries('memory', async () => memoryTable(CONTRACT_TABLE));
describeQueries('memory, a few items a page', async () => memoryTable(CONTRACT_TABLE, SMALL_PAGES));
describeKeys('memory', async (description) => memoryTable(description));
