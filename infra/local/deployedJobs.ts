/** The jobs that run here: those of `functions/jobs.ts` whose function, streams and tables the deployment defines. */
import { INGEST_JOBS } from '../../functions/jobs.ts';
import { type Job, type JobFamily, tablesOf } from '../../shared/job/job.ts';
import type { Definitions } from './definitions.ts';

type Defined = Pick<Definitions, 'functions' | 'tables'>;

/** Of the project, unless a test adds one. */
export type IngestJobs = Readonly<Record<string, JobFamily>>;

export const deployedJobs = (defined: Defined, jobs: IngestJobs = INGEST_JOBS): Job[] =>
  Object.entries(jobs).flatMap(([name, family]) => {
    const job = family.build();
    return missing(name, job, defined) === undefined ? [job] : [];
  });

/** A line for each job that does not run. */
export const undeployedJobs = (defined: Defined, jobs: IngestJobs = INGEST_JOBS): string[] =>
  Object.entries(jobs).flatMap(([name, family]) => {
    const what = missing(name, family.build(), defined);
    return what === undefined
      ? []
      : [`the job ${family.name} of functions/jobs.ts does not run: ${what}`];
  });

function missing(name: string, job: Job, { functions, tables }: Defined): string | undefined {
  const definition = functions.find((each) => each.name === name);
  if (!definition) return `serverless.yml has no function ${name}`;
  const read = new Set(definition.mappings.map(({ stream }) => stream.name));
  const unread = job.sources.find(({ stream }) => !read.has(stream));
  if (unread) return `the function ${name} in serverless.yml does not read ${unread.stream}`;
  const table = tablesOf(job).find((each) => !tables.some((known) => known.name === each.name));
  return table && `infra/tables.yml has no table ${table.name}`;
}
