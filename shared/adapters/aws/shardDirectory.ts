/** A shard's parents and its range, from Kinesis's own list of the stream's shards. */
import { type KinesisClient, ListShardsCommand, type Shard } from '@aws-sdk/client-kinesis';
import { RetryableError } from '../../errors.ts';
import type { ShardId, StreamName } from '../../model/lane.ts';
import type { ShardDirectory } from '../../ports/shards.ts';
import { engineError } from './failures.ts';

/** @param physicalNameOf the name of a stream as Kinesis knows it, with its stage. */
export function kinesisShardDirectory(
  client: KinesisClient,
  physicalNameOf: (stream: StreamName) => string,
): ShardDirectory {
  async function find(stream: StreamName, shardId: ShardId) {
    const name = physicalNameOf(stream);
    const shards = await listShards(client, name);
    const shard = shards.get(shardId);
    if (shard || isForgotten(shardId, shards)) return shard;
    // Its records are read, so it exists: the list lags behind. Kept as "no parents", that would stay wrong.
    throw new RetryableError(`stream ${name} does not list shard ${shardId} yet`);
  }
  return {
    async shardsOf(stream) {
      const shards = await listShards(client, physicalNameOf(stream));
      return [...shards].map(([shard, listed]) => ({ shard, parents: parentIds(listed) }));
    },
    async parentsOf(stream, shardId) {
      const shard = await find(stream, shardId);
      return shard ? parentIds(shard) : [];
    },
    async childrenOf(stream, shardId) {
      const shards = await listShards(client, physicalNameOf(stream));
      return [...shards].flatMap(([id, shard]) => (parentIds(shard).includes(shardId) ? [id] : []));
    },
    async rangeOf(stream, shardId) {
      const { StartingHashKey: start, EndingHashKey: end } =
        (await find(stream, shardId))?.HashKeyRange ?? {};
      if (start === undefined || end === undefined) return undefined;
      return { start: BigInt(start), end: BigInt(end) };
    },
  };
}

export const parentIds = ({ ParentShardId, AdjacentParentShardId }: Shard): ShardId[] =>
  [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined);

/** A parent of a listed shard is no younger than its child: where it is not listed, its records are gone. */
const isForgotten = (shardId: ShardId, shards: ReadonlyMap<ShardId, Shard>): boolean =>
  [...shards.values()].some((shard) => parentIds(shard).includes(shardId));

/** Closed shards included, for as long as they hold records; of a parent older than that, its children have the id. */
export async function listShards(client: KinesisClient, name: string): Promise<Map<string, Shard>> {
  const shards = new Map<string, Shard>();
  let next: string | undefined;
  do {
    const command = new ListShardsCommand(next ? { NextToken: next } : { StreamName: name });
    try {
      const page = await client.send(command);
      for (const shard of page.Shards ?? []) shards.set(shard.ShardId ?? '', shard);
      next = page.NextToken;
    } catch (failure) {
      throw engineError(failure, `list of the shards of stream ${name}`, 'read');
    }
  } while (next);
  return shards;
}
