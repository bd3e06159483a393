/** The commands that read tables, in a process of their own, beside a DynamoDB server. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pvuv } from '../../../functions/pvuv/job.ts';
import { type DynamoServer, startDynamoServer } from '../../../infra/local/dynamoServer.ts';
import { laneBatches } from '../../../inputs/laneBatches.ts';
import { dynamoTable } from '../../../shared/adapters/aws/table.ts';
import { createEngine } from '../../../shared/engine.ts';
import { streamsOf } from '../../../shared/job/spec.ts';
import { WHOLE_RANGE } from '../../../shared/model/hashRange.ts';
import { arrivalTime, processingTime } from '../../../shared/model/time.ts';
import { NO_NUDGE, NO_STREAMS } from '../../../shared/ports/ports.ts';
import { DEFAULT_SETTINGS } from '../../../shared/runtime/settings.ts';
import { stateTable } from '../../../shared/state/keys.ts';
import { tidemark } from '../../support/tidemark.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-tables-'));
afterAll(() => rmSync(folder, { recursive: true }));

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
    for (const { name, partitionKey, sortKey } of [state, results]) {
      await create(client, { name, partitionKey, sortKey: sortKey ?? '' });
    }
    const now = processingTime(Date.parse('2026-03-02T12:00:00Z'));
    const ports = {
      state: dynamoTable(client, state),
      results: () => dynamoTable(client, results),
      clock: { now: () => now },
      shards: {
        shardsOf: async () => [],
        parentsOf: async () => [],
        childrenOf: async () => [],
        rangeOf: async () => WHOLE_RANGE,
      },
      reader: { look: async () => 'drained' as const },
      streams: NO_STREAMS,
      nudge: NO_NUDGE,
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
    const streams = streamsOf(job);
    const spread = { streams, lanes: 1, batch: 100, arrival: arrivalTime(now) };
    const { ingest, close } = createEngine(job, ports, DEFAULT_SETTINGS);
    for await (const round of laneBatches(events, spread)) {
      for (const batch of round) await ingest(batch);
    }
    await close?.('endOfInput');
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

  it('results prints CSV with the keys first', async () => {
    const args = ['results', 'pvuv', '--stage', 'test', '--format', 'csv', '--latest', '1'];
    const { code, out, err } = await tidemark(args, environment);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(
      'site,windowEnd,final,pv,revision,uv,windowStart\n' +
        'all,2026-03-02T11:00:00.000Z,false,1,0,1,2026-03-02T10:00:00.000Z\n',
    );
  });

  it('results --watch prints what it finds, and ends well with Ctrl-C', async () => {
    const args = ['results', 'pvuv', '--stage', 'test', '--format', 'json', '--watch'];
    const { code, out, err } = await tidemark(args, environment, { interruptAt: 'T11:00:00.000Z' });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(rowsOf(out)).toHaveLength(3);
  });

  it('results --watch ends with a first reading that fails', async () => {
    const args = ['results', 'pvuv', '--stage', 'nope', '--format', 'json', '--watch'];
    const { code, out, err } = await tidemark(args, environment);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('is the stage right, and is it deployed in this region?');
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

  const letters = (...args: string[]) =>
    tidemark([...args.slice(0, 1), 'pvuv', '--stage', 'test', ...args.slice(1)], environment);
  const told = async (...args: string[]) => {
    const { code, out, err } = await letters(...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return out;
  };

  it('dead shows those that are asked for, and how many there are by reason', async () => {
    const shown = async (...filter: string[]) =>
      (await told('dead', '--format', 'json', ...filter)).split('\n').length - 1;
    expect(await shown('--key', 'i')).toBe(2);
    expect(await shown('--key', 'other')).toBe(0);
    expect(await shown('--since', '2026-03-02T12:00')).toBe(2);
    expect(await shown('--until', '2026-03-02T12:00')).toBe(0);
    expect(await shown('--reason', 'IS NOT json', '--state', 'waiting')).toBe(2);
    expect(await shown('--state', 'accepted', '--state', 'redriven')).toBe(0);
    const summaries = (await told('dead', '--summary', '--format', 'json')).trimEnd().split('\n');
    expect(summaries.map((line) => JSON.parse(line))).toMatchObject([
      { reason: 'is not JSON: it ends too early', letters: 1, states: { waiting: 1 } },
      { reason: 'is not JSON: none begins and ends like this', letters: 1 },
    ]);
    expect(await told('dead', '--summary')).toMatch(/is not JSON: it ends too early .* waiting 1/);
  });

  it('redrive says that nothing is mended, before it puts anything', async () => {
    const { code, out, err } = await letters('redrive');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(
      /^error: nothing is put back: 2 dead letters would be dead again; the first, user-behavior\/shardId-000000000000 \d+\/\d+, because .*is not JSON.*; mend the cause, or .*--unchecked\n$/,
    );
    expect(await told('redrive', '--dry-run', '--unchecked')).toContain(
      '2 dead letters would be put back on user-behavior',
    );
  });

  it('dead --discard takes letters out of what is put back, and --restore lets them wait again', async () => {
    expect(await told('dead', '--discard', '--key', 'i')).toBe(
      '2 dead letters discarded; --restore takes that back\n',
    );
    expect(await told('dead')).toContain('discarded');
    expect(await told('redrive', '--unchecked', '--dry-run')).toBe(
      '0 dead letters would be put back on user-behavior\n',
    );
    expect(await told('dead', '--discard', '--all')).toContain('0 dead letters discarded');
    expect(await told('dead', '--restore', '--all')).toBe('2 dead letters restored\n');
    expect(await told('dead', '--state', 'discarded', '--format', 'json')).toBe('');
  });

  it('dead --export writes a file that redrive --from takes, edited or not', async () => {
    const to = join(folder, 'letters.jsonl');
    expect(await told('dead', '--export', to)).toBe(`2 dead letters written to ${to}\n`);
    const again = await letters('dead', '--export', to);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('it exists already') });
    expect(await letters('redrive', '--from', to, '--dry-run')).toMatchObject({
      code: 1,
      err: expect.stringContaining('2 dead letters would be dead again'),
    });
    const [first = '', second = ''] = readFileSync(to, 'utf8').trimEnd().split('\n');
    const view = { userId: 'u', itemId: 'i', categoryId: 'c', behavior: 'pv', timestamp: 1e12 };
    writeFileSync(to, `${JSON.stringify({ ...JSON.parse(first), event: view })}\n${second}\n`);
    const mended = await letters('redrive', '--from', to, '--dry-run');
    expect(mended).toMatchObject({
      code: 0,
      out: expect.stringMatching(/"timestamp":1000000000000.*\n1 dead letter would be put back/s),
      err: expect.stringContaining('1 dead letter would be dead again and stays where it was'),
    });
    const moved = { ...JSON.parse(second), position: '1/1' };
    writeFileSync(to, `${first}\n${JSON.stringify(moved)}\n`);
    expect(await letters('redrive', '--from', to)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`nothing is put back: ${to}:2 names no dead letter of pvuv`),
    });
  });

  it.each([
    [['dead', '--discard'], '--discard needs to know which: give --reason'],
    [['dead', '--restore'], '--restore needs to know which'],
    [['dead', '--all'], '--all goes with --discard or --restore'],
    [['dead', '--discard', '--all', '--key', 'i'], '--all and a filter cannot be combined'],
    [['dead', '--summary', '--discard', '--all'], "'--summary' cannot be used with"],
    [['dead', '--state', 'gone'], 'there is no state "gone"; there are waiting, redriven'],
    [['dead', '--since', 'noon'], '--since is "noon"; write a time'],
    [['redrive', '--from', 'no-such-file'], 'cannot read no-such-file: there is no such'],
    [['redrive', '--from', 'f', '--key', 'i'], '--from and a filter cannot be combined'],
  ])('%j is refused in a line', async (args, problem) => {
    const { code, err } = await letters(...args);
    expect(code).toBe(2);
    expect(err).toContain(problem);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('a stage that is not deployed is a failure with a remedy', async () => {
    const { code, err } = await tidemark(['results', 'pvuv', '--stage', 'nope'], environment);
    expect(code).toBe(1);
    expect(err).toContain('tidemark-nope-pvuv');
    expect(err).toContain('is the stage right, and is it deployed in this region?');
    expect(err.trimEnd().split('\n').length).toBe(1);
  });
});

async function create(
  client: DynamoDBClient,
  { name, partitionKey, sortKey }: { name: string; partitionKey: string; sortKey: string },
): Promise<void> {
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
