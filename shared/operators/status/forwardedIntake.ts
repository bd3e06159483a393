/**
 * Which events of a repartition stream are to be merged into which keys, and how far the sources say that time is. Pure.
 *
 * 1. An event is counted where it came from, as accepted. One that is of no use here after all is a dead letter here, and taken back
 *    from the accepted ones; so all lanes of a job together count each event once.
 * 2. What is forgotten of a key goes by when its events arrived at their sources, which does not depend on when they were forwarded.
 */
import type { Forwarded } from '../../job/repartition.ts';
import type { StatusJob } from '../../job/statusJob.ts';
import { type Counts, countsOf } from '../../model/counts.ts';
import { type ArrivalTime, latest, NO_WATERMARK, type Watermark } from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';
import { readForwarded } from '../../records/forwarded.ts';
import { judge, type Reader } from '../intake/judge.ts';
import type { LaneProgress } from '../intake/progress.ts';
import type { AheadEvent } from '../keyed/keyedState.ts';
import type { SourceClocksDraft } from './sourceClocks.ts';
import { type KeyedRange, type StatusEntry, type StatusIntake, takeByKey } from './statusIntake.ts';

/** How far the sources say that they are. */
export interface SourcesDraft {
  readonly clocks: SourceClocksDraft;
  /** Of what is on its way. */
  frontier: ArrivalTime;
}

/** @param job as its keyed lanes see it */
export function takeInForwarded(
  job: StatusJob,
  start: LaneProgress,
  range: KeyedRange,
  sources: SourcesDraft,
): StatusIntake {
  const events: StatusEntry[] = [];
  const intake = takeByKey(job, start, range, {
    progress({ produced, ...entry }) {
      const found = produced && 'value' in entry ? readForwarded(entry.value) : undefined;
      if (!produced || found === undefined || found.kind === 'event') return undefined;
      if (found.kind === 'progress') return sources.clocks.note(produced.stamp.producer, found);
      sources.frontier = latest(sources.frontier, found.at);
      return NO_WATERMARK;
    },
    accept(taken) {
      const { frontier } = sources;
      events.push({ ...forwardedEntry(taken), ...(job.rows.of === 'all' ? {} : { frontier }) });
      return undefined;
    },
  });
  return { ...intake, counts: countedHere(intake, events), events };
}

type Taken = Pick<StatusEntry, 'key' | 'entry' | 'event' | 'at' | 'watermark'>;

function forwardedEntry({ key, entry, event, at, watermark }: Taken): StatusEntry {
  const { arrival, isLate } = event as Forwarded;
  const clocks = { arrival, keeping: arrival };
  const lateness = isLate ? 'lateAtSource' : 'onTime';
  return { key, entry, event, at, watermark, clocks, touched: clocks, lateness };
}

/** An event that waited, as the job's code is now. */
export type Reread = (key: string, ahead: AheadEvent) => StatusEntry | Reason;

interface Reason {
  readonly entry: Entry;
  readonly reason: string;
}

/** @param watermark of its lane */
export function rereadBy(reader: Reader, watermark: Watermark): Reread {
  return (key, ahead) => {
    const entry: Entry = { ...ahead.entry, value: JSON.parse(ahead.entry.raw) };
    const judged = judge(reader, entry);
    if (judged.kind === 'dead') return { entry, reason: judged.reason };
    return forwardedEntry({ key, entry, event: judged.event, at: judged.at, watermark });
  };
}

/** What came back from a dead letter of this lane is counted here alone, as in every job. */
function countedHere(
  { counts, side }: Pick<StatusIntake, 'counts' | 'side'>,
  events: readonly StatusEntry[],
): Counts {
  const { dead, repeated = 0, unremembered = 0 } = counts;
  const cameBack = events.filter(({ entry }) => entry.redriven).length;
  const takenBack = side.filter(({ entry }) => !entry.redriven).length;
  const accepted = cameBack - takenBack;
  return countsOf({ accepted, filtered: 0, late: 0, dead, repeated, unremembered });
}
