/**
 * How far a lane's watermark was a while ago, as records arrived: an event that is no later than that may repeat one of which nothing is known
 * any more, since keys are forgotten by arrivals. A lane that is live has a watermark that is further; this is for one that is quiet. Pure.
 */
import {
  type ArrivalTime,
  type Duration,
  type EventTime,
  isAfter,
  NO_WATERMARK,
  type Watermark,
  watermarkAfter,
} from '../../model/time.ts';

/** Of steps of half of `remember`, counted from the epoch. */
export interface PastWatermark {
  /** The latest of which a record arrived. */
  readonly step: number;
  /** At the end of the step before. */
  readonly last: Watermark;
  /** And of the one before that: all that arrived `remember` ago had come by then. */
  readonly before: Watermark;
}

/** When a record arrives. @param watermark of the lane just before */
export function pastAt(
  past: PastWatermark | undefined,
  arrival: ArrivalTime,
  watermark: Watermark,
  remember: Duration,
): PastWatermark {
  const step = Math.floor(arrival / Math.max(1, Math.floor(remember / 2)));
  if (!past) return { step, last: NO_WATERMARK, before: NO_WATERMARK };
  if (step <= past.step) return past;
  return { step, last: watermark, before: step === past.step + 1 ? past.last : watermark };
}

/** Whether the event is no later than what was there by then. */
export const mayRepeat = (
  { before }: PastWatermark,
  at: EventTime,
  maxOutOfOrderness: Duration,
): boolean => !isAfter(watermarkAfter(at, maxOutOfOrderness), before);
