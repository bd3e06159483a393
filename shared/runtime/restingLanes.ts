/**
 * Lanes that need not be read each minute: of closed shards, silent for long, all that they held merged. They wait until
 * their streams have forgotten what they could hold. Should one bring something after all, it is found a little later, as of
 * a lane that had fallen idle.
 */
import { hours, minutes, type ProcessingTime } from '../model/time.ts';
import type { ClosingView } from '../state/closing.ts';
import { overFrom } from './endLanes.ts';
import { closedShards } from './laneViews.ts';
import type { EngineSettings } from './settings.ts';

/** How long the lane of a closed shard has been silent before it rests. */
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
    if (lane === undefined || lane.ended || !closed.has(name) || isOver(name)) return false;
    return rests({ name, ...lane }, settings, now);
  };
}

interface ClosedLane {
  readonly name: string;
  readonly lastValidAt: ProcessingTime | undefined;
  readonly headExpiresAt: ProcessingTime;
}

/** Whether the lane of a closed shard rests, and it is not its turn. It does not where its head has to be renewed. */
export function rests(
  { name, lastValidAt, headExpiresAt }: ClosedLane,
  { logRetention }: EngineSettings,
  now: ProcessingTime,
): boolean {
  if (lastValidAt === undefined || now - lastValidAt <= RESTS_AFTER) return false;
  return headExpiresAt > now + logRetention / 2 && !isTurnOf(name, now);
}

function isTurnOf(name: string, now: ProcessingTime): boolean {
  let sum = Math.floor(now / minutes(1));
  for (let i = 0; i < name.length; i += 1) sum += name.charCodeAt(i);
  return sum % TURNS === 0;
}
