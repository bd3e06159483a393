/**
 * What holds for all jobs of an installation. `idleAfter` is part of what a pattern job computes, and `correctionRetention` of
 * which late corrections windows get; the rest moves only when results appear.
 */
import { JobDefinitionError } from '../errors.ts';
import type { Job } from '../job/job.ts';
import type { PatternJob } from '../job/patternJob.ts';
import { needsRepartition } from '../job/repartition.ts';
import type { StatusJob } from '../job/statusJob.ts';
import type { WindowJob } from '../job/windowJob.ts';
import type { Duration } from '../model/time.ts';
import { days, minutes, seconds, twice } from '../model/time.ts';

export interface EngineSettings {
  /**
   * A lane whose last valid event was committed longer ago than this leaves the job watermark's minimum. And a record
   * that arrives so long after the one before it lets go what a pattern job holds (see `docs/semantics.md`).
   */
  readonly idleAfter: Duration;
  /** When every lane has been silent for so long, the job watermark follows the clock at this distance. */
  readonly flushAfter: Duration | 'never';
  /** How long commits, side output and pages are stored (processing time). */
  readonly logRetention: Duration;
  /** No stream of the installation keeps records for longer. */
  readonly streamRetention: Duration;
  /**
   * How far behind what is final (event time) slices stay open to corrections, and for how long a silent lane
   * keeps them open (processing time).
   */
  readonly correctionRetention: Duration;
  /** How long a closing run may take before another may take over. Safe at any value; see the fence. */
  readonly lease: Duration;
}

export const DEFAULT_SETTINGS: EngineSettings = {
  idleAfter: seconds(60),
  flushAfter: minutes(5),
  logRetention: days(14),
  streamRetention: days(7),
  correctionRetention: days(1),
  lease: seconds(60),
};

/** Throws JobDefinitionError where what is stored would expire before it is needed for the last time. */
export function checkRetention(job: Job, settings: EngineSettings): void {
  if (job.kind === 'window') checkWindow(job, settings);
  if (job.kind === 'pattern') checkPattern(job, settings);
  if (needsRepartition(job)) checkForwarded(job, settings);
}

/** Events that arrived at the same time may be read so far apart; the state of the first must be there for the other. */
function checkForwarded(job: StatusJob, { streamRetention }: EngineSettings): void {
  const needed = twice(streamRetention);
  // With rows of problems, they wait for each other.
  if (job.rows.of === 'problems' || job.stateRetention > needed) return;
  throw new JobDefinitionError(
    `${job.id}: stateRetention is ${job.stateRetention} ms, and an event may wait on two streams for ${streamRetention} ms each; ` +
      `give more than ${needed} ms`,
  );
}

function checkWindow(job: WindowJob, { logRetention }: EngineSettings): void {
  const needed = job.assign.size + job.allowedLateness;
  if (needed <= logRetention) return;
  throw new JobDefinitionError(
    `${job.id}: its windows take events for ${needed} ms, but slices are stored for ${logRetention} ms only; ` +
      'choose a shorter window or lateness',
  );
}

function checkPattern(job: PatternJob, { logRetention }: EngineSettings): void {
  const needed = job.match.within ?? 0;
  if (job.timedOut === undefined || needed * 2 <= logRetention) return;
  throw new JobDefinitionError(
    `${job.id}: its matches take up to ${needed} ms, and what waits to time out is stored for ${logRetention} ms; ` +
      'choose a within of at most half of that',
  );
}
