/**
 * The schedules of the two scheduled functions, made from the one list of jobs: each minute an invocation for each job, so
 * that a job is never without, and none waits for another.
 */
import { INGEST_JOBS } from '../functions/jobs.ts';
import type { JobFamily } from '../shared/job/job.ts';
import { type ScheduledFunction, scheduledFunctionsOf } from '../shared/job/traits.ts';
import { scheduleRequest } from '../shared/lambda/contract.ts';

/** An event of a function, as serverless.yml writes it. */
export interface ScheduleEvent {
  readonly schedule: {
    readonly rate: readonly [string];
    readonly description: string;
    readonly input: Readonly<Record<string, unknown>>;
  };
}

/** @param ingestJobs the project's, unless a test adds one. */
export const schedulesOf = (
  name: ScheduledFunction,
  ingestJobs: Readonly<Record<string, JobFamily>> = INGEST_JOBS,
): ScheduleEvent[] =>
  Object.values(ingestJobs)
    .map(({ usual }) => usual)
    .filter((job) => scheduledFunctionsOf(job).includes(name))
    .map((job) => ({
      schedule: {
        rate: ['rate(1 minute)'],
        description: `${name} for ${job.id}`,
        input: scheduleRequest(job),
      },
    }));

/** What `${file(infra/generated.js):name}` stands for where a function's events are asked for, by name. */
export const generatedSchedules = (): Readonly<Record<string, readonly ScheduleEvent[]>> => ({
  closeSchedules: schedulesOf('closeWindows'),
  fireSchedules: schedulesOf('fireTimers'),
});
