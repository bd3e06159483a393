/** What an installation sets once for all jobs; results never depend on it, only when they appear. */
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
