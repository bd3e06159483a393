/** What `put` says of events that it cannot be sure of. */
import {
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { putEvents } from '../../../cli/commands/put.ts';

const kinesis = mockClient(KinesisClient);
const connection = { kinesis: new KinesisClient(), nameOf: (name: string) => name };
const SHARD = 'shardId-000000000000';
const STORED = { Records: [{ ShardId: SHARD, SequenceNumber: '7' }] };
const RESET = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

beforeEach(() => {
  kinesis.reset();
  kinesis.on(ListShardsCommand).resolves({
    Shards: [
      {
        ShardId: SHARD,
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) },
        SequenceNumberRange: { StartingSequenceNumber: '0' },
      },
    ],
  });
});

async function* views() {
  for (let n = 0; n < 5; n += 1) yield { line: JSON.stringify({ n }), partitionKey: 'k' };
}

it('counts the events that were put again for want of a reply', async () => {
  kinesis.on(PutRecordsCommand).rejectsOnce(RESET).resolves(STORED);
  expect(await putEvents(connection, 'orders', views())).toMatchObject({
    events: 5,
    maybeTwice: 5,
  });
});

it('counts none where every put had its reply', async () => {
  kinesis.on(PutRecordsCommand).resolves(STORED);
  expect(await putEvents(connection, 'orders', views())).toMatchObject({
    events: 5,
    maybeTwice: 0,
  });
});

it('says so too where the put fails in the end', async () => {
  const gone = new ResourceNotFoundException({
    $metadata: { attempts: 1, httpStatusCode: 400 },
    message: 'no such stream',
  });
  kinesis.on(PutRecordsCommand).rejectsOnce(RESET).rejects(gone);
  await expect(putEvents(connection, 'orders', views())).rejects.toThrow(
    /0 events are put, 5 could not be; .*; 5 events had no reply and were put again: they may be there twice/,
  );
});
