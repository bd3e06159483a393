/** The Lambda rim of `fireTimers`, for the jobs in which time alone changes something. */
import type { JobFamily } from '../job/job.ts';
import type { FireReport } from '../runtime/timers/fireTimers.ts';
import { type ScheduledHandler, scheduledHandler } from './scheduled.ts';

export const fireHandler = (families: readonly JobFamily[]): ScheduledHandler<FireReport> =>
  scheduledHandler({
    name: 'fireTimers',
    families,
    runOf: ({ fire }) => fire,
    note: (telemetry, report, units, trigger) => telemetry.fired(report, units, trigger),
  });
