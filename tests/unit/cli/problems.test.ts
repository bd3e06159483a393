import { fileURLToPath } from 'node:url';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateEvents } from '../../../cli/generate/generateEvents.ts';
import { PROBLEMS, readProblems } from '../../../cli/problems.ts';
import { runJob } from '../../../cli/run/runJob.ts';
import { timeOption } from '../../../cli/timeOption.ts';
import { orderReconcile } from '../../../functions/orderReconcile/job.ts';
import { orderTimeout } from '../../../functions/orderTimeout/job.ts';
import { readDefinitions } from '../../../infra/local/definitions.ts';
import { type DynamoServer, startDynamoServer } from '../../../infra/local/dynamoServer.ts';
import { createResources } from '../../../infra/local/resources.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const TABLE = 'tidemark-local-order-status';

describe('problems of a status table', () => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const tables = readDefinitions({ root: ROOT, stage: 'local' }).tables.filter(
    ({ physicalName }) => physicalName === TABLE,
  );
  let server: DynamoServer;
  let dynamo: DynamoDBClient;

  beforeAll(async () => {
    server = await startDynamoServer({ port: 0 });
    dynamo = new DynamoDBClient({ region: 'us-east-1', credentials, endpoint: server.endpoint });
    const kinesis = new KinesisClient({ region: 'us-east-1', credentials });
    await createResources({ streams: [], tables }, { kinesis, dynamo });
    const rows: [string, string, string][] = [
      ['c', 'timedOut', '2019-05-21T10:59:59.999Z'],
      ['a', 'timedOut', '2019-05-21T09:00:00.000Z'],
      ['d', 'timedOut', '2019-05-21T11:00:00.000Z'],
      ['b', 'timedOut', '2019-05-21T09:59:59.999Z'],
      ['e', 'timedOutTwice', '2019-05-21T09:30:00.000Z'],
      ['f', 'conflict', '2019-05-21T09:30:00.000Z'],
    ];
    for (const [orderId, status, problemAt] of rows) {
      const problem = `${status}#${problemAt.slice(0, 13)}`;
      const Item = marshall({ orderId, status, problem, problemAt });
      await dynamo.send(new PutItemCommand({ TableName: TABLE, Item }));
    }
    await dynamo.send(new PutItemCommand({ TableName: TABLE, Item: marshall({ orderId: 'g' }) }));
  });
  afterAll(async () => {
    dynamo.destroy();
    await server.stop();
  });

  const listed = async (status: string, from?: string, to?: string) => {
    const at = timeOption('--from');
    const range = { ...(from ? { from: at(from) } : {}), ...(to ? { to: at(to) } : {}) };
    const rows = await readProblems(dynamo, TABLE, status, range);
    return rows.map((row) => row['orderId']).join(' ');
  };

  it('are all listed, oldest first, where no time is given', async () => {
    expect(await listed('timedOut')).toBe('a b c d');
    expect(await listed('conflict')).toBe('f');
    expect(await listed('paidLate')).toBe('');
  });

  it.each([
    ['2019-05-21T09', '2019-05-21T11', 'a b c'],
    ['2019-05-21T09:00:00.001', '2019-05-21T11:00:00.001', 'b c d'],
    ['2019-05-21T17:59+08:00', '2019-05-21T18:59:59.999+08:00', 'b'],
    ['2019-05-21', '2019-05-22', 'a b c d'],
    ['2019-05-20', '2019-05-21', ''],
    ['2019-05-21T10', undefined, 'c d'],
    [undefined, '2019-05-21T10:59:59.999', 'a b'],
  ])('are listed from %s, before %s', async (from, to, orders) => {
    expect(await listed('timedOut', from, to)).toBe(orders);
  });

  it.each([
    ['2019-05-21', '2019-05-21', '--to 2019-05-21T00:00:00.000Z is not after --from'],
    ['2019-05-01', '2019-06-02', 'more than 31 days apart'],
  ])('are refused from %s to %s', async (from, to, message) => {
    await expect(listed('timedOut', from, to)).rejects.toThrow(message);
  });
});

describe.each([
  ['order-status', orderTimeout, { orders: 4_000 }],
  ['reconciliation', orderReconcile, { orders: 4_000, receipts: 2_000 }],
] as const)('the problems of %s', (table, family, streams) => {
  it('are those that its rows have', async () => {
    const events = Object.entries(streams).flatMap(([stream, count]) =>
      [...generateEvents(stream, { seed: 1, events: count })].map((each) => ({ ...each, stream })),
    );
    const twice = Object.keys(streams).includes('receipts')
      ? ['wechat', 'alipay'].map((channel) => ({
          line: JSON.stringify({ txId: 'twice', channel, timestamp: Date.UTC(2026, 2, 2, 11) }),
          partitionKey: 'twice',
          stream: 'receipts',
        }))
      : [];
    const { rows } = await runJob(family.build(), [...twice, ...events], {
      lanes: 1,
      batch: 1_000,
      atEnd: 'flush',
    });
    const found = rows.filter((row) => 'problem' in row).map((row) => row['status'] as string);
    expect([...new Set(found)].sort()).toEqual([...(PROBLEMS[table] ?? [])].sort());
  });
});

it.each(['yesterday', '2019-05', '2019-13-01', '2019-05-21T9', '1558430842', ''])(
  'a time written as "%s" is refused with an example',
  (text) => {
    expect(() => timeOption('--to')(text)).toThrow(/^--to is ".*"; write a time such as/);
  },
);
