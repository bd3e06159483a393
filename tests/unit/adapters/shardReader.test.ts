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
import { ANY_FORM } from '../../../shared/records/forms.ts';

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

  it.each([
    ['', 'drained'],
    [';', 'hasMore'],
  ])('reads what is left of a record as its stream is declared: %j', async (more, rest) => {
    const decode = (data: Uint8Array) => Buffer.from(data).toString().split(';');
    const reader = kinesisShardReader(
      client,
      (name) => name,
      () => ({ ...ANY_FORM, decode }),
    );
    kinesis.on(GetRecordsCommand).resolves({
      Records: [{ ...record('100'), Data: Buffer.from(`a${more}`) }],
      NextShardIterator: 'next',
      MillisBehindLatest: 0,
    });
    expect(await reader.look('logins', 's', AFTER)).toBe(rest);
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

  it('goes on where it left off, so that it comes to the end of any empty stretch', async () => {
    shardIs('closed');
    const ways = 50;
    for (let n = 0; n < ways; n += 1) {
      kinesis
        .on(GetRecordsCommand, { ShardIterator: n === 0 ? 'first' : `way ${n}` })
        .resolves({ Records: [], NextShardIterator: `way ${n + 1}`, MillisBehindLatest: 5 });
    }
    kinesis
      .on(GetRecordsCommand, { ShardIterator: `way ${ways}` })
      .resolves({ Records: [], MillisBehindLatest: 0 });
    const reader = kinesisShardReader(client, (name) => name);
    const found = [];
    for (let n = 0; n < 3; n += 1) found.push(await reader.look('logins', 's', AFTER));
    expect(found).toEqual(['hasMore', 'hasMore', 'ended']);
    expect(await reader.look('logins', 's', { ...AFTER, index: 1 })).toBe('hasMore');
    expect(kinesis).toHaveReceivedCommandTimes(GetShardIteratorCommand, 2);
  });

  it.each([
    ['ProvisionedThroughputExceededException', 1],
    ['ExpiredIteratorException', 2],
  ])('after %s it has begun %i times', async (name, begun) => {
    const behind = { Records: [], MillisBehindLatest: 5 };
    kinesis
      .on(GetRecordsCommand, { ShardIterator: 'first' })
      .resolves({ ...behind, NextShardIterator: 'second' })
      .on(GetRecordsCommand, { ShardIterator: 'second' })
      .rejectsOnce(failure(name))
      .resolves({ ...behind, MillisBehindLatest: 0, NextShardIterator: 'third' });
    const reader = kinesisShardReader(client, (stream) => stream);
    await reader.look('logins', 's', AFTER).catch(() => {});
    expect(await reader.look('logins', 's', AFTER)).toBe('drained');
    expect(kinesis).toHaveReceivedCommandTimes(GetShardIteratorCommand, begun);
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
