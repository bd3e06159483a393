/** The jobs that run here: those of `functions/jobs.ts` whose functions, streams and tables the deployment defines. */
import { INGEST_JOBS } from '../../functions/jobs.ts';
import { type Job, type JobFamily, tablesOf } from '../../shared/job/job.ts';
import type { ResultTable } from '../../shared/job/tables.ts';
import { type IngestFunction, ingestFunctionsOf } from '../ingestFunctions.ts';
import type { Definitions, TableDefinition } from './definitions.ts';

type Defined = Pick<Definitions, 'functions' | 'tables'>;

/** Of the project, unless a test adds one. */
export type IngestJobs = Readonly<Record<string, JobFamily>>;

/** Each job, and why it does not run, where it does not. What the deployment has to have of it, no parameter changes. */
const examined = (defined: Defined, jobs: IngestJobs) =>
  Object.entries(jobs).map(([name, family]) => {
    const ingesting = ingestFunctionsOf(name, family.usual);
    return { ingesting, family, lacks: missing(ingesting, family.usual, defined) };
  });

export const deployedFamilies = (defined: Defined, jobs: IngestJobs = INGEST_JOBS): JobFamily[] =>
  examined(defined, jobs).flatMap(({ family, lacks }) => (lacks === undefined ? [family] : []));

/** As they are without overrides: for who looks at what they have written. */
export const deployedJobs = (defined: Defined, jobs: IngestJobs = INGEST_JOBS): Job[] =>
  deployedFamilies(defined, jobs).map(({ usual }) => usual);

/** A line for each job that does not run. */
export const undeployedJobs = (defined: Defined, jobs: IngestJobs = INGEST_JOBS): string[] =>
  examined(defined, jobs).flatMap(({ family, lacks }) =>
    lacks === undefined
      ? []
      : [`the job ${family.name} of functions/jobs.ts does not run: ${lacks}`],
  );

/** What runs: a job that lacks something is neither given records nor looked after by the scheduled functions. */
export function runnable(definitions: Definitions, jobs: IngestJobs = INGEST_JOBS): Definitions {
  const resting = examined(definitions, jobs).filter(({ lacks }) => lacks !== undefined);
  const names = new Set(resting.flatMap(({ ingesting }) => ingesting.map(({ name }) => name)));
  const ids = new Set<unknown>(resting.map(({ family }) => family.usual.id));
  const functions = definitions.functions.map((each) => ({
    ...each,
    mappings: names.has(each.name) ? [] : each.mappings,
    schedules: each.schedules.filter(({ input }) => !ids.has(input['job'])),
  }));
  return { ...definitions, functions };
}

function missing(
  ingesting: readonly IngestFunction[],
  job: Job,
  { functions, tables }: Defined,
): string | undefined {
  const lacking = ingesting.map((each) => missingOf(each, functions));
  const wrong = tablesOf(job).map((table) =>
    wrongTable(
      table,
      tables.find(({ name }) => name === table.name),
    ),
  );
  return [...lacking, ...wrong].find((what) => what !== undefined);
}

function missingOf(
  { name, reads }: IngestFunction,
  functions: Defined['functions'],
): string | undefined {
  const definition = functions.find((each) => each.name === name);
  if (!definition) return `serverless.yml has no function ${name}`;
  const read = new Set(definition.mappings.map(({ stream }) => stream.name));
  const unread = reads.find((stream) => !read.has(stream));
  return unread && `the function ${name} in serverless.yml does not read ${unread}`;
}

function wrongTable(table: ResultTable, known: TableDefinition | undefined): string | undefined {
  if (!known) return `infra/tables.yml has no table ${table.name}`;
  const [its, declared] = [keysOf(known), keysOf(table)];
  return its === declared
    ? undefined
    : `infra/tables.yml gives the table ${table.name} the key ${its}, and the job ${declared}`;
}

const keysOf = ({ partitionKey, sortKey }: ResultTable): string =>
  sortKey === undefined ? partitionKey : `${partitionKey} and ${sortKey}`;
