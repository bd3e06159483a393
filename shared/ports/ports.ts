/** All that the engine asks of the world around it. */
import { InvariantViolation } from '../errors.ts';
import type { Clock } from './clock.ts';
import type { Nudge } from './nudge.ts';
import type { ShardDirectory } from './shardDirectory.ts';
import type { ShardReader } from './shardReader.ts';
import type { Table } from './table.ts';

export interface Ports {
  readonly state: Table;
  /** A result table of the job, by its logical name. */
  readonly results: ResultTables;
  readonly clock: Clock;
  readonly shards: ShardDirectory;
  readonly reader: ShardReader;
  readonly nudge: Nudge;
}

export type ResultTables = (name: string) => Table;

/** Throws InvariantViolation where a table is asked for that is not among them. */
export function resultTables(tables: ReadonlyMap<string, Table>): ResultTables {
  return (name) => {
    const table = tables.get(name);
    if (table) return table;
    throw new InvariantViolation(`the job has no result table ${name}`);
  };
}
