/**
 * Who uses what: derived from the kinds of the jobs, and said here only. `policy.ts` makes IAM statements of it.
 *
 * A job is plain (windows), gated (windows behind a gate), status or pattern. What its functions do with tables:
 *
 * | table | by | kind | actions | what for |
 * |---|---|---|---|---|
 * | state | ingest | all | Query, GetItem, PutItem, BatchWriteItem | heads and logs; lanes, cursors, admissions; commits; chunks and sheets |
 * | state | ingest | gated, pattern | BatchGetItem, UpdateItem | keyed states and chunks; the mark that a commit is applied |
 * | state | closeWindows | plain, gated | Query, PutItem, UpdateItem, BatchGetItem, BatchWriteItem | logs; `closing`, rest entries; another run asked for; pages |
 * | state | fireTimers | status | Query, GetItem, PutItem, BatchWriteItem | heads, sheets; job watermark; rest entries; sheets deleted |
 * | state | fireTimers | pattern | what ingest uses | commits without a record |
 * | state | fireTimers | gated | what ingest uses, but for BatchWriteItem | commits applied that ingest left, rest entries |
 * | windows | closeWindows | plain, gated | BatchGetItem, GetItem, PutItem | rows and their revisions |
 * | status rows | ingest, fireTimers | status | BatchGetItem, GetItem, PutItem | rows, merged and judged |
 * | alerts | ingest, fireTimers | gated, pattern | BatchWriteItem | alerts of a commit that is applied |
 *
 * Nobody scans, deletes single items, reads an index or touches the items of another job. Streams: an ingest function's are
 * read by Lambda's poller with the function's role, which includes what the engine itself reads of them. fireTimers looks
 * into the shards of pattern jobs, to tell a silent shard from one that is not read to its end; closeWindows reads none.
 */
import { streamsOf } from '../../shared/job/head.ts';
import { type Job, tablesOf } from '../../shared/job/job.ts';
import type { JobId, StreamName } from '../../shared/model/lane.ts';
import { hasTimers } from '../../shared/runtime/fireTimers.ts';

export type TableAction =
  | 'BatchGetItem'
  | 'BatchWriteItem'
  | 'GetItem'
  | 'PutItem'
  | 'Query'
  | 'UpdateItem';

/** Items of the state table, by the jobs that they belong to. */
export interface StateAccess {
  readonly jobs: readonly JobId[];
  readonly actions: readonly TableAction[];
}

export interface ResultAccess {
  /** Logical names. */
  readonly tables: readonly string[];
  readonly actions: readonly TableAction[];
}

export interface FunctionAccess {
  /** The function's key in serverless.yml. */
  readonly name: string;
  /** Streams that Lambda polls for the function. */
  readonly polls: readonly StreamName[];
  /** Streams that the function looks into by itself. */
  readonly looksInto: readonly StreamName[];
  readonly state: readonly StateAccess[];
  readonly results: readonly ResultAccess[];
  /** The function that it nudges. */
  readonly nudges?: string;
}

const CLOSE = 'closeWindows';
const FIRE = 'fireTimers';

const LANE: readonly TableAction[] = ['BatchWriteItem', 'GetItem', 'PutItem', 'Query'];
const ORDERED_LANE: readonly TableAction[] = [...LANE, 'BatchGetItem', 'UpdateItem'];
const CLOSING: readonly TableAction[] = [
  'BatchGetItem',
  'BatchWriteItem',
  'PutItem',
  'Query',
  'UpdateItem',
];
/** Read, then put by compare-and-swap, and read alone where that is refused. */
const ROWS: readonly TableAction[] = ['BatchGetItem', 'GetItem', 'PutItem'];
const ALERTS: readonly TableAction[] = ['BatchWriteItem'];

/** Every function of the deployment. */
export function accessOf(jobs: readonly Job[]): readonly FunctionAccess[] {
  return [...jobs.map(ingestAccess), closeAccess(jobs), fireAccess(jobs)];
}

function ingestAccess(job: Job): FunctionAccess {
  return {
    name: functionOf(job.name),
    polls: streamsOf(job),
    looksInto: [],
    state: [{ jobs: [job.id], actions: isOrdered(job) ? ORDERED_LANE : LANE }],
    results: laneResults([job]),
    nudges: job.kind === 'window' ? CLOSE : FIRE,
  };
}

function closeAccess(jobs: readonly Job[]): FunctionAccess {
  const closed = jobs.filter((job) => job.kind === 'window');
  return {
    name: CLOSE,
    polls: [],
    looksInto: [],
    state: [{ jobs: closed.map(({ id }) => id), actions: CLOSING }],
    results: [{ tables: closed.map(({ table }) => table.name), actions: ROWS }],
  };
}

function fireAccess(jobs: readonly Job[]): FunctionAccess {
  const fired = jobs.filter(hasTimers);
  const byActions = Map.groupBy(fired, firingActions);
  return {
    name: FIRE,
    polls: [],
    looksInto: [...new Set(fired.filter(({ kind }) => kind === 'pattern').flatMap(streamsOf))],
    state: [...byActions].map(([actions, same]) => ({ jobs: same.map(({ id }) => id), actions })),
    results: laneResults(fired),
  };
}

/** A gate's lane gets rest entries only, which name no chunks. */
const GATED_FIRING = ORDERED_LANE.filter((action) => action !== 'BatchWriteItem');

function firingActions({ kind }: Job): readonly TableAction[] {
  if (kind === 'status') return LANE;
  return kind === 'pattern' ? ORDERED_LANE : GATED_FIRING;
}

/** What is written when lanes move on: never the rows of windows, which are closeWindows' alone. */
function laneResults(jobs: readonly Job[]): readonly ResultAccess[] {
  const names = (kinds: readonly Job[]) => [
    ...new Set(kinds.flatMap(laneTables).map(({ name }) => name)),
  ];
  const rows = names(jobs.filter(({ kind }) => kind === 'status'));
  const alerts = names(jobs.filter(isOrdered));
  return [
    { tables: rows, actions: ROWS },
    { tables: alerts, actions: ALERTS },
  ].filter(({ tables }) => tables.length > 0);
}

const laneTables = (job: Job) =>
  job.kind === 'window'
    ? tablesOf(job).filter(({ name }) => name !== job.table.name)
    : tablesOf(job);

/** Whether its commits are applied after they stand. */
const isOrdered = (job: Job): boolean =>
  job.kind === 'pattern' || (job.kind === 'window' && job.gate !== undefined);

/** `hot-items` is ingested by `hotItems`. */
const functionOf = (job: string): string =>
  job.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
