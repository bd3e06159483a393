import { afterAll, beforeAll, expect, it } from 'vitest';
import { dynamoRowsReader } from '../../shared/adapters/aws/rowsReader.ts';
import { dynamoTable } from '../../shared/adapters/aws/table.ts';
import { meteredRowsReader } from '../../shared/adapters/meteredRowsReader.ts';
import { unitMeter } from '../../shared/adapters/meteredTable.ts';
import type { Item, TableDescription } from '../../shared/ports/table.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite.ts';
import { describeRowsReader, ROW_TABLES } from './rowsReaderContract.ts';

let server: DynaliteServer;

beforeAll(async () => {
  server = await startDynalite();
  for (const table of ROW_TABLES.values()) await server.createTable(table, [table.index]);
  await server.createTable({ name: 'stage-bare', partitionKey: 'user', sortKey: 'order' });
});

afterAll(() => server.stop());

const put = async (table: string, rows: readonly Item[]) => {
  const description = ROW_TABLES.get(table);
  if (description) await dynamoTable(server.client, description).batchPut(rows);
};

describeRowsReader('DynamoDB (embedded server)', async () => ({
  reader: meteredRowsReader(dynamoRowsReader(server.client, ROW_TABLES), unitMeter()),
  put,
}));

const reader = () =>
  dynamoRowsReader(
    server.client,
    new Map<string, TableDescription>([
      ...ROW_TABLES,
      ['bare', { name: 'stage-bare', partitionKey: 'user', sortKey: 'order' }],
      ['gone', { name: 'stage-gone', partitionKey: 'user', sortKey: 'order' }],
    ]),
  );
const request = { pk: 'a', order: 'ascending', limit: 5 } as const;

it('a place outside the bounds, which the server refuses, is said to be none', async () => {
  const after = { user: 'a', order: 'b' };
  await expect(reader().page({ ...request, table: 'alerts', from: 'c', after })).rejects.toThrow(
    expect.objectContaining({
      name: 'WrongPlaceError',
      message: expect.stringMatching(/^query of table alerts, partition a: .*starting key/),
    }),
  );
});

it('a table or an index that the server lacks is said to be missing', async () => {
  await expect(reader().page({ ...request, table: 'gone' })).rejects.toThrow(
    /^query of table gone, partition a: ResourceNotFoundException/,
  );
  await expect(reader().page({ ...request, table: 'bare', index: 'latest' })).rejects.toThrow(
    /^query of index latest of table bare, partition a: ValidationException: .*index: latest/,
  );
});
