/** What the two scheduled functions are sent: what the deployment and the functions must agree on. */
import * as z from 'zod';
import type { Job } from '../job/job.ts';

/** What the schedule of a job sends each minute. */
export const scheduleRequest = ({ id }: Job) => ({ source: 'tidemark.schedule', job: id }) as const;

/** Anything else, such as nothing at all, is for every job what the schedule is for one. */
export const requestSchema = z.union([
  z.object({ source: z.enum(['tidemark.schedule', 'tidemark.nudge']), job: z.string() }),
  /** The input has ended: everything that is open closes, of one job or of all. */
  z.object({ source: z.literal('tidemark.flush'), job: z.string().optional() }),
]);
