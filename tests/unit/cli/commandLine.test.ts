/** The real command line in a process of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { laneBatches } from '../../../cli/run/laneBatches.ts';
import { pvuv } from '../../../functions/pvuv/job.ts';
import { type DynamoServer, startDynamoServer } from '../../../infra/local/dynamoServer.ts';
import { dynamoTable } from '../../../shared/adapters/aws/table.ts';
import { arrivalTime, processingTime } from '../../../shared/model/time.ts';
import type { TableDescription } from '../../../shared/ports/table.ts';
import { createCloser } from '../../../shared/runtime/closeWindows.ts';
import { createIngest } from '../../../shared/runtime/ingest.ts';
import { DEFAULT_SETTINGS } from '../../../shared/runtime/settings.ts';
import { stateTable } from '../../../shared/state/keys.ts';
import { tidemark } from '../../support/tidemark.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const VIEWS = file('views.csv', '1,10,100,pv,1511658000\n2,10,100,pv,1511658001\nnonsense\n');

describe('run', () => {
  it('prints one line of JSON a row, and nothing else on standard output', async () => {
    const args = ['run', 'pvuv', '--input', VIEWS, '--format', 'json', '--stats', '--lanes', '2'];
    const { code, out, err } = await tidemark(args);
    expect(code).toBe(0);
    expect(out).toBe(
      '{"table":"pvuv","site":"all","windowEnd":"2017-11-26T02:00:00.000Z","final":false,"pv":2,' +
        '"revision":0,"uv":2,"windowStart":"2017-11-26T01:00:00.000Z"}\n',
    );
    expect(err).toContain('accepted: 2\nfiltered: 0\nlate: 0\ndead: 1\nexpired: 0\n');
    expect(err).toMatch(/^dead letters: 1; the first because /m);
    expect(err).toMatch(/write units: \d+\nread units: \d+/);
  });

  it('takes parameters, a named stream and times in milliseconds, and prints a table', async () => {
    const ms = file('ms.csv', '1,10,100,pv,1511658000000\n2,20,100,pv,1511658000001\n');
    const { code, out } = await tidemark(
      ['run', 'hot-items', '--input', `user-behavior=${ms}`, '--time-unit', 'ms'].concat([
        '--param',
        'top=1',
        '--param',
        'size=10min',
        '--param',
        'slide=10min',
      ]),
    );
    expect(code).toBe(0);
    expect(out).toContain('2017-11-26 01:00 – 01:10');
    expect(out).toContain('10 ×1');
    expect(out).not.toContain('20 ×1');
  });

  it('leaves windows open with --no-flush', async () => {
    const args = ['run', 'pvuv', '--input', VIEWS, '--format', 'json', '--no-flush'];
    expect(await tidemark(args)).toMatchObject({ code: 0, out: '' });
  });
});

it('wrong use ends with code 2 and one line on standard error', async () => {
  const { code, out, err } = await tidemark(['run', 'nope', '--input', VIEWS]);
  expect(err).toBe('error: there is no job "nope"; there are hot-items, pvuv\n');
  expect({ code, out }).toEqual({ code: 2, out: '' });
});

it('generate prints as many events as asked for', async () => {
  const { code, out } = await tidemark(['generate', 'user-behavior', '--events', '2500']);
  expect(code).toBe(0);
  expect(out.trimEnd().split('\n').length).toBe(2_500);
});

it('says how to start the local stack where no server answers, with code 1', async () => {
  // A port that was free a moment ago.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  const environment = { ...credentials, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
  for (const args of [
    ['results', 'pvuv'],
    ['put', 'user-behavior', VIEWS],
  ]) {
    const { code, out, err } = await tidemark(args, environment);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(
      `nothing answers at 127.0.0.1:${port}; start the local stack with npm start`,
    );
    expect(err.trimEnd().split('\n').length).toBe(1);
  }
});

const credentials = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
};

describe('commands that read tables', () => {
  let server: DynamoServer;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    server = await startDynamoServer({ port: 0 });
    environment = { ...credentials, AWS_ENDPOINT_URL_DYNAMODB: server.endpoint };
    const client = new DynamoDBClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestHandler: new NodeHttpHandler(),
    });
    const job = pvuv.build();
    const state = stateTable('tidemark-test-state');
    const results = { name: 'tidemark-test-pvuv', partitionKey: 'site', sortKey: 'windowEnd' };
    for (const table of [state, results]) await create(client, table);
    const now = processingTime(Date.parse('2026-03-02T12:00:00Z'));
    const ports = {
      state: dynamoTable(client, state),
      results: dynamoTable(client, results),
      clock: { now: () => now },
      shards: { parentsOf: async () => [] },
      closeSignal: { send: async () => {} },
    };
    const line = (minute: number) =>
      JSON.stringify({
        userId: 'u',
        itemId: 'i',
        categoryId: 'c',
        behavior: 'pv',
        timestamp: Date.parse('2026-03-02T08:00:00Z') + minute * 60_000,
      });
    const lines = [line(0), line(61), line(122), line(5), '{"userId":\t', 'n\u00f6'];
    const events = lines.map((each) => ({ line: each, partitionKey: 'i' }));
    const spread = { lanes: 1, batch: 100, arrival: arrivalTime(now) };
    for await (const [batch] of laneBatches(events, spread)) {
      if (!batch) continue;
      const ingest = createIngest(job, ports, DEFAULT_SETTINGS);
      await ingest.ingest({ stream: 'user-behavior', ...batch });
    }
    await createCloser(job, ports, DEFAULT_SETTINGS).run('endOfInput');
    client.destroy();
  }, 20_000);
  afterAll(() => server.stop());

  const rowsOf = (out: string) =>
    out
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each) as { windowEnd: string });

  it('results prints all rows, or the latest of a key, oldest first', async () => {
    const all = ['results', 'pvuv', '--stage', 'test', '--format', 'json'];
    const ends = async (...more: string[]) => {
      const { code, out } = await tidemark([...all, ...more], environment);
      expect(code).toBe(0);
      return rowsOf(out).map(({ windowEnd }) => windowEnd.slice(11, 16));
    };
    expect(await ends()).toEqual(['09:00', '10:00', '11:00']);
    expect(await ends('--latest', '2')).toEqual(['10:00', '11:00']);
    expect(await ends('--key', 'all', '--latest', '1')).toEqual(['11:00']);
  });

  it('late prints the late event, dead the two dead letters with their reasons', async () => {
    const late = await tidemark(
      ['late', 'pvuv', '--stage', 'test', '--format', 'json'],
      environment,
    );
    expect(JSON.parse(late.out)).toMatchObject({
      kind: 'late',
      lane: 'user-behavior/shardId-000000000000',
      eventTime: '2026-03-02T08:05:00.000Z',
      watermark: '2026-03-02T10:02:00.000Z',
    });
    const dead = await tidemark(['dead', 'pvuv', '--stage', 'test'], environment);
    expect(dead.out).toContain('is not JSON');
    expect(dead.out).toContain('n\u00f6');
  });

  it('redrive --dry-run says what would be put back and puts nothing', async () => {
    const { code, out } = await tidemark(
      ['redrive', 'pvuv', '--stage', 'test', '--dry-run'],
      environment,
    );
    expect(code).toBe(0);
    expect(out).toContain('2 dead letters would be put back');
  });

  it('a stage that is not deployed is a failure with a remedy', async () => {
    const { code, err } = await tidemark(['results', 'pvuv', '--stage', 'nope'], environment);
    expect(code).toBe(1);
    expect(err).toContain('tidemark-nope-pvuv');
    expect(err).toContain('is the stage right, and is it deployed?');
    expect(err.trimEnd().split('\n').length).toBe(1);
  });
});

async function create(client: DynamoDBClient, table: TableDescription): Promise<void> {
  const { name, partitionKey, sortKey } = table;
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [partitionKey, sortKey].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
    }),
  );
}
