/**
 * The two scheduled functions, the jobs that each works for, and what they are sent: what the deployment and the functions
 * must agree on.
 */
import * as z from 'zod';
import type { Job } from '../job/job.ts';
import { hasTimers } from '../runtime/timers/fireTimers.ts';

export const SCHEDULED_FUNCTIONS = ['closeWindows', 'fireTimers'] as const;
export type ScheduledFunction = (typeof SCHEDULED_FUNCTIONS)[number];

const WORKS_FOR: Readonly<Record<ScheduledFunction, (job: Job) => boolean>> = {
  closeWindows: ({ kind }) => kind === 'window',
  fireTimers: hasTimers,
};

export const scheduledFunctionsOf = (job: Job): readonly ScheduledFunction[] =>
  SCHEDULED_FUNCTIONS.filter((name) => WORKS_FOR[name](job));

/** What the schedule of a job sends each minute. */
export const scheduleRequest = ({ id }: Job) => ({ source: 'tidemark.schedule', job: id }) as const;

/** Anything else, such as nothing at all, is for every job what the schedule is for one. */
export const requestSchema = z.union([
  z.object({ source: z.enum(['tidemark.schedule', 'tidemark.nudge']), job: z.string() }),
  /** The input has ended: everything that is open closes, of one job or of all. */
  z.object({ source: z.literal('tidemark.flush'), job: z.string().optional() }),
]);
