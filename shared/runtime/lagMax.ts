/** How far the watermark of a job that works may trail the clock: where alarms and people begin to look. */
import type { Job } from '../job/job.ts';
import { type Duration, milliseconds, minutes } from '../model/time.ts';
import type { EngineSettings } from './settings.ts';

/** Normal delays are below it: of producers, of Lambda's polling, of the schedule. */
export const PATIENCE = minutes(5);

/**
 * On a quiet stream it trails as far as `flushAfter`; held back by a lane that has just fallen silent, `idleAfter`; and always
 * by the out-of-orderness and the wait for a batch. Undefined with `flushAfter: never`, where a quiet night looks like a
 * standstill.
 */
export function lagMax(
  { flushAfter, idleAfter }: Pick<EngineSettings, 'flushAfter' | 'idleAfter'>,
  batchWindow: Duration,
  { maxOutOfOrderness }: Pick<Job, 'maxOutOfOrderness'>,
): Duration | undefined {
  if (flushAfter === 'never') return undefined;
  const quiet = Math.max(flushAfter, idleAfter);
  return milliseconds(quiet + maxOutOfOrderness + batchWindow + PATIENCE);
}
