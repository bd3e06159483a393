/** The Lambda rim of `closeWindows`, for the jobs that have windows. */
import type { JobFamily } from '../job/job.ts';
import type { WindowJob } from '../job/windowJob.ts';
import { type CloseReport, createCloser } from '../runtime/closing/closeWindows.ts';
import { readEnvironment } from './environment.ts';
import { createRim } from './rim.ts';
import { type ScheduledHandler, scheduledHandler } from './scheduled.ts';

export type CloseHandler = ScheduledHandler<CloseReport>;

export function closeHandler(families: readonly JobFamily[]): CloseHandler {
  const environment = readEnvironment();
  const rim = createRim(environment);
  return scheduledHandler({
    name: 'closeWindows',
    families: families.filter(hasWindows),
    create(family, meter) {
      const job = environment.build(family);
      const { state, results, clock } = rim.portsOf(job, meter);
      const ports = { state, results: results(job.table.name), clock };
      return createCloser(job, ports, environment.settings).run;
    },
    note: (telemetry, report, units, trigger) => telemetry.closed(report, units, trigger),
  });
}

const hasWindows = (family: JobFamily): family is JobFamily<WindowJob> =>
  family.usual.kind === 'window';
