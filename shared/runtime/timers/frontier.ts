/**
 * Tells the keyed lanes of a job how far its sources have been forwarded, where they forget by that: on the repartition stream, where it stands
 * behind all that it speaks of.
 *
 * 1. What is still on its way from a shard arrived there no earlier than the last record that its lane's head says is forwarded; of a shard that is
 *    read to its end, not before now. Shards on which the job has no lane yet count as well.
 * 2. A source that is further behind than `stateRetention` is waited for no more: else what others bring would wait without bounds.
 * 3. It is told when something waits for it, and else rarely: often enough that hardly anything waits while events come
 *    (`operators/status/ahead.ts`).
 */
import { isForwarding, repartitionStreamOf } from '../../job/repartition.ts';
import { streamsOf } from '../../job/spec.ts';
import { type Lane, laneName, laneNamed } from '../../model/lane.ts';
import {
  type ArrivalTime,
  arrivalTime,
  earlier,
  earliest,
  half,
  isAfter,
  isBefore,
  latest,
  type ProcessingTime,
  since,
} from '../../model/time.ts';
import { ALL_ARRIVED, goesByFrontier, NO_FRONTIER } from '../../operators/status/ahead.ts';
import type { ListedShard } from '../../ports/shards.ts';
import { inTurns } from '../../state/inTurns.ts';
import { putFrontier } from '../forwarding/forwarder.ts';
import { type LaneState, lastArrivalOf } from '../lanes/commitDraft.ts';
import type { LaneContext } from '../lanes/lanes.ts';
import type { LanesFound } from './endFiredLanes.ts';
import { LOOKING_MARGIN } from './silentLane.ts';

/** @param found all lanes of the job, as they stand or stood before */
export async function tellFrontier(
  context: LaneContext,
  found: LanesFound,
  now: ProcessingTime,
): Promise<void> {
  const { job, ports } = context;
  const stream = repartitionStreamOf(job);
  if (!goesByFrontier(job) || stream === undefined) return;
  const readUpTo = arrivalTime(earlier(now, LOOKING_MARGIN));
  const lanes = [...found.laneStates.values()];
  const keyed = lanes.filter(({ lane, head }) => !isForwarding(job, lane.stream) && !head?.ended);
  const newest = lanes
    .filter(({ lane }) => isForwarding(job, lane.stream))
    .reduce((at, state) => latest(at, lastArrivalOf(state) ?? at), NO_FRONTIER);
  const oftenEnough = half(half(job.rows.remember));
  const isNews = (frontier: ArrivalTime): boolean =>
    keyed.length === 0 ||
    keyed.some(({ head }) => {
      const told = head?.frontier ?? NO_FRONTIER;
      if (!isAfter(frontier, told)) return false;
      if (head?.nextAhead !== undefined && !isAfter(head.nextAhead, frontier)) return true;
      return isAfter(newest, told) && since(told, frontier) >= oftenEnough;
    });
  // No further than that: where it would be no news, no shard is looked into.
  if (!isNews(readUpTo)) return;
  const reached = await frontierOf(context, found, readUpTo);
  const frontier = latest(reached, earlier(readUpTo, job.stateRetention));
  if (isNews(frontier)) await putFrontier(ports.streams, { id: job.id, stream }, frontier);
}

async function frontierOf(
  context: LaneContext,
  found: LanesFound,
  readUpTo: ArrivalTime,
): Promise<ArrivalTime> {
  let frontier = readUpTo;
  for (const stream of streamsOf(context.job)) {
    const shards = await context.ports.shards.shardsOf(stream);
    const begun = begunIn(stream, shards, found);
    await inTurns(shards, async ({ shard }) => {
      const name = laneName({ stream, shard });
      if (isOver(shard, shards, begun)) return;
      const lane = laneNamed(context.job.id, name);
      const at = await onItsWayFrom(context, lane, found.laneStates.get(name), readUpTo);
      frontier = earliest(frontier, at);
    });
  }
  return frontier;
}

/** The shards of the stream whose lanes have begun. */
const begunIn = (
  stream: string,
  shards: readonly ListedShard[],
  { items }: LanesFound,
): ReadonlySet<string> =>
  new Set(
    shards.map(({ shard }) => shard).filter((shard) => items.has(laneName({ stream, shard }))),
  );

/** Its lane has ended, and is retired: a child's lane begins after its parents'. */
function isOver(
  shard: string,
  shards: readonly ListedShard[],
  begun: ReadonlySet<string>,
): boolean {
  if (begun.has(shard)) return false;
  const children = shards.filter(({ parents }) => parents.includes(shard));
  return children.some((child) => begun.has(child.shard) || isOver(child.shard, shards, begun));
}

/** When the first event can have arrived that the shard has and no lane has forwarded. */
async function onItsWayFrom(
  { ports: { reader } }: LaneContext,
  lane: Lane,
  laneState: LaneState | undefined,
  readUpTo: ArrivalTime,
): Promise<ArrivalTime> {
  const head = laneState?.head;
  if (head?.ended) return ALL_ARRIVED;
  const last = (laneState && lastArrivalOf(laneState)) ?? NO_FRONTIER;
  if (!isBefore(last, readUpTo)) return last;
  const found = await reader.look(lane.stream, lane.shard, head?.to);
  if (found === 'ended') return ALL_ARRIVED;
  return found === 'drained' ? readUpTo : last;
}
