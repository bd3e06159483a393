/** All that one job's engine needs, in memory: for the command line, benchmarks and tests. */
import { type Job, tablesOf } from '../../job/job.ts';
import { repartitionStreamOf } from '../../job/repartition.ts';
import { WHOLE_RANGE } from '../../model/hashRange.ts';
import { equalRanges, type ShardRanges } from '../../model/shardRanges.ts';
import {
  type Clock,
  NO_NUDGE,
  NO_STREAMS,
  type Nudge,
  type Ports,
  resultTables,
} from '../../ports/ports.ts';
import type { ShardDirectory, ShardReader } from '../../ports/shards.ts';
import type { Table } from '../../ports/table.ts';
import { stateTable } from '../../state/keys.ts';
import { MemoryStream } from './stream.ts';
import { type MemoryTable, memoryTable } from './table.ts';

export interface MemoryPorts extends Ports {
  /** What the tables hold, whatever stands between them and the engine. */
  readonly stored: {
    readonly state: MemoryTable;
    /** By logical name. */
    readonly results: ReadonlyMap<string, MemoryTable>;
    /** What the job put on a stream of its own, if it has one; whoever runs it takes that off and ingests it. */
    readonly own: MemoryStream | undefined;
  };
}

export interface MemoryOptions {
  readonly clock: Clock;
  /** What the engine sees of a table: metered, slow, failing. */
  readonly state?: (table: Table) => Table;
  readonly results?: (table: Table) => Table;
  /** What streams tell of shards, where they are not as below. */
  readonly shards?: Partial<ShardDirectory & ShardReader>;
  /** The shards of the job's own stream: by default one. */
  readonly ownRanges?: ShardRanges;
  readonly nudge?: Nudge['send'];
}

const itself = (table: Table): Table => table;

/** Shards that were there from the start, take all keys, stay open and are always read to their end. */
export function memoryPorts(job: Job, options: MemoryOptions): MemoryPorts {
  const { clock, state = itself, results = itself, nudge } = options;
  const { shardsOf, parentsOf, childrenOf, rangeOf, look } = options.shards ?? {};
  const { ownRanges = equalRanges(1) } = options;
  const ownStream = repartitionStreamOf(job);
  const own = ownStream === undefined ? undefined : new MemoryStream(ownStream, ownRanges, clock);
  const stored = {
    own,
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
      shardsOf: shardsOf ?? (async () => []),
      parentsOf: parentsOf ?? (async () => []),
      childrenOf: childrenOf ?? (async () => []),
      async rangeOf(stream, shard) {
        if (stream === ownStream) return ownRanges.list.find((range) => range.shard === shard);
        return rangeOf ? rangeOf(stream, shard) : WHOLE_RANGE;
      },
    },
    reader: { look: look ?? (async () => 'drained') },
    streams: own ? { sinkOf: () => own } : NO_STREAMS,
    nudge: nudge ? { send: nudge } : NO_NUDGE,
  };
}
