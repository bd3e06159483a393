/** What follows from a job's kind, said once: everything else asks here. */
import type { IndexName } from '../ports/rowsReader.ts';
import type { Value } from '../ports/table.ts';
import type { Job } from './job.ts';
import type { PatternJob } from './patternJob.ts';
import type { StatusJob } from './statusJob.ts';
import type { ResultTable } from './tables.ts';
import type { Gate, WindowJob } from './windowJob.ts';

/** A window with a gate in front. */
export type GatedJob = WindowJob & { readonly gate: Gate<unknown, Value> };

/**
 * A job that keeps the states of its keys with their shard. Alerts and rows of a commit are put after it stands, those of slot n
 * before slot n + 1 is put, and the lane of a child shard begins once those of its parents have ended.
 */
export type KeyedJob = PatternJob | GatedJob | StatusJob;

export const hasWindows = (job: Job): job is WindowJob => job.kind === 'window';

export const isGated = (job: Job): job is GatedJob =>
  job.kind === 'window' && job.gate !== undefined;

export const isKeyed = (job: Job): job is KeyedJob =>
  job.kind === 'pattern' || job.kind === 'status' || isGated(job);

/** The key whose state a keyed job keeps with its shard; undefined for any other job. */
export function keyOfKept(job: Job): ((event: unknown) => string) | undefined {
  if (!isKeyed(job)) return undefined;
  return job.kind === 'window' ? job.gate.key : job.key;
}

/** Whether something has to be done on the job's lanes without a record: timers fire, what is held is let go, keys go over to child shards. */
export const needsFiring = (job: Job): boolean => isKeyed(job);

export const SCHEDULED_FUNCTIONS = ['closeWindows', 'fireTimers'] as const;
export type ScheduledFunction = (typeof SCHEDULED_FUNCTIONS)[number];

/** Those that work for the job. */
export const scheduledFunctionsOf = (job: Job): readonly ScheduledFunction[] => [
  ...(hasWindows(job) ? (['closeWindows'] as const) : []),
  ...(needsFiring(job) ? (['fireTimers'] as const) : []),
];

/** The one that ingest wakes when something may be due; undefined for a job that does by itself what its records make due. */
export const functionToNudge = (job: Job): ScheduledFunction | undefined =>
  hasWindows(job) ? 'closeWindows' : undefined;

/** The index of the job's table, where there is one. */
export const indexOf = (
  job: Pick<Job, 'kind'>,
  table: Pick<ResultTable, 'listedBy' | 'groupedBy'>,
): IndexName | undefined => (table.groupedBy === undefined ? listIndexOf(job, table) : 'groups');

/** The one that lists its rows by time. */
export function listIndexOf(
  { kind }: Pick<Job, 'kind'>,
  { listedBy }: Pick<ResultTable, 'listedBy'>,
): IndexName | undefined {
  if (kind === 'status') return 'problems';
  return listedBy === undefined ? undefined : 'latest';
}
