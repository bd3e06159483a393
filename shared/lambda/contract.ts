/** What the deployment, the functions and the command line must agree on: names, and what scheduled functions are sent. */
import * as z from 'zod';
import type { Job } from '../job/job.ts';
import type { JobId } from '../model/lane.ts';

const PREFIX = 'tidemark';

/** The stage of the local stack. */
export const LOCAL_STAGE = 'local';

/** `tidemark-dev-user-behavior`: a stream or table of a stage. */
export const physicalName = (stage: string, logical: string): string =>
  `${PREFIX}-${stage}-${logical}`;

/** The inverse of `physicalName`; undefined for a name of another stage or project. */
export function logicalName(stage: string, physical: string): string | undefined {
  const prefix = physicalName(stage, '');
  return physical.startsWith(prefix) ? physical.slice(prefix.length) : undefined;
}

/** `TIDEMARK_HOT_ITEMS_OUT_OF_ORDERNESS`: the variable that overrides a job's parameter. */
export function parameterVariable(job: string, parameter: string): string {
  const snake = `${job}-${parameter}`.replaceAll(/([a-z])([A-Z])/g, '$1_$2').replaceAll('-', '_');
  return `${PREFIX}_${snake}`.toUpperCase();
}

/** What the schedule of a job sends each minute. */
export const scheduleRequest = ({ id }: Job) => ({ source: 'tidemark.schedule', job: id }) as const;

/** What an ingest function sends when something may be due for a job. */
export const nudgeRequest = (job: JobId) => ({ source: 'tidemark.nudge', job }) as const;

/** What is no such request, such as nothing at all, is treated as the schedule of every job. */
export const requestSchema = z.union([
  z.object({ source: z.enum(['tidemark.schedule', 'tidemark.nudge']), job: z.string() }),
  /** The input has ended: everything that is open closes, of one job or of all. */
  z.object({ source: z.literal('tidemark.flush'), job: z.string().optional() }),
]);

/** What is secret and given by people: long enough that nobody guesses it, of characters that a header may hold as they are. */
export const SECRET = /^[\w.~+/=-]{20,256}$/;
export const SECRET_RULE = 'give 20 to 256 letters, digits or any of - . _ ~ + / =';
