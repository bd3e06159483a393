/** What the local stack shows of itself: read from the same tables that anybody can read. */
import { systemClock } from '../../shared/adapters/systemClock.ts';
import type { Job } from '../../shared/job/job.ts';
import { settingsIn } from '../../shared/lambda/environment.ts';
import { type JobProgress, readJobProgress } from '../../shared/state/jobProgress.ts';
import { deployedJobs } from './deployedJobs.ts';
import { readHeadline, type Tables } from './headlines.ts';
import type { Stack } from './stack.ts';

export interface JobStatus extends Pick<JobProgress, 'counts' | 'watermark' | 'watermarkBy'> {
  readonly name: string;
  /** The latest answer in a few words; absent before the first one. */
  readonly headline?: string;
}

export type Status = readonly JobStatus[];

/** Rows there are: each event has one. */
const NO_PROBLEM = 'no problem';

export const readStatus = (stack: Pick<Stack, 'definitions'> & Tables): Promise<Status> =>
  Promise.all(deployedJobs(stack.definitions).map((job) => readJob(job, stack)));

async function readJob(job: Job, stack: Pick<Stack, 'definitions'> & Tables): Promise<JobStatus> {
  const settings = settingsIn(stack.definitions.environment);
  const [{ counts, watermark, watermarkBy }, headline] = await Promise.all([
    readJobProgress(job.id, stack.table('state'), systemClock.now(), settings),
    readHeadline(job, stack),
  ]);
  const { name } = job;
  const said = headline ?? (job.kind === 'status' && counts.accepted > 0 ? NO_PROBLEM : undefined);
  return {
    name,
    counts,
    watermark,
    watermarkBy,
    ...(said === undefined ? {} : { headline: said }),
  };
}
