/** Which events of a batch are to be merged into which keys. Pure. */
import type { StatusJob } from '../../job/statusJob.ts';
import {
  type ArrivalTime,
  type EventTime,
  earlier,
  isBehind,
  latest,
  type Watermark,
  watermarkAfter,
} from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';
import { reasonOf } from '../intake/deadReason.ts';
import {
  type Dead,
  type EntryRange,
  type Intake,
  type Operator,
  takeEntries,
} from '../intake/intake.ts';
import { rowKeyOf } from '../intake/judge.ts';
import { inAnyOrder } from '../intake/lateness.ts';
import type { LaneProgress } from '../intake/progress.ts';
import type { LaneClocks } from './keptStatus.ts';

export interface StatusEntry {
  readonly key: string;
  readonly entry: Entry;
  readonly event: unknown;
  readonly at: EventTime;
  /** The lane's watermark just before the event; of one that came back, before it first came. */
  readonly watermark: Watermark;
  /** By which it is judged whether the event finds its key. */
  readonly clocks: LaneClocks;
  /** By which the key is kept from now on, unless it is by later ones. */
  readonly touched: LaneClocks;
  /** Whether the event is further behind than events may be, and who counts it if it is. */
  readonly lateness: 'onTime' | 'late' | 'lateAtSource';
  /** How far the frontier is at an event that may have to wait for it. */
  readonly frontier?: ArrivalTime;
}

/** An event with its key, of whichever lane. */
type KeyedEvent = Pick<StatusEntry, 'key' | 'entry' | 'event' | 'at' | 'watermark'> & {
  /** The lane's own watermark. */
  readonly laneWatermark: Watermark;
  /** The lane's arrival clock at the event. */
  readonly arrival: ArrivalTime;
};

export interface KeyedIntake extends Intake {
  readonly lastArrival: ArrivalTime | undefined;
}

export interface StatusIntake extends KeyedIntake {
  /** What to merge, in order. All of it counts as accepted so far. */
  readonly events: readonly StatusEntry[];
}

export interface KeyedRange extends EntryRange {
  /** The lane's arrival clock before these entries. */
  readonly lastArrival?: ArrivalTime | undefined;
}

export function takeInStatus(job: StatusJob, start: LaneProgress, range: KeyedRange): StatusIntake {
  const events: StatusEntry[] = [];
  const intake = takeByKey(job, start, range, {
    accept({ arrival, laneWatermark, ...each }) {
      const reached = watermarkAfter(each.at, job.maxOutOfOrderness);
      events.push({
        ...each,
        clocks: { arrival, keeping: laneWatermark },
        touched: { arrival, keeping: latest(laneWatermark, reached) },
        lateness: isLate(job, each.at, each.watermark) ? 'late' : 'onTime',
      });
      return undefined;
    },
  });
  return { ...intake, events };
}

/** Whether an event is further behind than events may be, of a job that has rows of problems. */
export const isLate = (
  { rows }: Pick<StatusJob, 'rows'>,
  at: EventTime,
  watermark: Watermark,
): boolean => rows.of === 'problems' && isBehind(at, earlier(watermark, rows.lateness));

interface KeyedOperator extends Pick<Operator<unknown>, 'progress' | 'isFull'> {
  /** A record has arrived. @param arrival the lane's arrival clock from now on */
  arrived?(arrival: ArrivalTime, watermark: Watermark): void;
  /** Takes an event that has a key. Gives why, where it cannot. */
  accept(event: KeyedEvent): Dead | undefined;
}

/** The events of a status job, each with its key. */
export function takeByKey(
  job: StatusJob,
  start: LaneProgress,
  range: KeyedRange,
  { accept, arrived, ...operator }: KeyedOperator,
): KeyedIntake {
  let { lastArrival } = range;
  let laneWatermark = start.watermark;
  const intake = takeEntries(
    job,
    {
      ...operator,
      redrivenBy: 'firstWatermark',
      destinationOf: inAnyOrder,
      arrived(arrival, watermark) {
        lastArrival = latest(arrival, lastArrival ?? arrival);
        laneWatermark = watermark;
        arrived?.(lastArrival, watermark);
        return watermark;
      },
      take(entry, { event, at }, _destination, watermark) {
        try {
          const key = rowKeyOf(job, event);
          const arrival = lastArrival ?? entry.arrival;
          return accept({ key, entry, event, at, watermark, laneWatermark, arrival });
        } catch (error) {
          return { reason: reasonOf(error) };
        }
      },
    },
    start,
    range,
  );
  return { ...intake, lastArrival };
}
