/** What the deployed functions tell as a whole: each minute, for every job, one watermark lag. */
import { KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hotItems } from '../../../functions/hotItems/job.ts';
import { JOBS } from '../../../functions/jobs.ts';
import { ingestHandler } from '../../../shared/lambda/ingestHandler.ts';
import { closeHandler, fireHandler } from '../../../shared/lambda/scheduled.ts';
import { behaved } from '../../support/behavior.ts';
import { dynamoInMemory } from '../../support/dynamoMemory.ts';
import { SHARD } from '../../support/engine.ts';
import { kinesisEvent } from '../../support/kinesisEvents.ts';
import { captureMetrics, stubMetricsEnvironment } from './emittedMetrics.ts';

const SCHEDULED = { source: 'aws.events' };
const context = { getRemainingTimeInMillis: () => 60_000 };
const kinesis = mockClient(KinesisClient);
let dynamo: ReturnType<typeof dynamoInMemory>;

beforeEach(() => {
  vi.stubEnv('TIDEMARK_STAGE', 'test');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  stubMetricsEnvironment('tidemark-test');
  kinesis.on(ListShardsCommand).resolves({
    Shards: [{ ShardId: SHARD, HashKeyRange: undefined, SequenceNumberRange: undefined }],
  });
  dynamo = dynamoInMemory();
});
afterEach(() => dynamo.mock.restore());

it('the schedule tells the lag of every job once, also where no event ever came', async () => {
  const told = captureMetrics();
  await closeHandler(JOBS)(SCHEDULED, context);
  await fireHandler(JOBS)(SCHEDULED, context);
  const lags = told()
    .filter(({ values }) => 'WatermarkLag' in values)
    .map(({ dimensions, values }) => [dimensions['job'], values['WatermarkLag']]);
  expect(lags.sort()).toEqual(JOBS.map((family) => [family.build().id, 0]).sort());
});

it('an ingest function tells what became of its events, for its version of the job', async () => {
  const told = captureMetrics();
  const events = [behaved('01:00:00', 'u1', 'pv', 'a'), 'kein JSON'] as const;
  await ingestHandler(hotItems)(kinesisEvent(events), context);
  expect(told()).toMatchObject([
    {
      dimensions: { service: 'tidemark-test', job: 'hot-items@1' },
      values: { EventsAccepted: 1, EventsDead: 1 },
    },
  ]);
});
