/** What silence does to a lane that holds events, and when a head has to be recommitted. */
import {
  type Duration,
  earliest,
  isBefore,
  later,
  type ProcessingTime,
  processingTime,
  seconds,
} from '../../model/time.ts';
import { isAging } from '../../state/retention.ts';
import type { Advance, LaneState } from '../lanes/commitDraft.ts';
import type { LaneContext } from '../lanes/lanes.ts';
import type { RunTrigger } from '../scheduledRun.ts';

/**
 * How much longer than `idleAfter` a shard is silent before anybody looks: a record that arrived before can be read by
 * then, and clocks differ by less.
 */
const LOOKING_MARGIN: Duration = seconds(5);

/**
 * Why a commit without a record is due on the lane, if one is. The idle jump may be made early only where the next
 * record is sure to make it anyway: the shard is read to its end, and whatever arrives from now on arrives too late.
 */
export async function reasonToAdvance(
  { ports, settings, batcher }: LaneContext,
  laneState: LaneState,
  trigger: RunTrigger,
  now: ProcessingTime,
): Promise<Advance | undefined> {
  const { lane, head } = laneState;
  if (!head) return undefined;
  // What waits may stand in a commit much older than the head.
  const oldest = earliest(head.expiresAt, head.heldExpires ?? head.expiresAt);
  const recommit = isAging(oldest, settings.logRetention, now) ? 'recommit' : undefined;
  // The lane of an ended shard stays: children that are silent for long take over from it.
  if (head.ended || !batcher.lastEvent || head.heldFrom === undefined) return recommit;
  if (trigger === 'endOfInput') return 'endOfInput';
  if (head.letGo) return 'letGo';
  const lastArrival = processingTime(head.lastArrival ?? now);
  const silentFrom = later(later(lastArrival, settings.idleAfter), LOOKING_MARGIN);
  if (isBefore(now, silentFrom)) return recommit;
  if ((await batcher.lastEvent(laneState)) === undefined) return recommit;
  const found = await ports.reader.look(lane.stream, lane.shard, head.to);
  if (found === 'hasMore') return recommit;
  return found === 'ended' ? 'end' : 'idleJump';
}
