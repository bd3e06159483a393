/** What the engine asks of a stream beside the records that it is given. */
import type { HashRange } from '../model/hashRange.ts';
import type { ShardId, StreamName } from '../model/lane.ts';
import type { Position } from '../model/position.ts';

export interface ListedShard {
  readonly shard: ShardId;
  /** Those that it came from by a split or a merge. */
  readonly parents: readonly ShardId[];
}

/** What the stream's own list of shards tells. Asked a few times in a lane's life, and once a minute where lanes forward. */
export interface ShardDirectory {
  /** All that the stream lists, closed ones too, for as long as they hold records. */
  shardsOf(stream: StreamName): Promise<readonly ListedShard[]>;
  /**
   * The shards that a shard came from by a split or a merge, also those that hold no records any more: their lanes may be
   * there. Empty for a shard that existed from the start, and for one that the stream itself has forgotten.
   */
  parentsOf(stream: StreamName, shard: ShardId): Promise<readonly ShardId[]>;
  /** The shards that came from one by a split or a merge; empty for one that is open, or that has been forgotten for long. */
  childrenOf(stream: StreamName, shard: ShardId): Promise<readonly ShardId[]>;
  /** Which hash keys' records the shard takes, or took; undefined for one that the stream has forgotten. */
  rangeOf(stream: StreamName, shard: ShardId): Promise<HashRange | undefined>;
}

/** What a shard holds behind a position. */
export type ShardRemainder =
  /** There is more, or it cannot be told that there is none. */
  | 'hasMore'
  /** Nothing now; the shard is open. */
  | 'drained'
  /** Nothing, and nothing will come: the shard is closed, or it is no more. */
  | 'ended';

/**
 * Looks into a shard beside its regular delivery. Ordered jobs ask it before a child shard is begun and before a
 * silent lane's clock is moved.
 */
export interface ShardReader {
  /** @param after what is read already; undefined for nothing. */
  look(stream: StreamName, shard: ShardId, after: Position | undefined): Promise<ShardRemainder>;
}
