/** What every function may touch, by the kinds of the jobs: said without a look at how roles are made. */
import { INGEST_JOBS } from '../../../functions/jobs.ts';
import { type Job, tablesOf } from '../../../shared/job/job.ts';
import { streamsOf } from '../../../shared/job/spec.ts';
import type { Own } from './checks.ts';

const ingested = new Map(
  Object.entries(INGEST_JOBS).map(([name, family]) => [name, family.build()]),
);
export const jobs = [...ingested.values()];
export const pascal = (name: string) =>
  name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
const windowJobs = jobs.filter((job) => job.kind === 'window');
/** Time alone changes something in them. */
const timedJobs = jobs.filter((job) => job.kind !== 'window' || job.gate);
/** What is kept of a key decides in them. */
const keyedJobs = timedJobs.filter((job) => job.kind !== 'status' || job.sources.length === 1);

const tableIds = (names: readonly string[]) => names.map((name) => `${pascal(name)}Table`);
const streamIds = (job: Job) => streamsOf(job).map((name) => `${pascal(name)}Stream`);
/** All but the table of its windows, which closeWindows alone writes. */
const movingTables = (job: Job) =>
  tablesOf(job)
    .map(({ name }) => name)
    .filter((name) => job.kind !== 'window' || name !== job.table.name);

const NUDGED = {
  window: ['CloseWindowsLambdaFunction'],
  status: ['FireTimersLambdaFunction'],
  pattern: [],
};

const INDEXES = jobs.flatMap((job) => {
  if (job.kind === 'status') return [`${pascal(job.table.name)}Table/problems`];
  return tablesOf(job)
    .filter(({ listedBy }) => listedBy !== undefined)
    .map((table) => `${pascal(table.name)}Table/latest`);
});

export function own(name: string): Own {
  const shared = ['StateTable', `${pascal(name)}LogGroup`];
  const itemsOf = (some: readonly Job[]) => some.flatMap(({ id }) => [id, `${id}#*`]);
  if (name === 'closeWindows') {
    const rows = windowJobs.map(({ table }) => table.name);
    return {
      items: itemsOf(windowJobs),
      resources: [...shared, ...tableIds(rows)],
      keyServices: ['dynamodb'],
    };
  }
  if (name === 'fireTimers') {
    const rows = timedJobs.flatMap(movingTables);
    const looked = keyedJobs.flatMap(streamIds);
    return {
      items: itemsOf(timedJobs),
      resources: [...shared, ...tableIds(rows), ...looked],
      keyServices: ['dynamodb', 'kinesis'],
    };
  }
  if (name === 'api') {
    const tables = jobs.flatMap(tablesOf).map((table) => table.name);
    return {
      items: itemsOf(jobs),
      resources: [...shared, ...tableIds(tables), ...INDEXES],
      keyServices: ['dynamodb'],
      tableActions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
    };
  }
  const job = ingested.get(name);
  if (!job) throw new Error(`there is no job for ${name}`);
  return {
    items: [...itemsOf([job]), ...tablesOf(job).map((table) => `table#${table.name}`)],
    resources: [
      ...shared,
      ...streamIds(job),
      ...tableIds(movingTables(job)),
      'UndeliveredQueue',
      ...(job.kind === 'status' && keyedJobs.includes(job) ? [] : NUDGED[job.kind]),
    ],
    keyServices: ['dynamodb', 'kinesis'],
  };
}
