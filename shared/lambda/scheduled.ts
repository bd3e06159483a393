/**
 * What the two scheduled functions have in common: all their jobs on schedule, one on a nudge, all to the end on a flush.
 * A job that fails does not keep the others from their turn.
 */
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { type UnitMeter, unitMeter } from '../adapters/meteredTable.ts';
import type { Job } from '../job/job.ts';
import type { CloseTrigger } from '../runtime/planClosing.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';

/** What is sent to a scheduled function besides the schedule's own event. */
const requestSchema = z.union([
  z.object({ source: z.literal('tidemark.nudge'), job: z.string() }),
  /** The input has ended: everything that is open closes. */
  z.object({ source: z.literal('tidemark.flush') }),
]);

export type ScheduledHandler<Report> = (
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
) => Promise<Readonly<Record<string, Report>>>;

export interface ScheduledJob<Report> {
  readonly job: Job;
  readonly meter: UnitMeter;
  run(trigger: CloseTrigger, hasTime: () => boolean): Promise<Report>;
}

type Noted<Report> = (
  telemetry: Telemetry,
  report: Report,
  units: { read: number; write: number },
  trigger: CloseTrigger,
) => void;

export function scheduledHandler<Built extends Job, Report>(
  jobs: readonly Built[],
  create: (job: Built, meter: UnitMeter) => ScheduledJob<Report>['run'],
  note: Noted<Report>,
): ScheduledHandler<Report> {
  const scheduled = jobs.map((job) => {
    const meter = unitMeter();
    return { job, meter, run: create(job, meter), telemetry: createTelemetry(job) };
  });
  return async (event, context) => {
    const { trigger, only } = requestOf(event);
    const reports: Record<string, Report> = {};
    const problems: unknown[] = [];
    const asked = scheduled.filter(({ job }) => only === undefined || only === job.id);
    for (const [i, { job, meter, run, telemetry }] of asked.entries()) {
      const before = { read: meter.read, write: meter.write };
      const hasTime = timeShare(context, asked.length - i);
      try {
        const report = await telemetry.guard(() => run(trigger, hasTime), { trigger });
        const units = { read: meter.read - before.read, write: meter.write - before.write };
        note(telemetry, report, units, trigger);
        reports[job.id] = report;
      } catch (problem) {
        problems.push(problem);
      }
    }
    if (problems.length > 0) throw problems[0];
    return reports;
  };
}

/** Whether a job may go on: within its share, so that it starves none behind it and ends in time. */
function timeShare(
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  jobsLeft: number,
): () => boolean {
  const atStart = context.getRemainingTimeInMillis();
  return () => atStart - context.getRemainingTimeInMillis() < atStart / (jobsLeft + 1);
}

function requestOf(event: unknown): { trigger: CloseTrigger; only?: string } {
  const parsed = requestSchema.safeParse(event);
  if (!parsed.success) return { trigger: 'schedule' };
  if (parsed.data.source === 'tidemark.flush') return { trigger: 'endOfInput' };
  return { trigger: 'nudge', only: parsed.data.job };
}
