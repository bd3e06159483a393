/** What an installation sets once for all jobs; results never depend on it, only when they appear. */
import { JobDefinitionError } from '../errors.ts';
import type { WindowJob } from '../job/job.ts';
import type { Duration } from '../model/time.ts';
import { days, minutes, seconds } from '../model/time.ts';

export interface EngineSettings {
  /** A lane whose last valid event was committed longer ago than this leaves the job watermark's minimum. */
  readonly idleAfter: Duration;
  /** When every lane has been silent for so long, the job watermark follows the clock at this distance. */
  readonly flushAfter: Duration | 'never';
  /** How long commits, side output and pages are stored (processing time). */
  readonly logRetention: Duration;
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
  correctionRetention: days(1),
  lease: seconds(60),
};

/** Throws JobDefinitionError where slices would expire before the windows that need them are final. */
export function checkRetention(job: WindowJob, { logRetention }: EngineSettings): void {
  const needed = job.assign.size + job.allowedLateness;
  if (needed <= logRetention) return;
  throw new JobDefinitionError(
    `${job.id}: its windows take events for ${needed} ms, but slices are stored for ${logRetention} ms only; ` +
      'choose a shorter window or lateness',
  );
}
