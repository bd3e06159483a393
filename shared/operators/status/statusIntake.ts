/** The pure half of a status job's batch: which events are to be merged into which rows. */
import type { StatusJob } from '../../job/statusJob.ts';
import type { Watermark } from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';
import { reasonOf } from '../intake/deadReason.ts';
import { type EntryRange, type Intake, takeEntries } from '../intake/intake.ts';
import { rowKeyOf } from '../intake/judge.ts';
import { inAnyOrder } from '../intake/lateness.ts';
import type { LaneProgress } from '../intake/progress.ts';

export interface StatusEntry {
  readonly entry: Entry;
  readonly event: unknown;
  /** The lane's watermark just before the event. */
  readonly watermark: Watermark;
}

export interface StatusIntake extends Intake {
  /** What to merge, by key; the keys in the order of their first event. */
  readonly byKey: ReadonlyMap<string, readonly StatusEntry[]>;
}

export function takeInStatus(job: StatusJob, start: LaneProgress, range: EntryRange): StatusIntake {
  const byKey = new Map<string, StatusEntry[]>();
  const intake = takeEntries(
    job,
    {
      redrivenBy: 'ownWatermark',
      destinationOf: inAnyOrder,
      take(entry, { event }, _destination, watermark) {
        let key: string;
        try {
          key = rowKeyOf(job, event);
        } catch (error) {
          return { reason: reasonOf(error) };
        }
        const taken = { entry, event, watermark };
        const events = byKey.get(key);
        if (events) events.push(taken);
        else byKey.set(key, [taken]);
        return undefined;
      },
    },
    start,
    range,
  );
  return { ...intake, byKey };
}
