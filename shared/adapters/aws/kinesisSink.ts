/** A Kinesis stream as a record sink. */
import {
  type KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  type PutRecordsResultEntry,
  type Shard,
} from '@aws-sdk/client-kinesis';
import type { ShardRange } from '../../model/shardRanges.ts';
import type { PutOutcome, RecordSink } from '../../ports/recordSink.ts';
import { engineError } from './failures.ts';

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
      const reply = await client.send(command).catch((failure: unknown) => {
        throw engineError(failure, `put to stream ${physicalName}`, 'write');
      });
      return (reply.Records ?? []).map(outcomeOf);
    },
    async listShards() {
      const shards: Shard[] = [];
      let next: string | undefined;
      do {
        const command = new ListShardsCommand(
          next === undefined ? { StreamName: physicalName } : { NextToken: next },
        );
        const page = await client.send(command).catch((failure: unknown) => {
          throw engineError(failure, `list the shards of stream ${physicalName}`, 'read');
        });
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
