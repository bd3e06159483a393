/** What every function may touch, by the kinds of the jobs: said without a look at how roles are made. */
import { INGEST_JOBS } from '../../../functions/jobs.ts';
import { type Job, tablesOf } from '../../../shared/job/job.ts';
import { streamsOf } from '../../../shared/job/spec.ts';
import type { Own } from './checks.ts';

const ingested = new Map(
  Object.entries(INGEST_JOBS).map(([name, family]) => [name, family.build()]),
);
const jobs = [...ingested.values()];
export const pascal = (name: string) =>
  name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const windowJobs = jobs.filter((job) => job.kind === 'window');
/** Time alone changes something in them, and what is kept of a key decides. */
const timedJobs = jobs.filter((job) => job.kind !== 'window' || job.gate);

const tableIds = (names: readonly string[]) => names.map((name) => `${pascal(name)}Table`);
const streamIds = (job: Job) => streamsOf(job).map((name) => `${pascal(name)}Stream`);
/** Of a job whose events go through a stream of its own: by its key, or together from several streams. */
const ownStreamIds = (job: Job) =>
  job.kind === 'status' && (job.sources.length > 1 || job.repartitioned)
    ? [`${pascal(`${job.name}-${job.version}-repartition`)}Stream`]
    : [];
/** Those of its windows, which closeWindows alone writes. */
const closingTables = (job: Job) =>
  job.kind === 'window' ? [job.table.name, ...(job.summary ? [job.summary.table.name] : [])] : [];
/** All others. */
const movingTables = (job: Job) =>
  tablesOf(job)
    .map(({ name }) => name)
    .filter((name) => !closingTables(job).includes(name));

const INDEXES = jobs.flatMap((job) => {
  if (job.kind === 'status') return [`${pascal(job.table.name)}Table/problems`];
  return tablesOf(job).flatMap(({ name, listedBy, groupedBy }) => [
    ...(listedBy === undefined ? [] : [`${pascal(name)}Table/latest`]),
    ...(groupedBy === undefined ? [] : [`${pascal(name)}Table/groups`]),
  ]);
});

const READS = { 'kms:Decrypt': ['dynamodb', 'kinesis'] };
const READS_TABLES = { 'kms:Decrypt': ['dynamodb'] };
const PUTS = { 'kms:GenerateDataKey': ['kinesis'] };

const itemsOf = (some: readonly Job[]) => some.flatMap(({ id }) => [id, `${id}#*`]);
const sharedBy = (name: string) => ['StateTable', `${pascal(name)}LogGroup`];

export function own(name: string): Own {
  const resources = sharedBy(name);
  if (name === 'closeWindows') {
    const rows = tableIds(windowJobs.flatMap(closingTables));
    const items = itemsOf(windowJobs);
    return { items, resources: [...resources, ...rows], puts: [], keyUses: READS_TABLES };
  }
  if (name === 'fireTimers') {
    const rows = tableIds(timedJobs.flatMap(movingTables));
    const looked = timedJobs.flatMap((job) => [...streamIds(job), ...ownStreamIds(job)]);
    return {
      items: itemsOf(timedJobs),
      resources: [...resources, ...rows, ...looked],
      puts: timedJobs.flatMap(ownStreamIds),
      keyUses: { ...READS, ...PUTS },
    };
  }
  if (name === 'api') {
    const tables = jobs.flatMap(tablesOf).map((table) => table.name);
    return {
      items: itemsOf(jobs),
      resources: [...resources, ...tableIds(tables), ...INDEXES],
      puts: [],
      keyUses: READS_TABLES,
      tableActions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
    };
  }
  return ownOfIngest(name);
}

/** Of two functions of a job, the first has no rows, and the second none of the job's sources. */
function ownOfIngest(name: string): Own {
  const [base = '', keyed] = name.split(/(?=Keyed$)/);
  const job = ingested.get(base);
  if (!job) throw new Error(`there is no job for ${name}`);
  const puts = keyed === undefined ? ownStreamIds(job) : [];
  const reads = keyed === undefined ? streamIds(job) : ownStreamIds(job);
  return {
    items: [...itemsOf([job]), ...tablesOf(job).map((table) => `table#${table.name}`)],
    resources: [
      ...sharedBy(name),
      ...reads,
      ...(puts.length > 0 ? [] : tableIds(movingTables(job))),
      'UndeliveredQueue',
      ...(job.kind === 'window' ? ['CloseWindowsLambdaFunction'] : []),
    ],
    puts,
    keyUses: { ...READS, ...(puts.length > 0 ? PUTS : {}) },
  };
}

/** Every function that ingests, of all jobs. */
export const ingesting = [...ingested].flatMap(([name, job]) =>
  ownStreamIds(job).length > 0 ? [name, `${name}Keyed`] : [name],
);
