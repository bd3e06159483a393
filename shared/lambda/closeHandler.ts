/** The Lambda rim of `closeWindows`, for the jobs that have windows. */
import type { JobFamily } from '../job/job.ts';
import { type CloseReport, createCloser } from '../runtime/closeWindows.ts';
import { readEnvironment } from './environment.ts';
import { createRim } from './rim.ts';
import { type ScheduledHandler, scheduledHandler } from './scheduled.ts';

export type CloseHandler = ScheduledHandler<CloseReport>;

export function closeHandler(families: readonly JobFamily[]): CloseHandler {
  const environment = readEnvironment();
  const rim = createRim(environment);
  const jobs = families.map((family) => environment.build(family));
  return scheduledHandler(
    jobs.filter((job) => job.kind === 'window'),
    (job, meter) => {
      const { state, results, clock } = rim.portsOf(job, meter);
      const ports = { state, results: results(job.table.name), clock };
      return createCloser(job, ports, environment.settings).run;
    },
    (telemetry, report, units, trigger) => telemetry.closed(report, units, trigger),
  );
}
