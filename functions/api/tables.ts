/** The result tables, with what the API has to know of each: all of it follows from the jobs' declarations. */
import type { Job, JobFamily } from '../../shared/job/job.ts';
import { shortNameAmong, type TableOfJob, tablesOfJob } from '../../shared/job/tableOfJob.ts';
import { buildWith } from '../../shared/lambda/environment.ts';
import type { Duration } from '../../shared/model/time.ts';
import type { WindowAssigner } from '../../shared/model/window.ts';

export interface ApiTable extends TableOfJob {
  /** The name of its job. */
  readonly job: string;
  /** How the windows lie, of a table of windows. */
  readonly assign?: WindowAssigner;
  /** How long a closed window still takes events, and is not final. */
  readonly allowedLateness?: Duration;
  /** The partition key that is read where none is given, of a table of windows. */
  readonly headline?: string;
}

export type ApiTables = ReadonlyMap<string, ApiTable>;

export interface ApiJob {
  readonly name: string;
  readonly job: Job;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Each job as its functions run it. */
export const jobsOf = (families: readonly JobFamily[], variables: Variables): readonly ApiJob[] =>
  families.map((family) => ({
    name: shortNameAmong(families, family),
    job: buildWith(variables, family),
  }));

export const tablesOfJobs = (jobs: readonly ApiJob[]): ApiTables =>
  new Map(
    jobs.flatMap(({ name, job }) =>
      tablesOfJob(job).map((table) => [table.name, apiTable(name, job, table)] as const),
    ),
  );

function apiTable(name: string, job: Job, table: TableOfJob): ApiTable {
  if (job.kind !== 'window' || table.rows !== 'windows') return { ...table, job: name };
  const { assign, allowedLateness, summary } = job;
  const { headline } = table.name === summary?.table.name ? summary : job;
  return {
    ...table,
    job: name,
    assign,
    allowedLateness,
    ...(headline?.of === undefined ? {} : { headline: headline.of }),
  };
}
