/**
 * The end of lanes in jobs without windows. The rules are those of `closing/endLanes.ts`, which ends the lanes of window jobs;
 * when a shard is closed for long enough is said by `lanes/closedShards.ts`.
 */
import { hasWindows } from '../../job/traits.ts';
import { laneNamed } from '../../model/lane.ts';
import { isAfter, type ProcessingTime, type Watermark } from '../../model/time.ts';
import { inTurns } from '../../state/inTurns.ts';
import { hasSheets } from '../../state/keyed/timerSheets.ts';
import type { LaneItem } from '../../state/lane/laneItem.ts';
import { type RetiredLane, retireLanes } from '../../state/lane/retiredLanes.ts';
import { closedShards, ENDINGS_MAX, overFrom, parentsIn } from '../lanes/closedShards.ts';
import type { LaneState } from '../lanes/commitDraft.ts';
import { childrenBy, haveTakenOver } from '../lanes/handover.ts';
import { advanceLane, type LaneContext, putAnswersOf } from '../lanes/lanes.ts';

export interface LanesFound {
  /** The listed lanes. */
  readonly items: ReadonlyMap<string, LaneItem>;
  /** Those that have begun and were read. */
  readonly laneStates: ReadonlyMap<string, LaneState>;
  /** Those that were read and have no entry. */
  readonly notBegun: ReadonlySet<string>;
}

/** Ends lanes, and retires those that have ended once nobody needs them. */
export async function endFiredLanes(
  context: LaneContext,
  lanes: LanesFound,
  watermark: Watermark,
  now: ProcessingTime,
): Promise<void> {
  // The lanes of window jobs are closeWindows' to end.
  if (hasWindows(context.job)) return;
  if (context.stores) await endKeyedLanes(context, lanes);
  else await endSharingLanes(context, lanes, watermark, now);
}

/** Of a status job on several streams. */
async function endSharingLanes(
  context: LaneContext,
  { items, laneStates, notBegun }: LanesFound,
  watermark: Watermark,
  now: ProcessingTime,
): Promise<void> {
  const { job, ports, settings } = context;
  const closed = closedShards(items, (name) => laneStates.get(name)?.head?.lastValidAt);
  const isOver = overFrom(closed, settings, now);
  const headOf = (name: string) => laneStates.get(name)?.head;
  const read = [...laneStates.keys(), ...notBegun];
  const ending = read.filter((name) => !headOf(name)?.ended && isOver(name));
  await inTurns(ending.slice(0, ENDINGS_MAX), async (name) => {
    const item = items.get(name) as LaneItem;
    const begun = laneStates.get(name) ?? { lane: laneNamed(job.id, name), item, head: undefined };
    await advanceLane(context, begun, 'end');
  });
  const retiring = [...laneStates].filter(
    ([name, { head }]) =>
      head?.ended &&
      !isAfter(head.watermark, watermark) &&
      parentsIn(items, name).every((parent) => headOf(parent)?.ended),
  );
  const retired: RetiredLane[] = [];
  await inTurns(retiring.slice(0, ENDINGS_MAX), async ([name, { lane, head }]) => {
    if (!head || (await hasSheets(ports.state, lane))) return;
    retired.push({ lane, item: items.get(name) as LaneItem, head, expired: 0 });
  });
  await retireLanes(ports.state, retired);
}

/**
 * A lane's keys, and what waits on them, stay with it until its children have taken them over; so do the children, which would not
 * be counted otherwise.
 */
async function endKeyedLanes(
  context: LaneContext,
  { items, laneStates }: LanesFound,
): Promise<void> {
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
}
