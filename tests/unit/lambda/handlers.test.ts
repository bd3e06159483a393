/** The Lambda rim, with realistic events, over DynamoDB in memory behind the real client. */
import { randomBytes } from 'node:crypto';
import { ProvisionedThroughputExceededException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import 'aws-sdk-client-mock-vitest/extend';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hotItems } from '../../../functions/hotItems/job.ts';
import { orderTimeout } from '../../../functions/orderTimeout/job.ts';
import { pvuv } from '../../../functions/pvuv/job.ts';
import type { JobFamily } from '../../../shared/job/job.ts';
import type { ParameterTexts } from '../../../shared/job/parameters.ts';
import { type IngestHandler, ingestHandler } from '../../../shared/lambda/ingestHandler.ts';
import { closeHandler, fireHandler } from '../../../shared/lambda/scheduled.ts';
import { behaved } from '../../support/behavior.ts';
import { dynamoInMemory } from '../../support/dynamoMemory.ts';
import { SHARD } from '../../support/engine.ts';
import { kinesisEvent } from '../../support/kinesisEvents.ts';
import { sequenceNumber } from '../../support/records.ts';
import { captureMetrics, stubMetricsEnvironment } from './emittedMetrics.ts';

const kinesis = mockClient(KinesisClient);
const lambda = mockClient(LambdaClient);
let dynamo: ReturnType<typeof dynamoInMemory>;

/** Two jobs of one stream with windows, and one without. */
const FAMILIES = [hotItems, pvuv, orderTimeout];

const within = (ms: number) => ({ getRemainingTimeInMillis: () => ms });
const HOUR = [
  behaved('01:00:00', 'u1', 'pv', 'a'),
  behaved('01:30:00', 'u2', 'pv', 'ü'),
  behaved('02:00:00', 'u2', 'pv', 'a'),
] as const;

beforeEach(() => {
  vi.stubEnv('TIDEMARK_STAGE', 'test');
  vi.stubEnv('TIDEMARK_CLOSE_FUNCTION', 'tidemark-test-closeWindows');
  vi.stubEnv('TIDEMARK_FLUSH_AFTER', 'never');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'tidemark');
  dynamo = dynamoInMemory();
  kinesis.reset();
  lambda.reset();
  kinesis.on(ListShardsCommand).resolves({
    Shards: [SHARD, 'shardId-000000000001'].map((ShardId) => ({
      ShardId,
      HashKeyRange: undefined,
      SequenceNumberRange: undefined,
    })),
  });
  lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
});
afterEach(() => dynamo.mock.restore());

const commits = () =>
  dynamo.itemsOf('tidemark-test-state').filter(({ pk }) => String(pk).includes('#log#'));

describe('an ingest function', () => {
  let handler: IngestHandler;
  beforeEach(() => {
    handler = ingestHandler(pvuv);
  });

  it('commits the batch of a shard under its lane, and nothing is left to retry', async () => {
    expect(await handler(kinesisEvent(HOUR), within(60_000))).toEqual({ batchItemFailures: [] });
    expect(commits()).toMatchObject([
      {
        pk: `pvuv@1#log#user-behavior/${SHARD}`,
        sk: '000000000000',
        from: `${sequenceNumber(0)}/0`,
        to: `${sequenceNumber(2)}/0`,
        totals: [3, 0, 0, 0],
        watermark: Date.parse('2017-11-26T02:00:00Z'),
      },
    ]);
  });

  it('decodes base64 and takes a packed record apart', async () => {
    await handler(kinesisEvent([HOUR, 'kein JSON: ä']), within(60_000));
    expect(commits()).toMatchObject([{ totals: [3, 0, 0, 1] }]);
  });

  it('takes arrival times for seconds with fractions, and judges the future by them', async () => {
    const arrivalSeconds = HOUR[2].timestamp / 1_000 - 600;
    await handler(kinesisEvent(HOUR, { arrivalSeconds }), within(60_000));
    const oneMillisecondMore = kinesisEvent(HOUR, {
      arrivalSeconds: arrivalSeconds - 0.001,
      first: 3,
    });
    await handler(oneMillisecondMore, within(60_000));
    expect(commits().map(({ totals }) => totals)).toEqual([
      [3, 0, 0, 0],
      [3, 0, 2, 1],
    ]);
  });

  it('drops what is delivered again', async () => {
    await handler(kinesisEvent(HOUR), within(60_000));
    await ingestHandler(pvuv)(kinesisEvent(HOUR), within(60_000));
    expect(commits()).toHaveLength(1);
  });

  it('nudges closing when a window has ended', async () => {
    await handler(kinesisEvent(HOUR), within(60_000));
    expect(lambda).toHaveReceivedCommandWith(InvokeCommand, {
      FunctionName: 'tidemark-test-closeWindows',
      InvocationType: 'Event',
      Payload: Buffer.from('{"source":"tidemark.nudge","job":"pvuv@1"}'),
    });
  });

  it('works without a function to nudge, and when the nudge fails', async () => {
    lambda.on(InvokeCommand).rejects(new Error('throttled'));
    await handler(kinesisEvent(HOUR), within(60_000));
    vi.stubEnv('TIDEMARK_CLOSE_FUNCTION', undefined);
    lambda.resetHistory();
    await ingestHandler(hotItems)(kinesisEvent(HOUR), within(60_000));
    expect(lambda).not.toHaveReceivedAnyCommand();
  });

  it('returns the first unprocessed record near its time-out', async () => {
    expect(await handler(kinesisEvent(HOUR), within(1_000))).toEqual({
      batchItemFailures: [{ itemIdentifier: sequenceNumber(0) }],
    });
    expect(commits()).toEqual([]);
  });

  it('commits the prefix it has done before that', async () => {
    const events = Array.from({ length: 9_000 }, () =>
      behaved('01:00:00', 'u', 'pv', randomBytes(96).toString('base64')),
    );
    const times = [60_000, 2_000];
    const { batchItemFailures } = await ingestHandler(hotItems)(kinesisEvent(events), {
      getRemainingTimeInMillis: () => times.shift() ?? 0,
    });
    const [totals] = commits().map((item) => item['totals'] as number[]);
    const done = totals?.[0] ?? 0;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(9_000);
    expect(batchItemFailures).toEqual([{ itemIdentifier: sequenceNumber(done) }]);
  });

  it('throws when the table is throttled, so that Lambda delivers the batch again', async () => {
    dynamo.mock
      .on(PutItemCommand)
      .rejects(new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} }));
    await expect(handler(kinesisEvent(HOUR), within(60_000))).rejects.toThrow('slow down');
    expect(commits()).toEqual([]);
  });

  it('takes an event that mixes shards apart', async () => {
    const other = kinesisEvent(HOUR, { shard: 'shardId-000000000001' });
    const mixed = { Records: [...kinesisEvent(HOUR).Records, ...other.Records] };
    await handler(mixed, within(60_000));
    expect(commits().map(({ pk }) => pk)).toEqual([
      `pvuv@1#log#user-behavior/${SHARD}`,
      'pvuv@1#log#user-behavior/shardId-000000000001',
    ]);
  });

  it('refuses records of another stream or stage', async () => {
    for (const stream of ['tidemark-test-page-views', 'tidemark-prod-user-behavior']) {
      const event = kinesisEvent(HOUR, { stream });
      await expect(handler(event, within(60_000))).rejects.toThrow(
        `records of stream ${stream} came`,
      );
    }
  });
});

describe('closeWindows', () => {
  const rows = (table: string) => dynamo.itemsOf(`tidemark-test-${table}`);

  beforeEach(async () => {
    for (const job of [hotItems, pvuv]) {
      await ingestHandler(job)(kinesisEvent(HOUR), within(60_000));
    }
  });

  it('closes windows of all jobs that have some, where nobody names one', async () => {
    const reports = await closeHandler(FAMILIES)(
      { source: 'aws.events', 'detail-type': 'Scheduled Event' },
      within(60_000),
    );
    expect(Object.keys(reports).sort()).toEqual(['hot-items@1', 'pvuv@1']);
    expect(rows('pvuv')).toMatchObject([
      { site: 'all', windowEnd: '2017-11-26T02:00:00.000Z', pv: 2, uv: 2, revision: 0 },
    ]);
    expect(rows('hot-items').length).toBeGreaterThan(0);
  });

  it.each(['tidemark.nudge', 'tidemark.schedule', 'tidemark.flush'])(
    'closes windows of one job only, where %s names it',
    async (source) => {
      const reports = await closeHandler(FAMILIES)({ source, job: 'pvuv@1' }, within(60_000));
      expect(Object.keys(reports)).toEqual(['pvuv@1']);
      expect(rows('pvuv')).toHaveLength(source === 'tidemark.flush' ? 2 : 1);
      expect(rows('hot-items')).toEqual([]);
    },
  );

  it.each(['tidemark.nudge', 'tidemark.schedule'])(
    'refuses %s for a job that it does not work for',
    async (source) => {
      const run = closeHandler(FAMILIES)({ source, job: 'order-timeout@1' }, within(60_000));
      await expect(run).rejects.toThrow(
        'closeWindows does not work for order-timeout@1, only for hot-items@1, pvuv@1',
      );
    },
  );

  it('closes everything on a flush', async () => {
    await closeHandler(FAMILIES)({ source: 'tidemark.flush' }, within(60_000));
    expect(rows('pvuv').map(({ windowEnd }) => windowEnd)).toEqual([
      '2017-11-26T02:00:00.000Z',
      '2017-11-26T03:00:00.000Z',
    ]);
  });

  it.each([undefined, null, {}, 'text', { source: 'tidemark.nudge' }])(
    'takes anything else, such as %o, for its schedule',
    async (event) => {
      const reports = await closeHandler(FAMILIES)(event, within(60_000));
      expect(Object.keys(reports)).toEqual(['hot-items@1', 'pvuv@1']);
    },
  );

  it('closes the other jobs when one fails, and fails then', async () => {
    const commit = commits().find(({ pk }) => String(pk).startsWith('hot-items'));
    if (commit) commit['shape'] = 'another';
    await expect(closeHandler(FAMILIES)({}, within(60_000))).rejects.toThrow(
      'hot-items@1 has stored state of another',
    );
    expect(rows('pvuv')).toHaveLength(1);
  });

  it.each([
    ['TIDEMARK_HOT_ITEMS_TOP', 'many', 'top'],
    ['TIDEMARK_HOT_ITEMS_TOPP', '3', 'names no parameter'],
  ])('closes the other jobs when a variable of one, %s=%s, refuses it', async (name, text, why) => {
    vi.stubEnv(name, text);
    const handler = closeHandler(FAMILIES);
    const pvuvAlone = await handler({ source: 'tidemark.schedule', job: 'pvuv@1' }, within(60_000));
    expect(pvuvAlone).toHaveProperty('pvuv@1');
    await expect(handler({}, within(60_000))).rejects.toThrow(why);
    expect(rows('pvuv')).toHaveLength(1);
  });

  it('lets a job that never ends delay no other', async () => {
    dynamo.unanswered.add('hot-items@1');
    void closeHandler(FAMILIES)({ source: 'tidemark.flush' }, within(60_000));
    await vi.waitFor(() => expect(rows('pvuv')).toHaveLength(2));
    expect(rows('hot-items')).toEqual([]);
  });
});

describe('metrics of runs', () => {
  it.each([
    ['one that was asked for', { source: 'tidemark.nudge', job: 'hot-items@1' }, ['hot-items@1 0']],
    ['one among all', {}, ['hot-items@1 0', 'pvuv@1 1']],
  ])('name the job whose run fails: %s', async (_, event, runs) => {
    stubMetricsEnvironment('tidemark');
    vi.stubEnv('TIDEMARK_HOT_ITEMS_TOP', 'many');
    const told = captureMetrics();
    await expect(closeHandler(FAMILIES)(event, within(60_000))).rejects.toThrow('top');
    const found = told().flatMap(({ dimensions, values }) =>
      'ClosingRuns' in values ? [`${dimensions['job']} ${values['ClosingRuns']}`] : [],
    );
    expect(found.sort()).toEqual(runs);
  });
});

it('builds a job only once it is asked for', async () => {
  const built: string[] = [];
  const families = FAMILIES.map((family) => ({
    ...family,
    build: (texts: ParameterTexts | undefined) => {
      built.push(family.name);
      return family.build(texts);
    },
  })) as readonly JobFamily[];
  const handler = closeHandler(families);
  expect(built).toEqual([]);
  for (let i = 0; i < 2; i += 1) {
    await handler({ source: 'tidemark.schedule', job: 'pvuv@1' }, within(60_000));
  }
  expect(built).toEqual(['pvuv']);
});

it('builds handlers without a request', () => {
  ingestHandler(hotItems);
  closeHandler(FAMILIES);
  fireHandler(FAMILIES);
  expect(dynamo.mock.calls()).toHaveLength(0);
});
