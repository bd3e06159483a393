/** The Lambda rim of `fireTimers`, for the jobs in which time alone changes something. */
import type { JobFamily } from '../job/job.ts';
import { createTimerFirer, type FireReport, hasTimers } from '../runtime/timers/fireTimers.ts';
import { readEnvironment } from './environment.ts';
import { createRim } from './rim.ts';
import { type ScheduledHandler, scheduledHandler } from './scheduled.ts';

export function fireHandler(families: readonly JobFamily[]): ScheduledHandler<FireReport> {
  const environment = readEnvironment();
  const rim = createRim(environment);
  return scheduledHandler({
    name: 'fireTimers',
    families: families.filter(({ usual }) => hasTimers(usual)),
    create(family, meter) {
      const job = environment.build(family);
      return createTimerFirer(job, rim.portsOf(job, meter), environment.settings).run;
    },
    note: (telemetry, report, units, trigger) => telemetry.fired(report, units, trigger),
  });
}
