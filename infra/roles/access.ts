/**
 * Who uses what: derived from the kinds of the jobs, and said here only. `policy.ts` makes IAM statements of it.
 *
 * A job is plain (windows), gated (windows behind a gate), status or pattern. Where a status job has a repartition stream, the function of its
 * sources forwards, and another one ingests. What a job's functions do with tables:
 *
 * | table | by | kind | actions | what for |
 * |---|---|---|---|---|
 * | state | ingest, forwarding | all | Query, GetItem, PutItem, BatchGetItem, BatchWriteItem | heads and logs; lanes, cursors, admissions, commits of redriven events, edits of their letters; commits, marks of dead letters; chunks of those, parts of snapshots; chunks and parts |
 * | state | ingest, forwarding | all | GetItem, PutItem | who owns the job's result tables |
 * | state | ingest, forwarding, closeWindows, fireTimers | all | PutItem | why they failed last |
 * | state | closeWindows | plain, gated | Query, PutItem, UpdateItem, BatchGetItem, BatchWriteItem | logs; `closing`, recommitted heads of plain jobs, lanes retired; another run asked for; pages, lanes retired before; pages, lanes retired |
 * | state | fireTimers | gated, status, pattern | what ingest uses | keyed stores restored; commits without a record, parts renewed; lanes of child shards; lanes retired |
 * | state | closeWindows | those that take rows away | GetItem | which rows a window has |
 * | windows | closeWindows | plain, gated | BatchGetItem, GetItem, PutItem | rows and their revisions |
 * | status rows | ingest | status | BatchGetItem, PutItem | those of keys that are not in memory; those of a commit that stands |
 * | status rows | fireTimers | status | PutItem | those of a commit that stands |
 * | alerts | ingest, fireTimers | gated, pattern | BatchWriteItem | alerts of a commit that stands, also of one whose author died |
 * | state | api | all | Query, GetItem | how jobs are |
 * | windows | api | plain, gated | Query, BatchGetItem | the latest ones, a range; one in so many |
 * | status rows | api | status | BatchGetItem | one, by its key |
 * | alerts | api | gated, pattern | Query | those of one key |
 * | indexes `latest` and `problems` | api | those that have one | Query | the newest of them |
 *
 * Nobody scans or deletes single items. The API writes nothing; no other function reads an index or touches the items of another
 * job. Streams: an ingest function's are read by Lambda's poller with the function's role, which includes what the engine itself
 * reads of them. fireTimers looks into the shards of gated, status and pattern jobs, to tell a silent shard from one that is closed or not
 * read to its end, and lists their children; closeWindows reads none. Nobody puts records but the function that forwards, and
 * fireTimers, which says there how far that is: both only on a job's own stream.
 */
import { type Job, tablesOf } from '../../shared/job/job.ts';
import { laneStreamsOf, repartitionStreamOf } from '../../shared/job/repartition.ts';
import type { ResultTable } from '../../shared/job/tables.ts';
import {
  functionToNudge,
  hasWindows,
  indexOf,
  isKeyed,
  needsFiring,
  SCHEDULED_FUNCTIONS,
} from '../../shared/job/traits.ts';
import { windowTables } from '../../shared/job/windowJob.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import type { IndexName } from '../../shared/ports/rowsReader.ts';
import { tableOwnerKey } from '../../shared/state/keys.ts';
import { type IngestFunction, ingestFunctionsOf } from '../ingestFunctions.ts';

export type TableAction =
  | 'BatchGetItem'
  | 'BatchWriteItem'
  | 'GetItem'
  | 'PutItem'
  | 'Query'
  | 'UpdateItem';

export interface StateAccess {
  /** Patterns of partition keys. */
  readonly items: readonly string[];
  readonly actions: readonly TableAction[];
}

export interface ResultAccess {
  /** Logical names. */
  readonly tables: readonly string[];
  readonly actions: readonly TableAction[];
}

export interface IndexAccess {
  /** Logical name. */
  readonly table: string;
  readonly index: IndexName;
}

export interface FunctionAccess {
  /** The function's key in serverless.yml. */
  readonly name: string;
  /** Streams that Lambda polls for the function. */
  readonly polls: readonly StreamName[];
  /** Streams that the function looks into by itself. */
  readonly looksInto: readonly StreamName[];
  /** Streams that it puts records on. */
  readonly puts: readonly StreamName[];
  readonly state: readonly StateAccess[];
  readonly results: readonly ResultAccess[];
  /** Indexes that it queries. */
  readonly lists: readonly IndexAccess[];
  /** The function that it nudges. */
  readonly nudges?: string;
}

const [CLOSE, FIRE] = SCHEDULED_FUNCTIONS;

const LANE: readonly TableAction[] = [
  'BatchGetItem',
  'BatchWriteItem',
  'GetItem',
  'PutItem',
  'Query',
];
/** Of the API. */
const LOOKED_AT: readonly TableAction[] = ['GetItem', 'Query'];
const OWNERSHIP: readonly TableAction[] = ['GetItem', 'PutItem'];
const CLOSING: readonly TableAction[] = [
  'BatchGetItem',
  'BatchWriteItem',
  'PutItem',
  'Query',
  'UpdateItem',
];
const LISTING: readonly TableAction[] = ['GetItem'];
/** Read, then put by compare-and-swap, and read alone where that is refused. */
const ROWS: readonly TableAction[] = ['BatchGetItem', 'GetItem', 'PutItem'];
/** Those of a commit that stands, by status jobs. */
const FIRED_ROWS: readonly TableAction[] = ['PutItem'];
const ALERTS: readonly TableAction[] = ['BatchWriteItem'];

/**
 * Every function of the deployment.
 * @param ingested the jobs by the names of the functions that read their sources
 */
export function accessOf(ingested: Readonly<Record<string, Job>>): readonly FunctionAccess[] {
  const jobs = Object.values(ingested);
  const ingesting = Object.entries(ingested).flatMap(([name, job]) =>
    ingestFunctionsOf(name, job).map((each) => ingestAccess(each, job)),
  );
  return [...ingesting, closeAccess(jobs), fireAccess(jobs), apiAccess(jobs)];
}

/**
 * All items of a job: their partition keys are its id, or begin with its id and `#` (`shared/state/keys.ts`). No id begins
 * with another one and `#`, since it ends in `@<version>`.
 */
const itemsOf = ({ id }: Job): readonly string[] => [id, `${id}#*`];

function ingestAccess({ name, reads, puts }: IngestFunction, job: Job): FunctionAccess {
  const nudged = functionToNudge(job);
  const owners = new Set(tablesOf(job).map((table) => tableOwnerKey(table.name).pk));
  return {
    name,
    polls: reads,
    looksInto: [],
    puts: puts === undefined ? [] : [puts],
    state: [
      { items: itemsOf(job), actions: LANE },
      { items: [...owners], actions: OWNERSHIP },
    ],
    // What is forwarded has no answer yet.
    results: puts === undefined ? laneResults([job], ['BatchGetItem', ...FIRED_ROWS]) : [],
    lists: [],
    ...(nudged === undefined ? {} : { nudges: nudged }),
  };
}

function closeAccess(jobs: readonly Job[]): FunctionAccess {
  const closed = jobs.filter(hasWindows);
  return {
    name: CLOSE,
    polls: [],
    looksInto: [],
    puts: [],
    state: [
      { items: closed.flatMap(itemsOf), actions: CLOSING },
      {
        items: closed.filter(({ takesRowsAway }) => takesRowsAway).flatMap(itemsOf),
        actions: LISTING,
      },
    ],
    results: [{ tables: windowTableNames(jobs), actions: ROWS }],
    lists: [],
  };
}

function fireAccess(jobs: readonly Job[]): FunctionAccess {
  const fired = jobs.filter(needsFiring);
  return {
    name: FIRE,
    polls: [],
    looksInto: [...new Set(fired.flatMap(laneStreamsOf))],
    puts: fired.map(repartitionStreamOf).filter((stream) => stream !== undefined),
    state: [{ items: fired.flatMap(itemsOf), actions: LANE }],
    results: laneResults(fired, FIRED_ROWS),
    lists: [],
  };
}

function apiAccess(jobs: readonly Job[]): FunctionAccess {
  const lists = jobs.flatMap((job) =>
    tablesOf(job).map((table) => ({ table: table.name, index: indexOf(job, table) })),
  );
  const { rows, alerts } = laneTableNames(jobs);
  return {
    name: 'api',
    polls: [],
    looksInto: [],
    puts: [],
    state: [{ items: jobs.flatMap(itemsOf), actions: LOOKED_AT }],
    results: [
      { tables: windowTableNames(jobs), actions: ['BatchGetItem', 'Query'] },
      { tables: rows, actions: ['BatchGetItem'] },
      { tables: alerts, actions: ['Query'] },
    ],
    lists: lists.flatMap(({ table, index }) => (index === undefined ? [] : [{ table, index }])),
  };
}

/** What is written when lanes move on: never the rows of windows, which are closeWindows' alone. */
function laneResults(
  jobs: readonly Job[],
  rowActions: readonly TableAction[],
): readonly ResultAccess[] {
  const { rows, alerts } = laneTableNames(jobs);
  return [
    { tables: rows, actions: rowActions },
    { tables: alerts, actions: ALERTS },
  ];
}

function laneTableNames(jobs: readonly Job[]) {
  const names = (kinds: readonly Job[]) => [
    ...new Set(kinds.flatMap(laneTables).map(({ name }) => name)),
  ];
  return {
    rows: names(jobs.filter(({ kind }) => kind === 'status')),
    alerts: names(jobs.filter((job) => isKeyed(job) && job.kind !== 'status')),
  };
}

const windowTableNames = (jobs: readonly Job[]): readonly string[] =>
  jobs
    .filter(hasWindows)
    .flatMap(windowTables)
    .map(({ name }) => name);

function laneTables(job: Job): readonly ResultTable[] {
  const closed = new Set(windowTableNames([job]));
  return tablesOf(job).filter(({ name }) => !closed.has(name));
}
