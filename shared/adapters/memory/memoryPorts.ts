/** All that one job's engine needs, in memory: for the command line, benchmarks and tests. */
import { type Job, tablesOf } from '../../job/job.ts';
import { type HashRange, WHOLE_RANGE } from '../../model/hashRange.ts';
import type { ShardId } from '../../model/lane.ts';
import { type Clock, NO_NUDGE, type Nudge, type Ports, resultTables } from '../../ports/ports.ts';
import type { ShardDirectory, ShardReader } from '../../ports/shards.ts';
import type { Table } from '../../ports/table.ts';
import { stateTable } from '../../state/keys.ts';
import { type MemoryTable, memoryTable } from './table.ts';

export interface MemoryPorts extends Ports {
  /** What the tables hold, whatever stands between them and the engine. */
  readonly stored: {
    readonly state: MemoryTable;
    /** By logical name. */
    readonly results: ReadonlyMap<string, MemoryTable>;
  };
}

export interface MemoryOptions {
  readonly clock: Clock;
  /** What the engine sees of a table: metered, slow, failing. */
  readonly state?: (table: Table) => Table;
  readonly results?: (table: Table) => Table;
  /** Which hash keys a shard takes; all, where it is not said. */
  readonly rangeOf?: (shard: ShardId) => HashRange | undefined;
  /** What streams tell of shards, where they are not as below. */
  readonly shards?: Partial<ShardDirectory & ShardReader>;
  readonly nudge?: Nudge['send'];
}

const itself = (table: Table): Table => table;

/** Shards that were there from the start, stay open and are always read to their end. */
export function memoryPorts(job: Job, options: MemoryOptions): MemoryPorts {
  const { clock, state = itself, results = itself, rangeOf = () => WHOLE_RANGE, nudge } = options;
  const { parentsOf, rangeOf: toldRange, look } = options.shards ?? {};
  const stored = {
    state: memoryTable(stateTable('state')),
    results: new Map(tablesOf(job).map((table) => [table.name, memoryTable(table)])),
  };
  const seen = new Map([...stored.results].map(([name, table]) => [name, results(table)]));
  return {
    stored,
    state: state(stored.state),
    results: resultTables(seen),
    clock,
    shards: {
      parentsOf: parentsOf ?? (async () => []),
      rangeOf: toldRange ?? (async (_, shard) => rangeOf(shard)),
    },
    reader: { look: look ?? (async () => 'drained') },
    nudge: nudge ? { send: nudge } : NO_NUDGE,
  };
}
