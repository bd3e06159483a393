/** A Kinesis stream as a record sink. */
import {
  type KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  type PutRecordsResultEntry,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { RetryableError, UnknownOutcomeError } from '../../errors.ts';
import type { PutOutcome, RecordSink } from '../../producer/recordSink.ts';
import type { ShardRange } from '../../producer/shardRanges.ts';

/** `physicalName` is the stream's name as the server knows it. */
export function kinesisSink(client: KinesisClient, physicalName: string): RecordSink {
  return {
    async putRecords(records) {
      const command = new PutRecordsCommand({
        StreamName: physicalName,
        Records: records.map(({ partitionKey, explicitHashKey, data }) => ({
          PartitionKey: partitionKey,
          ExplicitHashKey: explicitHashKey,
          Data: data,
        })),
      });
      const reply = await client.send(command).catch(rethrow);
      return (reply.Records ?? []).map(outcomeOf);
    },
    async listShards() {
      const shards: Shard[] = [];
      let next: string | undefined;
      do {
        const command = new ListShardsCommand(
          next === undefined ? { StreamName: physicalName } : { NextToken: next },
        );
        const page = await client.send(command).catch(rethrow);
        shards.push(...(page.Shards ?? []));
        next = page.NextToken;
      } while (next !== undefined);
      return shards.filter(isOpen).map(rangeOf);
    },
  };
}

function outcomeOf(entry: PutRecordsResultEntry): PutOutcome {
  const {
    ShardId: shard,
    SequenceNumber: sequence,
    ErrorCode: code,
    ErrorMessage: message,
  } = entry;
  if (shard !== undefined && sequence !== undefined && code === undefined) {
    return { kind: 'stored', shard, sequence };
  }
  return { kind: 'refused', reason: [code, message].filter(Boolean).join(': ') };
}

const isOpen = (shard: Shard): boolean =>
  shard.SequenceNumberRange?.EndingSequenceNumber === undefined;

const rangeOf = (shard: Shard): ShardRange => ({
  shard: shard.ShardId ?? '',
  start: BigInt(shard.HashKeyRange?.StartingHashKey ?? 0),
  end: BigInt(shard.HashKeyRange?.EndingHashKey ?? 0),
});

/** Said before anything was stored. */
const REFUSALS: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'LimitExceededException',
  'KMSThrottlingException',
  'ResourceInUseException',
  'ECONNREFUSED',
  'ENOTFOUND',
]);

/** The connection broke, so the request may have arrived. */
const LOST_REPLIES: ReadonlySet<string> = new Set([
  'TimeoutError',
  'AbortError',
  'InternalFailure',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Turns an SDK error into what the producer should do; one that will not get better is passed on. */
function rethrow(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  const names = [error.name, Reflect.get(error, 'code')];
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const options = { cause: error };
  if (names.some((name) => REFUSALS.has(name))) {
    throw new RetryableError(`Kinesis cannot take records now: ${error.message}`, options);
  }
  if (names.some((name) => LOST_REPLIES.has(name)) || (status ?? 0) >= 500) {
    throw new UnknownOutcomeError(`Kinesis did not answer: ${error.message}`, options);
  }
  throw error;
}
