/**
 * The first half of a pattern job's batch: which events are held until the watermark has passed them. Pure.
 *
 * 1. The idle jump: where a record arrived `idleAfter` or more after the one before it, the watermark first moves past
 *    every event that is held, so that nothing waits for ever.
 * 2. A redriven event cannot be put in order behind the watermark any more, so it is judged by the present one.
 */
import type { PatternJob } from '../../job/patternJob.ts';
import {
  type ArrivalTime,
  type Duration,
  type EventTime,
  isAfter,
  latest,
  since,
} from '../../model/time.ts';
import { reasonOf } from '../intake/deadReason.ts';
import { type EntryRange, type Intake, takeEntries } from '../intake/intake.ts';
import { inOrder } from '../intake/lateness.ts';
import type { LaneProgress } from '../intake/progress.ts';
import { type HeldEvent, heldEvent, justPast } from './held.ts';

export interface PatternRange extends EntryRange {
  /** The latest event that waits for the watermark already. */
  readonly heldUntil: EventTime | undefined;
  readonly lastArrival: ArrivalTime | undefined;
  readonly idleAfter: Duration;
}

export interface PatternIntake extends Intake {
  readonly lastArrival: ArrivalTime | undefined;
  readonly brought: readonly HeldEvent[];
}

export function takeInPattern(
  job: PatternJob,
  start: LaneProgress,
  range: PatternRange,
): PatternIntake {
  let { heldUntil, lastArrival } = range;
  const brought: HeldEvent[] = [];
  const intake = takeEntries(
    job,
    {
      redrivenBy: 'ownWatermark',
      // Entries of one record arrived together, so the jump is made before the first of them.
      arrived(arrival, watermark) {
        const isIdle = lastArrival !== undefined && since(lastArrival, arrival) >= range.idleAfter;
        if (lastArrival === undefined || isAfter(arrival, lastArrival)) lastArrival = arrival;
        return isIdle && heldUntil !== undefined
          ? latest(watermark, justPast(heldUntil))
          : watermark;
      },
      destinationOf: inOrder,
      take(entry, taken) {
        try {
          brought.push(heldEvent(job, entry, taken));
        } catch (error) {
          return { reason: reasonOf(error) };
        }
        const { at } = taken;
        if (heldUntil === undefined || isAfter(at, heldUntil)) heldUntil = at;
        return undefined;
      },
    },
    start,
    range,
  );
  return { ...intake, lastArrival, brought };
}
