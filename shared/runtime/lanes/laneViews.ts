/** What a closing run knows of the lanes once it has read their logs. Pure. */
import { JobDefinitionError } from '../../errors.ts';
import { laneName, laneNamed } from '../../model/lane.ts';
import { NO_WATERMARK, type ProcessingTime, processingTime } from '../../model/time.ts';
import type { LaneView } from '../../operators/closing/jobWatermark.ts';
import type { ClosingView } from '../../state/closing/closing.ts';
import type { ClosingState, MergedLane } from '../../state/closing/closingState.ts';
import type { LaneItem } from '../../state/lane/laneLog.ts';
import { headOf, type LaneTail } from '../closing/logTail.ts';

/** As the rules of the job watermark see them. */
export function laneViews(
  lanes: ClosingView['lanes'],
  state: ClosingState,
  tails: ReadonlyMap<string, LaneTail>,
): LaneView[] {
  const closed = closedShards(lanes, () => undefined);
  const views: LaneView[] = [];
  for (const [name, tail] of tails) {
    const head = headOf(tail, state);
    if (!head && !tail.hasUnread) continue;
    views.push({
      watermark: head?.watermark ?? NO_WATERMARK,
      lastValidAt: head?.lastValidAt,
      hasUnread: tail.hasUnread,
      isParent: head?.ended === true || closed.has(name),
    });
  }
  return views;
}

/** A lane of whose first commit only a part is merged. */
const UNMERGED: Omit<MergedLane, 'expired'> = {
  cursor: 0,
  watermark: NO_WATERMARK,
  lastValidAt: undefined,
  headExpiresAt: processingTime(0),
};

/** Lanes that are not retired; each takes about 20 bytes of `closing`. More than Kinesis gives an account. */
const LANES_MAX = 15_000;

/**
 * As `closing` keeps them. A lane that is no longer listed was retired after it was merged. Throws JobDefinitionError where
 * there would be too many; those that are there already may become fewer.
 */
export function mergedLanes(
  { state, lanes: listed }: ClosingView,
  tails: ReadonlyMap<string, LaneTail>,
  expiredByLane: ReadonlyMap<string, number>,
): Map<string, MergedLane> {
  const lanes = new Map([...state.lanes].filter(([name]) => listed.has(name)));
  for (const [name, { commits }] of tails) {
    const before = lanes.get(name);
    const expired = (before?.expired ?? 0) + (expiredByLane.get(name) ?? 0);
    const head = commits.at(-1);
    if (head) {
      lanes.set(name, {
        cursor: head.slot + 1,
        watermark: head.watermark,
        lastValidAt: head.lastValidAt,
        headExpiresAt: head.expiresAt,
        expired,
        ...(head.ended ? { ended: true } : {}),
      });
    } else if (expiredByLane.has(name)) lanes.set(name, { ...(before ?? UNMERGED), expired });
  }
  if (lanes.size > Math.max(LANES_MAX, state.lanes.size)) {
    throw new JobDefinitionError(
      `${lanes.size} lanes of one job are not retired, and closing holds ${LANES_MAX}; its stream needs fewer shards`,
    );
  }
  return lanes;
}

/**
 * The lanes whose shards are closed, because a child's lane was opened, and since when at the latest; undefined where that
 * is not known. A child that does not say when it was opened was so before its last valid event.
 * @param lastValidAt when a lane's last valid event was committed
 */
export function closedShards(
  lanes: ReadonlyMap<string, LaneItem>,
  lastValidAt: (name: string) => ProcessingTime | undefined,
): ReadonlyMap<string, ProcessingTime | undefined> {
  const closed = new Map<string, ProcessingTime | undefined>();
  for (const [name, { parents, openedAt = lastValidAt(name) }] of lanes) {
    const { stream } = laneNamed('', name);
    for (const shard of parents) {
      const parent = laneName({ stream, shard });
      if (!lanes.has(parent)) continue;
      closed.set(parent, earlier(closed.get(parent), openedAt));
    }
  }
  return closed;
}

function earlier(
  a: ProcessingTime | undefined,
  b: ProcessingTime | undefined,
): ProcessingTime | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}
