/** How far time has gone on, for timers, on a lane without a valid event. It moves no watermark: nothing becomes late by it. */
import {
  earlier,
  hasReached,
  NO_WATERMARK,
  type ProcessingTime,
  processingTime,
  since,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import type { EngineSettings } from '../settings.ts';

type Head = Pick<Commit, 'lastArrival' | 'lastValidAt' | 'nextTimer'>;
type Flush = Pick<EngineSettings, 'flushAfter'>;

/**
 * By a time up to which all that is valid on the lane has been read: as the clock goes, on a shard that is read to its end. As long
 * as the last valid event is no further behind than `flushAfter`, time stands; not where there never was one, as on a lane that only
 * got what was redriven.
 */
function flushedBy(
  { lastValidAt }: Head,
  { flushAfter }: Flush,
  readUpTo: ProcessingTime,
): Watermark {
  if (flushAfter === 'never') return NO_WATERMARK;
  if (lastValidAt !== undefined && since(lastValidAt, readUpTo) <= flushAfter) return NO_WATERMARK;
  return watermarkAt(earlier(readUpTo, flushAfter));
}

/** By the records themselves: so many have come of which none was valid. What is unread came later than the last of them. */
const flushedByGarbage = (head: Head, settings: Flush): Watermark =>
  head.lastArrival === undefined
    ? NO_WATERMARK
    : flushedBy(head, settings, processingTime(head.lastArrival));

const isReached = ({ nextTimer }: Head, watermark: Watermark): boolean =>
  nextTimer !== undefined && hasReached(watermark, nextTimer);

/** Whether time has come to a timer by records of which none was valid; that holds whatever is unread. */
export const isDueByGarbage = (head: Head, settings: Flush): boolean =>
  isReached(head, flushedByGarbage(head, settings));

/** Whether time has come to a timer, should the shard be read to its end. */
export const isDueBySilence = (head: Head, settings: Flush, now: ProcessingTime): boolean =>
  isReached(head, flushedBy(head, settings, now));

/** How far timers fire, where one of these is so. */
export const flushedUpTo = (head: Head, settings: Flush, now: ProcessingTime): Watermark =>
  isDueByGarbage(head, settings)
    ? flushedByGarbage(head, settings)
    : flushedBy(head, settings, now);
