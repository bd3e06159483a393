/** The stack's replays, when the stack ends while a put is under way. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { createReplays } from '../../../infra/local/replays.ts';

const SHARD = 'shardId-000000000000';
const LAST_HASH_KEY = String(2n ** 128n - 1n);
const NAME = 'views';

it('ends once the put has its answer, which is noted, and starts no other', async () => {
  const kinesis = mockClient(KinesisClient);
  kinesis.on(ListShardsCommand).resolves({
    Shards: [
      {
        ShardId: SHARD,
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: LAST_HASH_KEY },
        SequenceNumberRange: { StartingSequenceNumber: '0' },
      },
    ],
  });
  kinesis.on(GetShardIteratorCommand).resolves({ ShardIterator: 'i' });
  kinesis.on(GetRecordsCommand).resolves({
    Records: [],
    NextShardIterator: 'i',
    MillisBehindLatest: 0,
  });
  const answer = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  kinesis.on(PutRecordsCommand).callsFake(async () => {
    asked.resolve();
    await answer.promise;
    return { Records: [{ ShardId: SHARD, SequenceNumber: '7' }] };
  });

  const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  const client = new KinesisClient({ region: 'us-east-1' });
  const clients = { kinesis: client, puts: client, dynamo: new DynamoDBClient() };
  const stream = { name: 'user-behavior', physicalName: 'local-user-behavior', shards: 1 };
  const replays = createReplays(folder, { streams: [stream] }, clients);
  /** As many as a record holds, and then they come one by one, for ever. */
  async function* events() {
    for (let n = 0; ; n += 1) {
      if (n > 300) await asked.promise;
      yield { line: JSON.stringify({ n, text: 'x'.repeat(90) }), partitionKey: 'k' };
      await nextTurn();
    }
  }
  const input = { name: NAME, stream: stream.name, events };
  const replayed = replays.replay({ inputs: [input], speed: 'max' });
  await asked.promise;

  let isStopped = false;
  const stopped = replays.stop().then(() => {
    isStopped = true;
  });
  for (let turns = 0; turns < 20; turns += 1) await nextTurn();
  expect(isStopped).toBe(false);
  answer.resolve();
  await Promise.all([stopped, replayed]);

  const put = kinesis
    .commandCalls(PutRecordsCommand)
    .flatMap(({ args: [{ input: given }] }) => given.Records ?? [])
    .map(
      ({ Data }) =>
        Buffer.from(Data ?? '')
          .toString()
          .split('\n').length,
    );
  const log = JSON.parse(readFileSync(join(folder, 'replay.json'), 'utf8'));
  expect(log[NAME][SHARD]).toEqual({ events: put.reduce((a, b) => a + b, 0), after: '7' });
});

it('asks nothing about the stream of an input that is on it as a whole, by its file', async () => {
  const kinesis = mockClient(KinesisClient);
  kinesis.onAnyCommand().rejects(new Error('asked'));
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  const log = { [NAME]: { [SHARD]: { events: 2, after: '7' }, other: { events: 1 } } };
  writeFileSync(join(folder, 'replay.json'), JSON.stringify(log));
  const client = new KinesisClient({ region: 'us-east-1' });
  const clients = { kinesis: client, puts: client, dynamo: new DynamoDBClient() };
  const stream = { name: 'user-behavior', physicalName: 'local-user-behavior', shards: 1 };
  const inputOf = (events: number) => ({
    name: NAME,
    stream: stream.name,
    events: () => Array.from({ length: events }, (_, n) => ({ line: `${n}`, partitionKey: 'k' })),
  });
  const stored: number[] = [];
  const replay = (events: number) =>
    createReplays(folder, { streams: [stream] }, clients).replay({
      inputs: [inputOf(events)],
      speed: 'max',
      onStored: (more) => stored.push(more),
    });
  await replay(3);
  expect(stored).toEqual([3]);
  await expect(replay(4)).rejects.toThrow('asked');
});
