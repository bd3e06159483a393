/** All that the engine asks of the world around it: tables, a clock, what streams tell of their shards, and to be run soon. */
import { InvariantViolation } from '../errors.ts';
import type { JobId, StreamName } from '../model/lane.ts';
import type { ProcessingTime } from '../model/time.ts';
import type { PutTiming, RecordSink } from './recordSink.ts';
import type { ShardDirectory, ShardReader } from './shards.ts';
import type { Table } from './table.ts';

export interface Ports {
  readonly state: Table;
  /** A result table of the job, by its logical name. */
  readonly results: ResultTables;
  readonly clock: Clock;
  readonly shards: ShardDirectory;
  readonly reader: ShardReader;
  readonly streams: OwnStreams;
  readonly nudge: Nudge;
}

/** The streams that a job puts on itself. */
export interface OwnStreams {
  sinkOf(stream: StreamName): RecordSink;
  readonly timing?: PutTiming;
}

/** Of a job that puts on none. */
export const NO_STREAMS: OwnStreams = {
  sinkOf(stream) {
    throw new InvariantViolation(`nothing may be put on the stream ${stream}`);
  },
};

export type ResultTables = (name: string) => Table;

/** Throws InvariantViolation where a table is asked for that is not among them. */
export function resultTables(tables: ReadonlyMap<string, Table>): ResultTables {
  return (name) => {
    const table = tables.get(name);
    if (table) return table;
    throw new InvariantViolation(`the job has no result table ${name}`);
  };
}

/** The only way the engine learns what time it is; tests and the simulator own it. */
export interface Clock {
  now(): ProcessingTime;
}

/**
 * Asks for `closeWindows` or `fireTimers` to run soon for a job. A hint for latency only: it may be lost, late or
 * repeated, since the schedule runs them every minute anyway. Never throws.
 */
export interface Nudge {
  send(job: JobId): Promise<void>;
}

/** For whoever has nobody to wake: the schedule comes. */
export const NO_NUDGE: Nudge = { send: async () => {} };
