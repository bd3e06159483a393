/** The Lambda rim of `fireTimers`, and of the functions that nudge it, over an embedded DynamoDB. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import 'aws-sdk-client-mock-vitest/extend';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { JOBS } from '../../../functions/jobs.ts';
import { orderTimeout } from '../../../functions/orderTimeout/job.ts';
import { readDefinitions } from '../../../infra/local/definitions.ts';
import { type DynamoServer, startDynamoServer } from '../../../infra/local/dynamoServer.ts';
import { createResources } from '../../../infra/local/resources.ts';
import { dynamoTable } from '../../../shared/adapters/aws/table.ts';
import { needsFiring } from '../../../shared/job/traits.ts';
import { ingestHandler } from '../../../shared/lambda/ingestHandler.ts';
import { fireHandler } from '../../../shared/lambda/scheduled.ts';
import { SHARD } from '../../support/engine.ts';
import { kinesisEvent } from '../../support/kinesisEvents.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const context = { getRemainingTimeInMillis: () => 60_000 };
const START = Date.UTC(2026, 2, 2, 10);
const NUDGE = { source: 'tidemark.nudge', job: 'order-timeout@2' };

describe('fireTimers', () => {
  const kinesis = mockClient(KinesisClient);
  const lambda = mockClient(LambdaClient);
  const { tables } = readDefinitions({ root: ROOT, stage: 'test' });
  let server: DynamoServer;
  let dynamo: DynamoDBClient;

  beforeAll(async () => {
    server = await startDynamoServer({ port: 0 });
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    dynamo = new DynamoDBClient({ region: 'us-east-1', credentials, endpoint: server.endpoint });
    const client = new KinesisClient({ region: 'us-east-1', credentials });
    await createResources({ streams: [], tables }, { kinesis: client, dynamo });
  });
  afterAll(async () => {
    dynamo.destroy();
    await server.stop();
  });

  beforeEach(() => {
    const variables = {
      TIDEMARK_STAGE: 'test',
      TIDEMARK_FIRE_FUNCTION: 'tidemark-test-fireTimers',
      TIDEMARK_FLUSH_AFTER: 'never',
      AWS_ENDPOINT_URL_DYNAMODB: server.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    kinesis.on(ListShardsCommand).resolves({
      Shards: [
        {
          ShardId: SHARD,
          HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) },
          SequenceNumberRange: undefined,
        },
      ],
    });
    kinesis.on(GetShardIteratorCommand).resolves({ ShardIterator: 'i' });
    kinesis
      .on(GetRecordsCommand)
      .resolves({ Records: [], NextShardIterator: 'j', MillisBehindLatest: 0 });
    lambda.reset();
    lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
  });

  let sent = 0;
  const create = async (orderId: string, minute: number) => {
    const timestamp = START + minute * 60_000;
    const order = { orderId, type: 'create', timestamp };
    const from = { stream: 'tidemark-test-orders', first: sent, arrivalSeconds: timestamp / 1_000 };
    sent += 1;
    await ingestHandler(orderTimeout)(kinesisEvent([JSON.stringify(order)], from), context);
  };
  const statusOf = async (orderId: string) => {
    const keys = { name: 'tidemark-test-order-status', partitionKey: 'orderId' };
    const row = await dynamoTable(dynamo, keys).get({ pk: orderId, sk: '' }, 'strong');
    return row?.['status'];
  };

  it('is not nudged for a job that lets time act by itself', async () => {
    await create('a', 0);
    await create('b', 0.5);
    await create('c', 16);
    expect(lambda).not.toHaveReceivedAnyCommand();
    expect(await statusOf('a')).toBe('timedOut');
    expect(await statusOf('c')).toBe('awaitingPay');
  });

  it('looks at the job that is named, and at no other', async () => {
    const reports = await fireHandler(JOBS)(NUDGE, context);
    expect(reports).toMatchObject({ 'order-timeout@2': { hasMore: false } });
    expect(Object.keys(reports)).toHaveLength(1);
  });

  it('looks at every job in which time alone changes something, on schedule', async () => {
    const reports = await fireHandler(JOBS)({ source: 'aws.events' }, context);
    const fired = JOBS.map(({ usual }) => usual).filter(needsFiring);
    expect(Object.keys(reports).sort()).toEqual(fired.map(({ id }) => id).sort());
    expect(reports).toHaveProperty('login-fail@2');
    expect(reports).not.toHaveProperty('hot-items@1');
    expect(await statusOf('c')).toBe('awaitingPay');
  });

  it('fires everything on a flush, and then nothing is due', async () => {
    const fire = fireHandler(JOBS);
    await fire({ source: 'tidemark.flush' }, context);
    expect(await statusOf('c')).toBe('timedOut');
    const again = await fire({ source: 'tidemark.flush' }, context);
    expect(again['order-timeout@2']).toMatchObject({ outcome: 'nothingDue' });
  });
});
