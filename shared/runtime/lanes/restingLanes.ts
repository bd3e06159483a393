/**
 * Lanes that need not be read each minute: of shards closed for long, silent for long, all that they held merged. They wait
 * until their streams have forgotten what they could hold. Should one bring something after all, it is found a little
 * later, as of a lane that had fallen idle.
 */
import { hours, minutes, type ProcessingTime } from '../../model/time.ts';
import type { ClosingView } from '../../state/closing/closing.ts';
import type { EngineSettings } from '../settings.ts';
import { overFrom } from './endLanes.ts';
import { closedShards } from './laneViews.ts';

/** How long a shard has been closed, and its lane silent, before the lane rests. */
const RESTS_AFTER = hours(1);
/** Of lanes at rest, each minute's runs read one of so many. */
const TURNS = 10;

/** Those of which closing need read nothing this time. */
export function restingLanes(
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
    return rests({ name, closedSince: closed.get(name), ...lane }, settings, now);
  };
}

interface ClosedLane {
  readonly name: string;
  /** Not known, or not closed, where it is undefined. */
  readonly closedSince: ProcessingTime | undefined;
  readonly lastValidAt: ProcessingTime | undefined;
  readonly headExpiresAt: ProcessingTime;
}

/**
 * Whether the lane of a closed shard rests, and it is not its turn. It does not where its head has to be renewed. What it is
 * known to hold may be older than its end: a shard may close, and be read to its end, after hours of silence.
 */
export function rests(
  { name, closedSince, lastValidAt, headExpiresAt }: ClosedLane,
  { logRetention }: EngineSettings,
  now: ProcessingTime,
): boolean {
  if (lastValidAt === undefined || closedSince === undefined) return false;
  if (now - Math.max(lastValidAt, closedSince) <= RESTS_AFTER) return false;
  return headExpiresAt > now + logRetention / 2 && !isTurnOf(name, now);
}

function isTurnOf(name: string, now: ProcessingTime): boolean {
  let sum = Math.floor(now / minutes(1));
  for (let i = 0; i < name.length; i += 1) sum += name.charCodeAt(i);
  return sum % TURNS === 0;
}
