/** Answers of Kinesis that no embedded server gives. */
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import 'aws-sdk-client-mock-vitest/extend';
import { beforeEach, describe, expect, it } from 'vitest';
import { kinesisShardReader } from '../../../shared/adapters/aws/shardReader.ts';

const AFTER = { sequence: '100', index: 0 };

const record = (SequenceNumber: string) => ({
  SequenceNumber,
  PartitionKey: 'k',
  Data: Buffer.from('{}'),
});

const failure = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });

describe('looking into a shard', () => {
  const client = new KinesisClient({ region: 'us-east-1' });
  const kinesis = mockClient(client);
  const look = () => kinesisShardReader(client, (name) => name).look('logins', 's', AFTER);

  const shardIs = (state: 'open' | 'closed') => {
    const EndingSequenceNumber = state === 'closed' ? '200' : undefined;
    const SequenceNumberRange = { StartingSequenceNumber: '1', EndingSequenceNumber };
    const shard = { ShardId: 's', HashKeyRange: undefined, SequenceNumberRange };
    kinesis.on(ListShardsCommand).resolves({ Shards: [shard] });
  };

  beforeEach(() => {
    kinesis.reset();
    shardIs('open');
    kinesis.on(GetShardIteratorCommand).resolves({ ShardIterator: 'first' });
  });

  it('reads on through empty replies until one says that nothing is behind it', async () => {
    const more = { Records: [], NextShardIterator: 'next' };
    kinesis
      .on(GetRecordsCommand)
      .resolvesOnce({ ...more, MillisBehindLatest: 60_000 })
      .resolvesOnce({ ...more, MillisBehindLatest: 5 })
      .resolves({ ...more, MillisBehindLatest: 0 });
    expect(await look()).toBe('drained');
    expect(kinesis).toHaveReceivedCommandTimes(GetRecordsCommand, 3);
  });

  it('finds a record behind empty replies', async () => {
    const more = { NextShardIterator: 'next', MillisBehindLatest: 5 };
    kinesis
      .on(GetRecordsCommand)
      .resolvesOnce({ ...more, Records: [] })
      .resolves({ ...more, Records: [record('101')] });
    expect(await look()).toBe('hasMore');
  });

  it('does not read for ever, and then cannot tell that there is nothing', async () => {
    const behind = { Records: [], NextShardIterator: 'next', MillisBehindLatest: 5 };
    kinesis.on(GetRecordsCommand).resolves(behind);
    expect(await look()).toBe('hasMore');
  });

  it('takes a closed shard for ended at its last record, also where an iterator is left', async () => {
    const last = { Records: [record('100')], NextShardIterator: 'next', MillisBehindLatest: 0 };
    kinesis.on(GetRecordsCommand).resolves(last);
    expect(await look()).toBe('drained');
    shardIs('closed');
    expect(await look()).toBe('ended');
  });

  it.each(['InvalidArgumentException', 'ResourceNotFoundException'])(
    'looks at the oldest record where the one at the position is trimmed: %s',
    async (name) => {
      const at = { StreamName: 'logins', ShardId: 's' };
      kinesis
        .on(GetShardIteratorCommand, { ShardIteratorType: 'AT_SEQUENCE_NUMBER' })
        .rejects(failure(name));
      kinesis
        .on(GetRecordsCommand)
        .resolves({ NextShardIterator: 'n', MillisBehindLatest: 0, Records: [] });
      expect(await look()).toBe('drained');
      expect(kinesis).toHaveReceivedLastCommandWith(GetShardIteratorCommand, {
        ...at,
        ShardIteratorType: 'TRIM_HORIZON',
      });
    },
  );

  it('cannot tell where an iterator expires on the way', async () => {
    kinesis.on(GetRecordsCommand).rejects(failure('ExpiredIteratorException'));
    expect(await look()).toBe('hasMore');
  });

  it.each([
    ['ProvisionedThroughputExceededException', 400, 'RetryableError'],
    ['InternalFailure', 500, 'RetryableError'],
    ['AccessDeniedException', 400, 'InvariantViolation'],
  ])("turns %s into the engine's error, which names the shard", async (name, status, error) => {
    kinesis.on(GetRecordsCommand).rejects(failure(name, status));
    await expect(look()).rejects.toMatchObject({
      name: error,
      message: expect.stringContaining('look into shard s of stream logins'),
    });
  });
});
