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
import { readForwarded } from '../../records/forwarded.ts';
import type { LaneProgress } from '../intake/progress.ts';
import type { SourceClocksDraft } from './sourceClocks.ts';
import { type KeyedRange, type StatusEntry, type StatusIntake, takeByKey } from './statusIntake.ts';

/** @param job as its keyed lanes see it */
export function takeInForwarded(
  job: StatusJob,
  start: LaneProgress,
  range: KeyedRange,
  sources: SourceClocksDraft,
): StatusIntake {
  const events: StatusEntry[] = [];
  const intake = takeByKey(job, start, range, {
    progress({ produced, ...entry }) {
      const found = produced && 'value' in entry ? readForwarded(entry.value) : undefined;
      if (!produced || found?.kind !== 'progress') return undefined;
      return sources.note(produced.stamp.producer, found);
    },
    accept(taken) {
      const { arrival } = taken.event as Forwarded;
      events.push({ ...taken, arrival });
      return undefined;
    },
  });
  return { ...intake, counts: countedHere(intake, events), events };
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
