/** Which hash keys a lane's shard takes: noted with the lane, else asked of the stream, once per lane and process. */
import type { HashRange } from '../../model/hashRange.ts';
import { type Lane, laneName } from '../../model/lane.ts';
import type { Ports } from '../../ports/ports.ts';
import { readLane } from '../../state/lane/laneItem.ts';

export type LaneRanges = (lane: Lane) => Promise<HashRange | undefined>;

/**
 * Undefined for a shard that the stream has forgotten, where its lane began before lanes noted their ranges.
 * Throws RetryableError where the stream cannot tell.
 */
export function laneRanges({ state, shards }: Pick<Ports, 'state' | 'shards'>): LaneRanges {
  const known = new Map<string, HashRange>();
  return async (lane) => {
    const name = laneName(lane);
    const found =
      known.get(name) ??
      (await readLane(state, lane))?.range ??
      (await shards.rangeOf(lane.stream, lane.shard));
    if (found) known.set(name, found);
    return found;
  };
}
