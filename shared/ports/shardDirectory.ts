import type { HashRange } from '../model/hashRange.ts';
import type { ShardId, StreamName } from '../model/lane.ts';

/** What the stream's own list of shards tells. Asked a few times in a lane's life. */
export interface ShardDirectory {
  /**
   * The shards that a shard came from by a split or a merge, also those that hold no records any more: their lanes may be
   * there. Empty for a shard that existed from the start, and for one that the stream itself has forgotten.
   */
  parentsOf(stream: StreamName, shard: ShardId): Promise<readonly ShardId[]>;
  /** Which hash keys' records the shard takes, or took; undefined for one that the stream has forgotten. */
  rangeOf(stream: StreamName, shard: ShardId): Promise<HashRange | undefined>;
}
