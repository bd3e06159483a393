/**
 * What a closing run knows of the lanes once it has read their logs. Pure.
 *
 * Owns: what the rules of the job watermark get to see of a lane, what `closing` keeps of it, and which need no reading. Does not own: those rules
 * (`operators/jobWatermark.ts`), and the stored form (`state/closing/closingState.ts`).
 */
import { JobDefinitionError } from '../../errors.ts';
import { NO_WATERMARK, type ProcessingTime, processingTime } from '../../model/time.ts';
import type { ClosingLaneView } from '../../operators/jobWatermark.ts';
import type { ClosingView } from '../../state/closing/closing.ts';
import type { ClosingState, MergedLane } from '../../state/closing/closingState.ts';
import { closedShards, isDormant, overFrom } from '../lanes/closedShards.ts';
import type { EngineSettings } from '../settings.ts';
import { type LaneTail, newestOf } from './logTail.ts';

/** As the rules of the job watermark see them. */
export function laneViews(
  lanes: ClosingView['lanes'],
  state: ClosingState,
  tails: ReadonlyMap<string, LaneTail>,
): ClosingLaneView[] {
  const closed = closedShards(lanes, () => undefined);
  const views: ClosingLaneView[] = [];
  for (const [name, tail] of tails) {
    const head = newestOf(tail, state);
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

/** A lane before its first commit is merged. Its head counts as old, so it is read before it is relied on. */
const UNMERGED: Omit<MergedLane, 'expired'> = {
  cursor: 0,
  watermark: NO_WATERMARK,
  lastValidAt: undefined,
  headExpiresAt: processingTime(0),
};

/** Lanes that are not retired; each takes about 20 bytes of `closing`. More than Kinesis gives an account. */
const LANES_MAX = 15_000;

/**
 * The lanes as `closing` keeps them. One that is no longer listed is left out: it was retired, after it was merged. Throws
 * JobDefinitionError where there would be too many, unless there were as many before.
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
 * Lanes that need not be read each minute: of shards closed for long, silent for long, all that they held merged. Should one
 * bring something after all, it is found a little later, as of a lane that had fallen idle.
 */
export function dormantLanes(
  view: ClosingView,
  settings: EngineSettings,
  now: ProcessingTime,
): (name: string) => boolean {
  const merged = view.state.lanes;
  const closed = closedShards(view.lanes, (name) => merged.get(name)?.lastValidAt);
  const isOver = overFrom(closed, settings, now);
  return (name) => {
    const lane = merged.get(name);
    if (lane === undefined || lane.ended || isOver(name)) return false;
    return isDormant({ name, closedSince: closed.get(name), ...lane }, settings, now);
  };
}
