/** Which events of a batch are to be merged into which keys. Pure. */
import type { StatusJob } from '../../job/statusJob.ts';
import { type ArrivalTime, type EventTime, latest, type Watermark } from '../../model/time.ts';
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

export interface StatusEntry {
  readonly key: string;
  readonly entry: Entry;
  readonly event: unknown;
  readonly at: EventTime;
  /** The lane's watermark just before the event; of one that came back, before it first came. */
  readonly watermark: Watermark;
  /** The lane's own watermark. */
  readonly laneWatermark: Watermark;
  /** The lane's arrival clock at the event. */
  readonly arrival: ArrivalTime;
}

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
    accept(event) {
      events.push(event);
      return undefined;
    },
  });
  return { ...intake, events };
}

interface KeyedOperator extends Pick<Operator<unknown>, 'progress' | 'isFull'> {
  /** Takes an event that has a key. Gives why, where it cannot. */
  accept(event: StatusEntry): Dead | undefined;
}

/** The events of a status job, each with its key. */
export function takeByKey(
  job: StatusJob,
  start: LaneProgress,
  range: KeyedRange,
  { accept, ...operator }: KeyedOperator,
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
