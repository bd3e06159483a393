/** What looking into a shard says, against an embedded Kinesis. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateStreamCommand,
  type KinesisClient,
  PutRecordCommand,
  SplitShardCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KinesisServer, startKinesisServer } from '../../infra/local/kinesisServer.ts';
import { kinesisShardReader } from '../../shared/adapters/aws/shardReader.ts';
import { localKinesis } from '../support/localKinesis.ts';

const STREAM = 'logins';
const PHYSICAL = 'tidemark-test-logins';
const PARENT = 'shardId-000000000000';
const CHILD = 'shardId-000000000001';

describe('looking into a shard', () => {
  let server: KinesisServer;
  let client: KinesisClient;

  beforeAll(async () => {
    const logFile = join(mkdtempSync(join(tmpdir(), 'tidemark-test-')), 'kinesis.log');
    server = await startKinesisServer({ port: 0, region: 'us-east-1', logFile });
    client = localKinesis(server.endpoint);
    await client.send(new CreateStreamCommand({ StreamName: PHYSICAL, ShardCount: 1 }));
    await isActive();
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  const isActive = () =>
    waitUntilStreamExists({ client, maxWaitTime: 10, minDelay: 1 }, { StreamName: PHYSICAL });
  const put = async (data: string): Promise<string> => {
    const Data = Buffer.from(data);
    const record = { StreamName: PHYSICAL, PartitionKey: 'k', Data };
    return (await client.send(new PutRecordCommand(record))).SequenceNumber ?? '';
  };
  const look = (sequence?: string, index = 0, shard = PARENT) =>
    kinesisShardReader(client, () => PHYSICAL).look(
      STREAM,
      shard,
      sequence === undefined ? undefined : { sequence, index },
    );

  it('tells what an open shard and a closed one hold behind a position', async () => {
    expect(await look()).toBe('drained');
    expect(await look('0')).toBe('drained');

    const first = await put('{"n":1}');
    const packed = await put('{"n":2}\n{"n":3}');
    expect(await look()).toBe('hasMore');
    expect(await look(first)).toBe('hasMore');
    expect(await look(packed, 0), 'a packed record that is half read').toBe('hasMore');
    expect(await look(packed, 1)).toBe('drained');
    const trimmed = String(BigInt(first) - 1n);
    expect(await look(trimmed), 'a record that is no more, before those that are').toBe('hasMore');

    const NewStartingHashKey = String(2n ** 127n);
    await client.send(
      new SplitShardCommand({ StreamName: PHYSICAL, ShardToSplit: PARENT, NewStartingHashKey }),
    );
    await isActive();
    expect(await look(first)).toBe('hasMore');
    expect(await look(packed, 0)).toBe('hasMore');
    expect(await look(packed, 1)).toBe('ended');
    expect(await look(undefined, 0, CHILD)).toBe('drained');
    expect(await look(packed, 1, 'shardId-000000000009'), 'a shard that is gone').toBe('ended');
  });
});
