import { fileURLToPath } from 'node:url';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readListedRows } from '../../../cli/listedRows.ts';
import { tableOf } from '../../../cli/options.ts';
import { runJob } from '../../../cli/runJob.ts';
import { timeOption } from '../../../cli/timeOption.ts';
import { orderReconcile } from '../../../functions/orderReconcile/job.ts';
import { orderTimeout } from '../../../functions/orderTimeout/job.ts';
import { readDefinitions } from '../../../infra/local/definitions.ts';
import { type DynamoServer, startDynamoServer } from '../../../infra/local/dynamoServer.ts';
import { createResources } from '../../../infra/local/resources.ts';
import { generateEvents } from '../../../inputs/generate/generateEvents.ts';
import { dynamoTable } from '../../../shared/adapters/aws/table.ts';
import { latestAttributes, problemAttributes } from '../../../shared/job/lists.ts';
import { eventTime } from '../../../shared/model/time.ts';
import { CLOCKS_THAT_ARE_NONE, DATES_THAT_ARE_NONE, LAST_DAYS } from '../../support/noTimes.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const TABLE = 'tidemark-local-order-status';
const STATUS_TABLE = { name: TABLE, partitionKey: 'orderId' };

describe('problems of a status table', () => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const tables = readDefinitions({ root: ROOT, stage: 'local' }).tables.filter(({ physicalName }) =>
    [TABLE, 'tidemark-local-login-alerts'].includes(physicalName),
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
      const keys = problemAttributes({ status, at: eventTime(Date.parse(problemAt)) }, orderId);
      const Item = marshall({ orderId, status, ...keys });
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
    const rows = await readListedRows(dynamo, STATUS_TABLE, { problem: status, ...range });
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

  it('are merged in order of time, and of one time by key, from all parts of the index', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `m${String(n).padStart(2, '0')}`);
    const at = (n: number) => eventTime(Date.UTC(2020, 0, 1, 10, 0, Math.floor(n / 2)));
    const parts = new Set<unknown>();
    // Not in the order in which they are listed.
    for (const [n, orderId] of [...ids.entries()].reverse()) {
      const keys = problemAttributes({ status: 'timedOut', at: at(n) }, orderId);
      parts.add(keys['problem']);
      const Item = marshall({ orderId, status: 'timedOut', ...keys });
      await dynamo.send(new PutItemCommand({ TableName: TABLE, Item }));
    }
    expect(parts.size).toBe(4);
    expect(await listed('timedOut', '2020-01-01T10', '2020-01-01T11')).toBe(ids.join(' '));
    expect(await listed('timedOut', '2020-01-01')).toBe(ids.join(' '));
  });

  it('cost a query for each part, however long the range is', async () => {
    const send = vi.spyOn(dynamo, 'send');
    await listed('timedOut', '1999-05-21', '2019-05-22');
    expect(send).toHaveBeenCalledTimes(4);
    send.mockRestore();
  });

  it('are the newest ones, oldest first, where so many are asked for', async () => {
    const rows = await readListedRows(dynamo, STATUS_TABLE, {
      problem: 'timedOut',
      latest: 2,
      to: eventTime(Date.UTC(2019, 5)),
    });
    expect(rows.map((row) => row['orderId'])).toEqual(['c', 'd']);
  });

  it('are refused in a range that ends before it begins', async () => {
    await expect(listed('timedOut', '2019-05-21', '2019-05-21')).rejects.toThrow(
      '--to 2019-05-21T00:00:00.000Z is not after --from',
    );
  });
  it('are, of a table of facts, the latest ones or those of a range, oldest first', async () => {
    const alerts = { ...tableOf('login-alerts'), name: 'tidemark-local-login-alerts' };
    const rows = Array.from({ length: 40 }, (_, n) => {
      const lastFail = `2019-05-${String((n % 20) + 1).padStart(2, '0')}T00:00:00.000Z`;
      const row = { userId: `u${n}`, alertId: `${lastFail}#${n}`, lastFail };
      return { ...row, ...latestAttributes(alerts, row) };
    });
    await dynamoTable(dynamo, alerts).batchPut(rows);
    const ids = async (question: Parameters<typeof readListedRows>[2]) =>
      (await readListedRows(dynamo, alerts, question)).map((row) => row['userId']);
    expect(await ids({ latest: 4 })).toEqual(['u18', 'u38', 'u19', 'u39']);
    expect(
      await ids({ from: eventTime(Date.UTC(2019, 4, 2)), to: eventTime(Date.UTC(2019, 4, 4)) }),
    ).toEqual(['u1', 'u21', 'u2', 'u22']);
    expect(await ids({})).toHaveLength(40);
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
    expect([...new Set(found)].sort()).toEqual([...tableOf(table).problems].sort());
  });
});

it.each([
  ...['yesterday', '2019-05', '2019-05-21T9', '1558430842', ''],
  ...[...DATES_THAT_ARE_NONE, ...CLOCKS_THAT_ARE_NONE.map((clock) => `2019-05-21T${clock}`)],
])('a time written as "%s" is refused with an example', (text) => {
  expect(() => timeOption('--to')(text)).toThrow(
    /^--to is ".*"; write a time that exists, such as/,
  );
});

it.each(LAST_DAYS)('%s is a day', (day) => {
  expect(timeOption('--to')(`${day}T23:59`)).toBe(Date.parse(`${day}T23:59:00Z`));
});
