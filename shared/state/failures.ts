/**
 * Why each function of a job failed last: one item a function, which its next failure replaces. For people only; nothing that
 * the engine decides is decided by it.
 *
 * 1. A run that succeeds writes nothing here. Whether a failure is over is told by the commits that came after it.
 * 2. Of two failures the later one stays, in whatever order they are noted.
 * 3. The item is bounded, whatever the error says, and goes when the commits of its time go.
 */
import type { ScheduledFunction } from '../job/traits.ts';
import type { JobId } from '../model/lane.ts';
import { type Duration, later, type ProcessingTime, processingTime } from '../model/time.ts';
import { EXPIRES_AT, type Item, type Table } from '../ports/table.ts';
import { readable, STAMP } from './formats.ts';
import { expirySeconds, failurePartition } from './keys.ts';

export type FailingFunction = 'ingest' | ScheduledFunction;

/** What a function was at. */
export interface Doing {
  /** By name, of an ingest function. */
  readonly lane?: string;
  /** Why a scheduled function ran. */
  readonly trigger?: string;
}

export interface Failure extends Doing {
  readonly by: FailingFunction;
  readonly at: ProcessingTime;
  /** The class of the error. */
  readonly error: string;
  readonly message: string;
}

const ERROR_LENGTH_MAX = 100;
const MESSAGE_LENGTH_MAX = 1_000;

export async function putFailure(
  table: Table,
  job: JobId,
  { by, at, error, message, lane, trigger }: Failure,
  retention: Duration,
): Promise<void> {
  const item = {
    pk: failurePartition(job),
    sk: by,
    ...STAMP,
    at,
    error: bounded(error, ERROR_LENGTH_MAX),
    message: bounded(message, MESSAGE_LENGTH_MAX),
    ...(lane === undefined ? {} : { lane }),
    ...(trigger === undefined ? {} : { trigger }),
    [EXPIRES_AT]: expirySeconds(later(at, retention)),
  };
  await table.put(item, { kind: 'absentOrAtMost', name: 'at', value: at });
}

/** At most one of each function. */
export async function readFailures(table: Table, job: JobId): Promise<Failure[]> {
  const request = { order: 'ascending', consistency: 'strong' } as const;
  const failures: Failure[] = [];
  for await (const item of table.query({ pk: failurePartition(job), ...request })) {
    failures.push(failureOf(readable(item)));
  }
  return failures;
}

const failureOf = ({ sk, at, error, message, lane, trigger }: Item): Failure => ({
  by: sk as FailingFunction,
  at: processingTime(at as number),
  error: error as string,
  message: message as string,
  ...(typeof lane === 'string' ? { lane } : {}),
  ...(typeof trigger === 'string' ? { trigger } : {}),
});

/** Half of a pair at the cut is no text, and is refused by whoever stores or sends it. */
const bounded = (text: string, lengthMax: number): string =>
  (text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text).toWellFormed();
