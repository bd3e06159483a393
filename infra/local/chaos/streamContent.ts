/** All that is on a stream: its shards, from parents to children, and what each holds in order. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { listShards, parentIds } from '../../../shared/adapters/aws/shardDirectory.ts';
import type { HashRange } from '../../../shared/model/hashRange.ts';
import type { ShardId } from '../../../shared/model/lane.ts';
import { kinesisSource } from '../kinesisSource.ts';
import { recordsAfter, type SourceRecord } from '../shardSource.ts';

export interface ShardContent {
  readonly shard: ShardId;
  readonly parents: readonly ShardId[];
  readonly range: HashRange;
  readonly isClosed: boolean;
  readonly records: readonly SourceRecord[];
}

export type StreamContent = readonly ShardContent[];

export async function streamContent(
  client: KinesisClient,
  streamName: string,
): Promise<StreamContent> {
  const source = kinesisSource(client, streamName);
  // They come in the order in which they were made.
  const shards = await listShards(client, streamName);
  const content: ShardContent[] = [];
  for (const [shard, each] of shards) {
    const { HashKeyRange } = each;
    content.push({
      shard,
      parents: parentIds(each),
      range: {
        start: BigInt(HashKeyRange?.StartingHashKey ?? 0),
        end: BigInt(HashKeyRange?.EndingHashKey ?? 0),
      },
      isClosed: each.SequenceNumberRange?.EndingSequenceNumber !== undefined,
      records: await recordsAfter(source, shard, undefined),
    });
  }
  return content;
}
