/** Functions note their failures, and what is thrown stays what it was. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { orderTimeout } from '../../../functions/orderTimeout/job.ts';
import { pvuv } from '../../../functions/pvuv/job.ts';
import { memoryTable } from '../../../shared/adapters/memory/table.ts';
import { RetryableError } from '../../../shared/errors.ts';
import { noteFailures } from '../../../shared/lambda/failureNotes.ts';
import { ingestHandler } from '../../../shared/lambda/ingestHandler.ts';
import { closeHandler, fireHandler } from '../../../shared/lambda/scheduled.ts';
import type { Table } from '../../../shared/ports/table.ts';
import { DEFAULT_SETTINGS } from '../../../shared/runtime/settings.ts';
import { readFailures } from '../../../shared/state/failures.ts';
import { stateTable } from '../../../shared/state/keys.ts';
import { behaved } from '../../support/behavior.ts';
import { CLOCK_START, testClock } from '../../support/clock.ts';
import { dynamoInMemory } from '../../support/dynamoMemory.ts';
import { SHARD } from '../../support/engine.ts';
import { interceptedTable } from '../../support/interceptedTable.ts';
import { kinesisEvent } from '../../support/kinesisEvents.ts';

const FAILURE = new RetryableError('throttled');
const fails = () => Promise.reject(FAILURE);

describe('a function that fails', () => {
  const notedIn = (state: Table) =>
    noteFailures({ state, clock: testClock() }, DEFAULT_SETTINGS, { job: 'j@1', by: 'ingest' });
  const empty = () => memoryTable(stateTable('state'));
  const refusing = (problem: unknown) =>
    interceptedTable(empty(), {
      before() {
        throw problem;
      },
    });

  it('notes when, what and at what, and throws the same', async () => {
    const state = empty();
    await expect(notedIn(state)(fails, { lane: 's/0' })).rejects.toBe(FAILURE);
    expect(await readFailures(state, 'j@1')).toEqual([
      { by: 'ingest', at: CLOCK_START, error: 'RetryableError', message: 'throttled', lane: 's/0' },
    ]);
  });

  it('notes what is thrown and no error, and throws the same', async () => {
    const state = empty();
    await expect(notedIn(state)(() => Promise.reject('text'), {})).rejects.toBe('text');
    expect(await readFailures(state, 'j@1')).toMatchObject([{ error: 'Error', message: 'text' }]);
  });

  it('throws the same where its error cannot be read', async () => {
    const odd = Object.defineProperty(new Error(), 'message', {
      get() {
        throw new Error('no message');
      },
    });
    await expect(notedIn(empty())(() => Promise.reject(odd), {})).rejects.toBe(odd);
  });

  it('throws the same where the note is refused', async () => {
    const state = refusing(new Error('the note is refused'));
    await expect(notedIn(state)(fails, {})).rejects.toBe(FAILURE);
  });

  it('throws the same, a second later, where the note is never answered', async () => {
    vi.useFakeTimers();
    const state = { ...empty(), put: () => new Promise<never>(() => {}) };
    let thrown: unknown;
    const failing = notedIn(state)(fails, {}).catch((error: unknown) => {
      thrown = error;
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(thrown).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await failing;
    expect(thrown).toBe(FAILURE);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('leaves no timer behind where the note is taken', async () => {
    vi.useFakeTimers();
    await expect(notedIn(empty())(fails, {})).rejects.toBe(FAILURE);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('does nothing where the work succeeds', async () => {
    const noted = notedIn(refusing(new Error('nothing is to be asked of the table')));
    expect(await noted(async () => 7, {})).toBe(7);
  });
});

describe('the handlers', () => {
  const kinesis = mockClient(KinesisClient);
  const context = { getRemainingTimeInMillis: () => 60_000 };
  let dynamo: ReturnType<typeof dynamoInMemory>;
  beforeEach(() => {
    vi.stubEnv('TIDEMARK_STAGE', 'test');
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
    dynamo = dynamoInMemory();
    kinesis.reset();
  });
  afterEach(() => dynamo.mock.restore());

  const notes = () =>
    dynamo
      .itemsOf('tidemark-test-state')
      .filter(({ pk }) => String(pk).endsWith('#failure'))
      .map(({ pk, sk, error, lane, trigger }) => [pk, sk, error, lane ?? trigger]);
  const event = () => kinesisEvent([behaved('01:00:00', 'u1', 'pv', 'a')]);

  it('note for ingest on which lane it was', async () => {
    kinesis.on(ListShardsCommand).rejects(new Error('out of reach'));
    await expect(ingestHandler(pvuv)(event(), context)).rejects.toThrow('out of reach');
    expect(notes()).toMatchObject(
      [['pvuv@1', 'ingest', expect.stringMatching(/Error$/), `user-behavior/${SHARD}`]].map(
        ([pk, ...rest]) => [`${pk}#failure`, ...rest],
      ),
    );
  });

  it('note that a job cannot be built, in the functions that build it late', async () => {
    vi.stubEnv('TIDEMARK_PVUV_OUT_OF_ORDERNESS', 'long');
    const request = { source: 'tidemark.nudge', job: 'pvuv@1' };
    await expect(closeHandler([pvuv])(request, context)).rejects.toThrow('write a duration');
    expect(notes()).toEqual([['pvuv@1#failure', 'closeWindows', 'JobDefinitionError', 'nudge']]);
  });

  it('write nothing more where they succeed', async () => {
    kinesis.on(ListShardsCommand).resolves({
      Shards: [{ ShardId: SHARD, HashKeyRange: undefined, SequenceNumberRange: undefined }],
    });
    await ingestHandler(pvuv)(event(), context);
    await closeHandler([pvuv])({}, context);
    await fireHandler([orderTimeout])({}, context);
    expect(notes()).toEqual([]);
  });

  it('throw what the table said, where it takes no note either', async () => {
    kinesis.on(ListShardsCommand).rejects(new Error('out of reach'));
    mockClient(DynamoDBClient).on(PutItemCommand).rejects(new Error('the note is refused'));
    await expect(ingestHandler(pvuv)(event(), context)).rejects.toThrow(/^((?!note).)*$/);
    expect(notes()).toEqual([]);
  });
});
