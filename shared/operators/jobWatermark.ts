/**
 * How far a job has come, over all its lanes: the job watermark, and how far its windows are final. Pure; the rules are
 * those of `docs/semantics.md`.
 *
 * Owns: what the lanes together say of a job. Does not own: a lane's own watermark (`operators/intake`), and what is
 * due once the job's has moved (`windowsDue.ts`).
 */
import {
  type Duration,
  NO_WATERMARK,
  type ProcessingTime,
  since,
  type Watermark,
  watermarkAt,
} from '../model/time.ts';

/** A lane as a run sees it after reading its log. */
export interface LaneView {
  readonly watermark: Watermark;
  readonly lastValidAt: ProcessingTime | undefined;
  /** Entries of the log are left that this run did not read. */
  readonly hasUnread: boolean;
}

export interface ClosingLaneView extends LaneView {
  /** Another lane's shard came from this one's, so it takes no new records. */
  readonly isParent: boolean;
}

export interface Silence {
  readonly idleAfter: Duration;
  readonly flushAfter: Duration | 'never';
}

/**
 * The least watermark of the lanes that are not idle; of all lanes the greatest when every one is idle; and
 * once all have been silent for `flushAfter`, the clock at that distance. Lanes that never had a valid event
 * do not hold it; one of which nothing is read yet does. Never below `before`.
 */
export function jobWatermark(
  before: Watermark,
  lanes: readonly LaneView[],
  now: ProcessingTime,
  silence: Silence,
): Watermark {
  const started = lanes.filter(hasStarted);
  if (started.length === 0) return before;
  const active = started.filter((lane) => !isSilent(lane, now, silence.idleAfter));
  const reached =
    active.length > 0
      ? Math.min(...active.map(({ watermark }) => watermark))
      : Math.max(...started.map(({ watermark }) => watermark));
  return watermarkAt(Math.max(before, reached, flushed(started, now, silence.flushAfter)));
}

/** It had a valid event, or may have one among those that are not read yet. */
const hasStarted = ({ lastValidAt, hasUnread }: LaneView): boolean =>
  lastValidAt !== undefined || hasUnread;

function flushed(
  lanes: readonly LaneView[],
  now: ProcessingTime,
  flushAfter: Duration | 'never',
): Watermark {
  if (flushAfter === 'never') return NO_WATERMARK;
  if (!lanes.every((lane) => isSilent(lane, now, flushAfter))) return NO_WATERMARK;
  return watermarkAt(now - flushAfter);
}

/** All that the lane holds has been read, and its last valid event was committed longer ago than this. */
export function isSilent(lane: LaneView, now: ProcessingTime, after: Duration): boolean {
  return !lane.hasUnread && lane.lastValidAt !== undefined && since(lane.lastValidAt, now) > after;
}

/**
 * Windows that end up to here take no more events: by each open lane's own watermark, idle ones included.
 * A lane of a closed shard stops counting once it is silent.
 */
export function closedToEvents(
  lanes: readonly ClosingLaneView[],
  now: ProcessingTime,
  idleAfter: Duration,
  allowedLateness: Duration,
): Watermark {
  const open = lanes.filter((lane) => !(lane.isParent && isSilent(lane, now, idleAfter)));
  if (open.length === 0) return NO_WATERMARK;
  return watermarkAt(Math.min(...open.map(({ watermark }) => watermark)) - allowedLateness);
}

/**
 * Windows that end up to here are no longer open to corrections: `retention` behind what is final on every
 * open lane that said anything within `retention` (processing time). Undefined when none did. A lane that never had a
 * valid event said nothing: one that gets only garbage must not keep every page for ever.
 */
export function correctableFrom(
  lanes: readonly ClosingLaneView[],
  now: ProcessingTime,
  retention: Duration,
  allowedLateness: Duration,
): Watermark | undefined {
  const heard = lanes.filter((lane) => hasStarted(lane) && !isSilent(lane, now, retention));
  if (heard.length === 0) return undefined;
  const final = closedToEvents(heard, now, retention, allowedLateness);
  return watermarkAt(final - retention);
}
