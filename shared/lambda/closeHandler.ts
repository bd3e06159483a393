/**
 * The Lambda rim of `closeWindows`: all jobs on schedule, one on a nudge, all to the end on a flush.
 * A job that fails does not keep the others from closing.
 */
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { dynamoClient } from '../adapters/aws/clients.ts';
import { dynamoTable } from '../adapters/aws/table.ts';
import { meteredTable, unitMeter } from '../adapters/meteredTable.ts';
import { systemClock } from '../adapters/systemClock.ts';
import type { JobFamily } from '../job/job.ts';
import { type CloseReport, type CloseTrigger, createCloser } from '../runtime/closeWindows.ts';
import { stateTable } from '../state/keys.ts';
import { resultTable } from '../state/results.ts';
import { readEnvironment } from './environment.ts';
import { createTelemetry } from './telemetry.ts';

/** What is sent to `closeWindows` besides the schedule's own event. */
const requestSchema = z.union([
  z.object({ source: z.literal('tidemark.nudge'), job: z.string() }),
  /** The input has ended: close every window that has content. */
  z.object({ source: z.literal('tidemark.flush') }),
]);

export type CloseHandler = (
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
) => Promise<Readonly<Record<string, CloseReport>>>;

export function closeHandler(families: readonly JobFamily[]): CloseHandler {
  const environment = readEnvironment();
  const client = dynamoClient();
  const state = dynamoTable(client, stateTable(environment.nameOf('state')));
  const closers = families.map((family) => {
    const job = environment.build(family);
    const meter = unitMeter();
    const metered = (table: typeof state) => meteredTable(table, meter, { refusals: 'oneUnit' });
    const results = dynamoTable(client, resultTable(job.table, environment.nameOf(job.table.name)));
    const ports = { state: metered(state), results: metered(results), clock: systemClock };
    const closer = createCloser(job, ports, environment.settings);
    return { job, meter, closer, telemetry: createTelemetry(job.name) };
  });
  return async (event, context) => {
    const { trigger, only } = requestOf(event);
    const reports: Record<string, CloseReport> = {};
    const problems: unknown[] = [];
    const asked = closers.filter(({ job }) => only === undefined || only === job.id);
    for (const [i, { job, meter, closer, telemetry }] of asked.entries()) {
      const before = { read: meter.read, write: meter.write };
      const hasTime = timeShare(context, asked.length - i);
      try {
        const report = await telemetry.guard(() => closer.run(trigger, hasTime), { trigger });
        const units = { read: meter.read - before.read, write: meter.write - before.write };
        telemetry.closed(report, units, trigger);
        reports[job.id] = report;
      } catch (problem) {
        problems.push(problem);
      }
    }
    if (problems.length > 0) throw problems[0];
    return reports;
  };
}

/** Whether a job may start another round: within its share, so that it starves none behind it and ends in time. */
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
