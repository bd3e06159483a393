/** What becomes of the lanes of keyed jobs that have ended. The rules are those of `closing/endLanes.ts`, which retires the lanes of window jobs. */
import { hasWindows } from '../../job/traits.ts';
import { inTurns } from '../../state/inTurns.ts';
import type { LaneItem } from '../../state/lane/laneItem.ts';
import { type RetiredLane, removeGhosts, retireLanes } from '../../state/lane/retiredLanes.ts';
import { ENDINGS_MAX, parentsIn } from '../lanes/closedShards.ts';
import type { LaneState } from '../lanes/commitDraft.ts';
import { childrenBy, haveTakenOver } from '../lanes/handover.ts';
import { type LaneContext, putAnswersOf } from '../lanes/lanes.ts';

export interface LanesFound {
  /** The listed lanes. */
  readonly items: ReadonlyMap<string, LaneItem>;
  /** Those that have begun and were read. */
  readonly laneStates: ReadonlyMap<string, LaneState>;
}

/**
 * Retires lanes that have ended, once nobody needs them. A lane's keys, and what waits on them, stay with it until its children have taken
 * them over; so do the children, which would not be counted otherwise.
 */
export async function endFiredLanes(
  context: LaneContext,
  { items, laneStates }: LanesFound,
): Promise<void> {
  // The lanes of window jobs are closeWindows' to end.
  if (hasWindows(context.job)) return;
  const headOf = (name: string) => laneStates.get(name)?.head;
  const children = childrenBy(items);
  const isHandedOver = (name: string): boolean => {
    const head = headOf(name);
    return (
      head?.ended === true &&
      head.letGo === undefined &&
      haveTakenOver(children.get(name) ?? [], items, headOf)
    );
  };
  const retired: RetiredLane[] = [];
  for (const [name, { lane, head }] of laneStates) {
    // Parents go first: it is by its listed children that a lane counts as handed over.
    if (!head || !isHandedOver(name) || parentsIn(items, name).length > 0) continue;
    retired.push({ lane, item: items.get(name) as LaneItem, head, expired: 0 });
  }
  const now = retired.slice(0, ENDINGS_MAX);
  // Nobody reads the log of a retired lane again.
  await inTurns(now, (each) => putAnswersOf(context, each));
  await retireLanes(context.ports.state, now);
  // Of a retired lane that a zombie opened again, the children may be retired as well: it would wait for them for ever.
  const waiting = [...laneStates].filter(([name, { head }]) => head?.ended && !isHandedOver(name));
  await removeGhosts(
    context.ports.state,
    context.job.id,
    waiting.map(([name]) => name),
  );
}
