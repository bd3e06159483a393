import type { ShardId, StreamName } from '../model/lane.ts';
import type { Position } from '../model/position.ts';

/** What a shard holds behind a position. */
export type ShardRest =
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
  look(stream: StreamName, shard: ShardId, after: Position | undefined): Promise<ShardRest>;
}
