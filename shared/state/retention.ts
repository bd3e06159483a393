/** How long things are stored that are forgotten by rule. */
import {
  type ArrivalTime,
  arrivalTime,
  type Duration,
  days,
  earlier,
  half,
  isAfter,
  later,
  latest,
  milliseconds,
  minutes,
  type ProcessingTime,
  processingTime,
} from '../model/time.ts';

/** Time to live may delete at once what has expired, and what has not expired is never deleted. */
const MARGIN = days(2);

/**
 * When a key's state may be deleted: a record that is read from then on has arrived more than `stateRetention` after
 * `lastArrival`, because streams keep records no longer than `streamRetention`. So it would not find the state anyway.
 */
export const forgottenFrom = (
  lastArrival: ArrivalTime,
  stateRetention: Duration,
  streamRetention: Duration,
): ProcessingTime =>
  later(later(later(processingTime(lastArrival), stateRetention), streamRetention), MARGIN);

/**
 * The earliest that a record can have arrived which a lane is still to take: it comes after those that the lane has taken, and streams
 * keep none for longer than `streamRetention`.
 */
export function earliestArrival(
  lastArrival: ArrivalTime | undefined,
  streamRetention: Duration,
  now: ProcessingTime,
): ArrivalTime {
  const kept = arrivalTime(earlier(earlier(now, streamRetention), MARGIN));
  return lastArrival === undefined ? kept : latest(lastArrival, kept);
}

/** How long a producer may take to put again what the stream has forgotten: longer than it tries. */
const PUT_AGAIN_FOR = minutes(15);

/** So long after its last record a producer's name is forgotten: its source may put again what a stream would still hold. */
export const nameLifeOf = (streamRetention: Duration): Duration =>
  milliseconds(streamRetention + PUT_AGAIN_FOR);

/** Of a page of producers' names that is put now: no name in it is remembered any more by a record that is read from then on. */
export const pageExpires = (now: ProcessingTime, streamRetention: Duration): ProcessingTime =>
  later(forgottenFrom(arrivalTime(now), nameLifeOf(streamRetention), streamRetention), MARGIN);

/** More than an invocation lasts, and than clocks differ. */
const DRAINED_MARGIN = days(1);

/**
 * From when on no record of a shard can be delivered any more, read or unread: it was closed by `closedBy`, and streams keep
 * records no longer than `streamRetention`.
 */
export const drainedFrom = (closedBy: ProcessingTime, streamRetention: Duration): ProcessingTime =>
  later(later(closedBy, streamRetention), DRAINED_MARGIN);

/**
 * Half of its lifetime is used up: what is still needed is written anew from here on, so that it does not expire before the run
 * that writes it, even if runs fail for days.
 */
export const isAging = (
  expiresAt: ProcessingTime,
  lifetime: Duration,
  now: ProcessingTime,
): boolean => !isAfter(expiresAt, later(now, half(lifetime)));
