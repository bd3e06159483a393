import type { ShardId, StreamName } from '../model/lane.ts';

/** Which shards a shard came from by a split or a merge. Asked once in a lane's life, when it is created. */
export interface ShardDirectory {
  /** Empty for a shard that existed from the start, or whose parents are forgotten. */
  parentsOf(stream: StreamName, shard: ShardId): Promise<readonly ShardId[]>;
}
