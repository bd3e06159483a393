/** Tables of more than a page: DynamoDB ends a page after 1 MB, whatever of it is asked for. */
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DynamoServer, startDynamoServer } from '../../../infra/local/dynamoServer.ts';
import { countRows, countRowsBy, scanRows } from '../../../infra/local/tableScans.ts';

const ROWS = 10;
const ROW_BYTES = 300_000;
const PLACE = { TableName: 'rows' };
let server: DynamoServer;
let client: DynamoDBClient;

beforeAll(async () => {
  server = await startDynamoServer({ port: 0 });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  client = new DynamoDBClient({ region: 'us-east-1', endpoint: server.endpoint, credentials });
  await client.send(
    new CreateTableCommand({
      ...PLACE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
    }),
  );
  for (let n = 0; n < ROWS; n += 1) {
    const row = { k: String(n), ...(n < 7 ? { status: n < 4 ? 'open' : 'shut' } : {}) };
    const Item = marshall({ ...row, filling: 'x'.repeat(ROW_BYTES) });
    await client.send(new PutItemCommand({ ...PLACE, Item }));
  }
});
afterAll(async () => {
  client.destroy();
  await server.stop();
});

it('are read, counted, and counted by an attribute, over all pages', async () => {
  expect(await scanRows(client, PLACE)).toHaveLength(ROWS);
  expect(await countRows(client, PLACE)).toBe(ROWS);
  // Also by a name that expressions reserve.
  const counts = new Map([
    ['open', 4],
    ['shut', 3],
  ]);
  expect(await countRowsBy(client, 'status', PLACE)).toEqual(counts);
});

it('leave out what was withdrawn, which is no result', async () => {
  const Item = marshall({ k: 'gone', withdrawn: true });
  await client.send(new PutItemCommand({ ...PLACE, Item }));
  const rows = await scanRows(client, PLACE);
  expect(rows.map(({ k }) => k).sort()).toEqual(Array.from({ length: ROWS }, (_, n) => String(n)));
});
