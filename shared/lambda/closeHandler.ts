/** The Lambda rim of `closeWindows`, for the jobs that have windows. */
import type { JobFamily } from '../job/job.ts';
import type { CloseReport } from '../runtime/closing/closeWindows.ts';
import { type ScheduledHandler, scheduledHandler } from './scheduled.ts';

export type CloseHandler = ScheduledHandler<CloseReport>;

export const closeHandler = (families: readonly JobFamily[]): CloseHandler =>
  scheduledHandler({
    name: 'closeWindows',
    families,
    runOf: ({ close }) => close,
    note: (telemetry, report, units, trigger) => telemetry.closed(report, units, trigger),
  });
