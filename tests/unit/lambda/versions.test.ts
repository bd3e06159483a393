/** Two versions of a job beside each other, as docs/operations.md rolls a new one out. */
import { KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pvuv } from '../../../functions/pvuv/job.ts';
import type { WindowJob } from '../../../shared/job/windowJob.ts';
import { ingestHandler } from '../../../shared/lambda/ingestHandler.ts';
import { closeHandler } from '../../../shared/lambda/scheduled.ts';
import type { JobId } from '../../../shared/model/lane.ts';
import { behaved } from '../../support/behavior.ts';
import { dynamoInMemory } from '../../support/dynamoMemory.ts';
import { SHARD } from '../../support/engine.ts';
import { kinesisEvent } from '../../support/kinesisEvents.ts';

const kinesis = mockClient(KinesisClient);
const context = { getRemainingTimeInMillis: () => 60_000 };
const EVENTS = [
  behaved('01:00:00', 'u1', 'pv', 'a'),
  behaved('01:30:00', 'u2', 'pv', 'a'),
  behaved('02:10:00', 'u2', 'pv', 'b'),
  behaved('03:00:00', 'u3', 'pv', 'b'),
  behaved('04:00:00', 'u3', 'pv', 'b'),
];
const arrivalSeconds = Date.UTC(2017, 10, 26, 4) / 1_000;
/** Some of the events, as they are delivered. */
const delivered = (first: number, end = EVENTS.length) =>
  kinesisEvent(EVENTS.slice(first, end), { first, arrivalSeconds });

/** The next version, with windows of another size. */
function nextVersion(table: string) {
  const build = (texts?: Record<string, string>): WindowJob => {
    const built = pvuv.build({ ...texts, size: '2h' }) as WindowJob;
    return {
      ...built,
      version: 2,
      id: 'pvuv@2' as JobId,
      table: { ...built.table, name: table },
    };
  };
  return { ...pvuv, usual: build(), build };
}

let dynamo: ReturnType<typeof dynamoInMemory>;
beforeEach(() => {
  const variables = {
    TIDEMARK_STAGE: 'test',
    TIDEMARK_FLUSH_AFTER: 'never',
    AWS_REGION: 'us-east-1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  dynamo = dynamoInMemory();
  kinesis.on(ListShardsCommand).resolves({
    Shards: [{ ShardId: SHARD, HashKeyRange: undefined, SequenceNumberRange: undefined }],
  });
});
afterEach(() => dynamo.mock.restore());

const rowsOf = (table: string) =>
  dynamo
    .itemsOf(table)
    .map(({ windowEnd, pv, uv }) => ({ windowEnd, pv, uv }))
    .sort((a, b) => String(a.windowEnd).localeCompare(String(b.windowEnd)));

describe('a new version', () => {
  it('reads the stream from its start into a table of its own, while the old one goes on', async () => {
    const next = nextVersion('pvuv-v2');
    const old = ingestHandler(pvuv);
    await old(delivered(0, 3), context);
    await closeHandler([pvuv])({}, context);

    const beside = ingestHandler(next);
    await beside(delivered(0, 2), context);
    await old(delivered(3), context);
    await beside(delivered(2), context);
    await closeHandler([pvuv, next])({}, context);

    expect(rowsOf('tidemark-test-pvuv')).toEqual([
      { windowEnd: '2017-11-26T02:00:00.000Z', pv: 2, uv: 2 },
      { windowEnd: '2017-11-26T03:00:00.000Z', pv: 1, uv: 1 },
      { windowEnd: '2017-11-26T04:00:00.000Z', pv: 1, uv: 1 },
    ]);
    expect(rowsOf('tidemark-test-pvuv-v2')).toEqual([
      { windowEnd: '2017-11-26T02:00:00.000Z', pv: 2, uv: 2 },
      { windowEnd: '2017-11-26T04:00:00.000Z', pv: 2, uv: 2 },
    ]);
  });

  it('that would write the rows of the old one does not start, and stores nothing but why', async () => {
    await ingestHandler(pvuv)(delivered(0, 2), context);
    const before = dynamo.itemsOf('tidemark-test-state');
    const refused = ingestHandler(nextVersion('pvuv'))(delivered(0), context);
    await expect(refused).rejects.toThrow(/^pvuv@2 writes the table pvuv, whose rows are those of/);
    const why = expect.objectContaining({ pk: 'pvuv@2#failure', error: 'JobDefinitionError' });
    expect(dynamo.itemsOf('tidemark-test-state')).toEqual([...before, why]);
  });
});
