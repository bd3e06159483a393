/** Splits a shard of a stream while events are put on it. */
import { type KinesisClient, type Shard, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { listShards } from '../../../shared/adapters/aws/shardDirectory.ts';

/** The widest open shard, in the middle. */
export async function splitShard(client: KinesisClient, streamName: string): Promise<void> {
  const shards = [...(await listShards(client, streamName)).values()];
  const open = shards.filter((each) => !each.SequenceNumberRange?.EndingSequenceNumber);
  const [widest] = open.sort((a, b) => Number(widthOf(b) - widthOf(a)));
  if (!widest) throw new Error(`${streamName} has no open shard`);
  await client.send(
    new SplitShardCommand({
      StreamName: streamName,
      ShardToSplit: widest.ShardId,
      NewStartingHashKey: String(startOf(widest) + widthOf(widest) / 2n),
    }),
  );
}

const startOf = ({ HashKeyRange }: Shard): bigint => BigInt(HashKeyRange?.StartingHashKey ?? 0);
const widthOf = (shard: Shard): bigint =>
  BigInt(shard.HashKeyRange?.EndingHashKey ?? 0) - startOf(shard) + 1n;
