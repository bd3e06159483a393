/**
 * Opens the lanes of shards that came from those of ended lanes, also where they get no record: a child takes over what its parents
 * keep, so they need not keep it for it, and the stream need not know them any more.
 */
import { RetryableError } from '../../errors.ts';
import { type Lane, laneName, laneNamed, shardNamed } from '../../model/lane.ts';
import { ENDINGS_MAX } from '../lanes/closedShards.ts';
import { childrenBy, haveTakenOver } from '../lanes/handover.ts';
import { advanceLane, type LaneContext, openLane, readLaneState } from '../lanes/lanes.ts';
import type { LanesFound } from './endFiredLanes.ts';

/** Of a keyed job. Gives how many commits that took. */
export async function openChildren(
  context: LaneContext,
  { items, laneStates }: LanesFound,
  hasTime: () => boolean,
): Promise<number> {
  const { job, ports } = context;
  const headOf = (name: string) => laneStates.get(name)?.head;
  const children = childrenBy(items);
  const waiting = [...laneStates]
    .filter(([, { head }]) => head?.ended)
    .filter(([name]) => !haveTakenOver(children.get(name) ?? [], items, headOf))
    .slice(0, ENDINGS_MAX);
  let steps = 0;
  for (const [name] of waiting) {
    if (!hasTime()) break;
    const { stream, shard } = shardNamed(name);
    for (const child of await ports.shards.childrenOf(stream, shard)) {
      const childName = laneName({ stream, shard: child });
      const head = headOf(childName);
      if (head && head.adopting === undefined) continue;
      steps += await begin(context, laneNamed(job.id, childName), hasTime);
    }
  }
  return steps;
}

/** Until it has taken over all that is its own. */
async function begin(context: LaneContext, lane: Lane, hasTime: () => boolean): Promise<number> {
  let steps = 0;
  try {
    let laneState = (await readLaneState(context, lane)) ?? (await openLane(context, lane));
    while (context.stores?.isAdopting(laneState) && (steps === 0 || hasTime())) {
      const advanced = await advanceLane(context, laneState, 'recommit');
      if (!advanced) break;
      laneState = advanced;
      steps += 1;
    }
  } catch (error) {
    // Another parent of it is not read to its end yet.
    if (!(error instanceof RetryableError)) throw error;
  } finally {
    context.stores?.forget();
  }
  return steps;
}
