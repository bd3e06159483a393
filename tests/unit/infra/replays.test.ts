/** The stack's replays, when the stack ends while a put is under way. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { KinesisClient, ListShardsCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
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
  const answer = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  kinesis.on(PutRecordsCommand).callsFake(async () => {
    asked.resolve();
    await answer.promise;
    return { Records: [{ ShardId: SHARD, SequenceNumber: '7' }] };
  });

  const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  const clients = { puts: new KinesisClient({ region: 'us-east-1' }) };
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

  const lines = kinesis
    .commandCalls(PutRecordsCommand)
    .flatMap(({ args: [{ input: given }] }) => given.Records ?? [])
    .map(
      ({ Data }) =>
        Buffer.from(Data ?? '')
          .toString()
          .split('\n').length,
    );
  // Of each record the first line is its stamp.
  const stored = lines.reduce((sum, each) => sum + each - 1, 0);
  const { inputs } = JSON.parse(readFileSync(join(folder, 'replay.json'), 'utf8'));
  expect(inputs[NAME]).toMatchObject({ stored, isComplete: false });
});
