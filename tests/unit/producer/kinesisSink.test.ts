import {
  KinesisClient,
  ListShardsCommand,
  ProvisionedThroughputExceededException,
  PutRecordsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { kinesisSink } from '../../../shared/adapters/aws/kinesisSink.ts';
import { InvariantViolation, RetryableError, UnknownOutcomeError } from '../../../shared/errors.ts';

const kinesis = mockClient(KinesisClient);
const sink = kinesisSink(new KinesisClient({ region: 'us-east-1' }), 'tidemark-test-user-behavior');
const RECORD = { partitionKey: 'k', explicitHashKey: '0', data: Buffer.from('{}') };

beforeEach(() => {
  kinesis.reset();
});

describe('putting records', () => {
  it('tells for each record whether it is stored, and where', async () => {
    kinesis.on(PutRecordsCommand).resolves({
      Records: [
        { ShardId: 'shardId-1', SequenceNumber: '17' },
        { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow down' },
      ],
    });
    expect(await sink.putRecords([RECORD, RECORD])).toEqual([
      { kind: 'stored', shard: 'shardId-1', sequence: '17' },
      { kind: 'refused', reason: 'ProvisionedThroughputExceededException: slow down' },
    ]);
    const [call] = kinesis.commandCalls(PutRecordsCommand);
    expect(call?.args[0].input).toEqual({
      StreamName: 'tidemark-test-user-behavior',
      Records: [
        { PartitionKey: 'k', ExplicitHashKey: '0', Data: RECORD.data },
        { PartitionKey: 'k', ExplicitHashKey: '0', Data: RECORD.data },
      ],
    });
  });

  const metadata = { $metadata: { attempts: 1, httpStatusCode: 400 }, message: 'no' };
  it.each([
    ['throttled', new ProvisionedThroughputExceededException(metadata), RetryableError],
    [
      'without a reply',
      Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      UnknownOutcomeError,
    ],
    ['never sent', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), RetryableError],
    ['wrong', new ResourceNotFoundException(metadata), InvariantViolation],
  ])('says what to do about a request that is %s', async (_, failure, expected) => {
    kinesis.on(PutRecordsCommand).rejects(failure);
    await expect(sink.putRecords([RECORD])).rejects.toThrow(expected);
  });
});

describe('listing shards', () => {
  it('reads every page and leaves closed shards out', async () => {
    const shard = (ShardId: string, start: string, end: string, closed?: string) => ({
      ShardId,
      HashKeyRange: { StartingHashKey: start, EndingHashKey: end },
      SequenceNumberRange: {
        StartingSequenceNumber: '1',
        ...(closed === undefined ? {} : { EndingSequenceNumber: closed }),
      },
    });
    kinesis
      .on(ListShardsCommand, { StreamName: 'tidemark-test-user-behavior' })
      .resolves({ Shards: [shard('old', '0', '99', '5'), shard('a', '0', '49')], NextToken: 't' })
      .on(ListShardsCommand, { NextToken: 't' })
      .resolves({ Shards: [shard('b', '50', '340282366920938463463374607431768211455')] });
    expect(await sink.listShards()).toEqual([
      { shard: 'a', start: 0n, end: 49n },
      { shard: 'b', start: 50n, end: 2n ** 128n - 1n },
    ]);
  });
});
