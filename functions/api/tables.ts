/** The result tables, with what the API has to know of each: all of it follows from the jobs' declarations. */
import { type Job, type JobFamily, tablesOf } from '../../shared/job/job.ts';
import { problemsOf } from '../../shared/job/statusJob.ts';
import { type ResultTable, WINDOW_END } from '../../shared/job/tables.ts';
import { buildWith } from '../../shared/lambda/environment.ts';
import type { Duration } from '../../shared/model/time.ts';
import type { WindowAssigner } from '../../shared/model/window.ts';

export interface ApiTable extends ResultTable {
  /** The name of its job. */
  readonly job: string;
  readonly rows: 'windows' | 'statuses' | 'facts';
  /** How the windows lie, of a table of windows. */
  readonly assign?: WindowAssigner;
  /** How long a closed window still takes events, and is not final. */
  readonly allowedLateness?: Duration;
  /** The partition key that is read where none is given, of a table of windows. */
  readonly headline?: string;
  readonly problems: readonly string[];
}

export type ApiTables = ReadonlyMap<string, ApiTable>;

export interface ApiJob {
  readonly name: string;
  readonly job: Job;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Each job as its functions run it. Of two versions the first one has the plain name. */
export function jobsOf(families: readonly JobFamily[], variables: Variables): readonly ApiJob[] {
  return families.map((family, i) => {
    const isFirst = families.findIndex(({ name }) => name === family.name) === i;
    const job = buildWith(variables, family);
    return { name: isFirst ? family.name : job.id, job };
  });
}

export const tablesOfJobs = (jobs: readonly ApiJob[]): ApiTables =>
  new Map(
    jobs.flatMap(({ name, job }) =>
      tablesOf(job).map((table) => [table.name, tableOf(name, job, table)] as const),
    ),
  );

function tableOf(name: string, job: Job, table: ResultTable): ApiTable {
  if (job.kind === 'status') {
    return { ...table, job: name, rows: 'statuses', problems: problemsOf(job) };
  }
  if (job.kind === 'pattern' || table.sortKey !== WINDOW_END) {
    return { ...table, job: name, rows: 'facts', problems: [] };
  }
  const { assign, allowedLateness, headline } = job;
  return {
    ...table,
    job: name,
    rows: 'windows',
    problems: [],
    assign,
    allowedLateness,
    ...(headline?.of === undefined ? {} : { headline: headline.of }),
  };
}
