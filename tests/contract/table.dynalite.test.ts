import { afterAll, beforeAll } from 'vitest';
import { dynamoTable } from '../../shared/adapters/aws/table.ts';
import { meteredTable, unitMeter } from '../../shared/adapters/meteredTable.ts';
import type { TableDescription } from '../../shared/ports/table.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite.ts';
import { describeKeys } from './keyContract.ts';
import { describeQueries } from './queryContract.ts';
import { CONTRACT_TABLE, describeTable } from './tableContract.ts';

let server: DynaliteServer;

beforeAll(async () => {
  server = await startDynalite();
});

afterAll(() => server.stop());

let tables = 0;
async function open(like: TableDescription = CONTRACT_TABLE) {
  tables += 1;
  const description = { ...like, name: `${like.name}${tables}` };
  await server.createTable(description);
  return dynamoTable(server.client, description);
}

const openMetered = async (like?: TableDescription) =>
  meteredTable(await open(like), unitMeter(), { refusals: 'readBack' });

describeTable('DynamoDB (embedded server)', () => open());
describeTable('DynamoDB (embedded server), metered', () => openMetered());
describeQueries('DynamoDB (embedded server)', () => open());
describeQueries('DynamoDB (embedded server), metered', () => openMetered());
describeKeys('DynamoDB (embedded server)', open);
describeKeys('DynamoDB (embedded server), metered', openMetered);
