/**
 * Lanes whose shards are closed: since when, until when they matter, and how often they are looked at meanwhile. Decided from
 * lane items and heads alone. Shared by closing and by timers, which find heads in different ways.
 */
import { laneName, shardNamed } from '../../model/lane.ts';
import {
  earliest,
  hours,
  isAfter,
  latest,
  minutes,
  type ProcessingTime,
  since,
} from '../../model/time.ts';
import type { LaneItem } from '../../state/lane/laneItem.ts';
import { drainedFrom, isAging } from '../../state/retention.ts';
import type { EngineSettings } from '../settings.ts';

/** Lanes that one run ends, and that it retires, at most. */
export const ENDINGS_MAX = 2_000;

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
    const { stream } = shardNamed(name);
    for (const shard of parents) {
      const parent = laneName({ stream, shard });
      if (!lanes.has(parent)) continue;
      closed.set(parent, earliestKnown(closed.get(parent), openedAt));
    }
  }
  return closed;
}

function earliestKnown(
  a: ProcessingTime | undefined,
  b: ProcessingTime | undefined,
): ProcessingTime | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return earliest(a, b);
}

/** Whether the streams have forgotten all that a lane's shard could hold. */
export const overFrom =
  (
    closed: ReadonlyMap<string, ProcessingTime | undefined>,
    { streamRetention }: EngineSettings,
    now: ProcessingTime,
  ) =>
  (name: string): boolean => {
    const closedSince = closed.get(name);
    return closedSince !== undefined && !isAfter(drainedFrom(closedSince, streamRetention), now);
  };

/** Those of a lane's parents that are listed, by name. */
export function parentsIn(lanes: ReadonlyMap<string, LaneItem>, name: string): string[] {
  const { stream } = shardNamed(name);
  return (lanes.get(name)?.parents ?? [])
    .map((shard) => laneName({ stream, shard }))
    .filter((parent) => lanes.has(parent));
}

/** How long a shard has been closed, and its lane silent, before the lane is dormant. */
const DORMANT_AFTER = hours(1);
/** Of lanes that are looked at now and then, each minute's runs look at one of so many. */
const TURNS = 10;

interface ClosedLane {
  readonly name: string;
  /** Not known, or not closed, where it is undefined. */
  readonly closedSince: ProcessingTime | undefined;
  readonly lastValidAt: ProcessingTime | undefined;
  readonly headExpiresAt: ProcessingTime;
}

/**
 * Whether the lane of a closed shard is dormant, and it is not its turn. It does not where its head has to be renewed. What it is
 * known to hold may be older than its end: a shard may close, and be read to its end, after hours of silence.
 */
export function isDormant(
  { name, closedSince, lastValidAt, headExpiresAt }: ClosedLane,
  { logRetention }: EngineSettings,
  now: ProcessingTime,
): boolean {
  if (lastValidAt === undefined || closedSince === undefined) return false;
  if (since(latest(lastValidAt, closedSince), now) <= DORMANT_AFTER) return false;
  return !isAging(headExpiresAt, logRetention, now) && !isTurnOf(name, now);
}

/** Whether a lane is among those that this minute's runs look at. */
export function isTurnOf(name: string, now: ProcessingTime): boolean {
  let sum = Math.floor(now / minutes(1));
  for (let i = 0; i < name.length; i += 1) sum += name.charCodeAt(i);
  return sum % TURNS === 0;
}
