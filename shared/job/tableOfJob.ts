/** Result tables as whoever shows them knows them: what their rows are, and which index lists these. */
import type { IndexName } from '../ports/rowsReader.ts';
import { type Job, type JobFamily, tablesOf } from './job.ts';
import { problemsOf } from './statusJob.ts';
import type { ResultTable } from './tables.ts';
import { listIndexOf } from './traits.ts';
import { windowTables } from './windowJob.ts';

/** A result table, and what it is to its job. */
export interface TableOfJob extends ResultTable {
  /** Windows have an end, and so a latest one; statuses may be problems; facts have neither. */
  readonly rows: 'windows' | 'statuses' | 'facts';
  /** The problems that its rows may have. */
  readonly problems: readonly string[];
  /** The index that lists its rows by time. */
  readonly index?: IndexName;
  /** The table that sums its rows up, which may be very many: no screen shows all of them. */
  readonly summarizedIn?: string;
}

export const tablesOfJob = (job: Job): readonly TableOfJob[] =>
  tablesOf(job).map((table) => {
    const index = listIndexOf(job, table);
    return {
      ...table,
      rows: rowsOf(job, table),
      problems: job.kind === 'status' ? problemsOf(job) : [],
      ...(index === undefined ? {} : { index }),
      ...summarizedIn(job, table),
    };
  });

function rowsOf(job: Job, { name }: ResultTable): TableOfJob['rows'] {
  if (job.kind === 'status') return 'statuses';
  const isWindows = job.kind === 'window' && windowTables(job).some((table) => table.name === name);
  return isWindows ? 'windows' : 'facts';
}

const summarizedIn = (job: Job, { name }: ResultTable): Pick<TableOfJob, 'summarizedIn'> =>
  job.kind === 'window' && job.summary && job.table.name === name
    ? { summarizedIn: job.summary.table.name }
    : {};

/** What tells a job from all others: of two versions, the first in the list has the plain name. */
export const shortNameAmong = (families: readonly JobFamily[], family: JobFamily): string =>
  families.find(({ name }) => name === family.name) === family ? family.name : family.usual.id;
