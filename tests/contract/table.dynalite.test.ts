import { afterAll, beforeAll } from 'vitest';
import { dynamoTable } from '../../shared/adapters/aws/table.ts';
import { meteredTable, unitMeter } from '../../shared/adapters/meteredTable.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite.ts';
import { CONTRACT_TABLE, describeTable } from './tableContract.ts';

let server: DynaliteServer;

beforeAll(async () => {
  server = await startDynalite();
});

afterAll(() => server.stop());

async function openTable(name: string) {
  const description = { ...CONTRACT_TABLE, name };
  await server.createTable(description);
  return dynamoTable(server.client, description);
}

describeTable('DynamoDB (embedded server)', () => openTable('plain'));
describeTable('DynamoDB (embedded server), metered', async () =>
  meteredTable(await openTable('metered'), unitMeter()),
);
