/** The engine over memory tables and a test clock: what a test of the runtime needs to say is then one line. */
import { type MemoryTable, memoryTable } from '../../shared/adapters/memory/table.ts';
import type { WindowJob } from '../../shared/job/windowJob.ts';
import type { Lane, ShardId } from '../../shared/model/lane.ts';
import type { Item, Table } from '../../shared/ports/table.ts';
import type { StreamRecord } from '../../shared/records/entry.ts';
import { type Closer, createCloser } from '../../shared/runtime/closeWindows.ts';
import { createIngest, type IngestReport } from '../../shared/runtime/ingest.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../../shared/runtime/settings.ts';
import { stateTable } from '../../shared/state/keys.ts';
import { type Commit, readLog } from '../../shared/state/laneLog.ts';
import { resultTable } from '../../shared/state/results.ts';
import { readSideOutput, type StoredSideEvent } from '../../shared/state/sideOutput.ts';
import { type TestClock, testClock } from './clock.ts';
import { type Interception, interceptedTable } from './interceptedTable.ts';

export interface EngineOptions {
  readonly settings?: Partial<EngineSettings>;
  /** State to go on from, such as another engine's. */
  readonly state?: MemoryTable;
  readonly results?: MemoryTable;
  readonly clock?: TestClock;
  readonly onState?: Interception;
  readonly onResults?: Interception;
  readonly parents?: Readonly<Record<ShardId, readonly ShardId[]>>;
}

export interface Delivery {
  readonly shard?: ShardId;
  readonly remainingMs?: () => number;
}

const streamOf = ({ sources }: WindowJob): string => sources[0]?.stream ?? '';

export const SHARD = 'shardId-000000000000';

export class TestEngine {
  readonly job: WindowJob;
  readonly clock: TestClock;
  readonly state: MemoryTable;
  readonly results: MemoryTable;
  /** Jobs that asked to be closed. */
  readonly nudges: string[] = [];
  readonly closer: Closer;
  readonly #options: EngineOptions;
  #ingest: ReturnType<typeof createIngest>;

  constructor(job: WindowJob, options: EngineOptions = {}) {
    this.job = job;
    this.#options = options;
    this.clock = options.clock ?? testClock();
    this.state = options.state ?? memoryTable(stateTable('state'));
    this.results = options.results ?? memoryTable(resultTable(job.table, job.table.name));
    this.#ingest = this.#newIngest();
    this.closer = this.newCloser();
  }

  ingest(records: readonly StreamRecord[], delivery: Delivery = {}): Promise<IngestReport> {
    const { shard = SHARD, remainingMs } = delivery;
    const stream = streamOf(this.job);
    return this.#ingest.ingest({ stream, shard, records, ...(remainingMs ? { remainingMs } : {}) });
  }

  /** Forgets what the warm ingest function knew. */
  coldStart(): void {
    this.#ingest = this.#newIngest();
  }

  /** Another invocation of `closeWindows`, with nothing in its caches. */
  newCloser(): Closer {
    const state = this.#stateTable();
    const { results, clock } = this;
    const { onResults } = this.#options;
    const ports = {
      state,
      results: onResults ? interceptedTable(results, onResults) : results,
      clock,
    };
    return createCloser(this.job, ports, this.settings);
  }

  get settings(): EngineSettings {
    return { ...DEFAULT_SETTINGS, ...this.#options.settings };
  }

  lane(shard: ShardId = SHARD): Lane {
    return { job: this.job.id, stream: streamOf(this.job), shard };
  }

  async commits(shard: ShardId = SHARD): Promise<Commit[]> {
    const commits: Commit[] = [];
    for await (const commit of readLog(this.state, this.lane(shard), 'oldest'))
      commits.push(commit);
    return commits;
  }

  async side(shard: ShardId = SHARD): Promise<StoredSideEvent[]> {
    const events: StoredSideEvent[] = [];
    for (const { side } of await this.commits(shard)) {
      if (side) events.push(...(await readSideOutput(this.state, this.lane(shard), side)));
    }
    return events;
  }

  /** Rows by partition key and window end, with the engine's own attribute `fence` left out. */
  rows(): Item[] {
    return [...this.results.items()].map(({ fence: _fence, ...row }) => row);
  }

  /** Rows without what depends on when closing ran. */
  answers(): Item[] {
    const answers = this.rows().map(({ revision: _revision, final: _final, ...row }) => row);
    const place = (row: Item) =>
      JSON.stringify([row[this.job.table.partitionKey], row['windowEnd']]);
    return answers.sort((a, b) => (place(a) < place(b) ? -1 : 1));
  }

  #stateTable(): Table {
    const { onState } = this.#options;
    return onState ? interceptedTable(this.state, onState) : this.state;
  }

  #newIngest(): ReturnType<typeof createIngest> {
    const ports = {
      state: this.#stateTable(),
      clock: this.clock,
      shards: {
        parentsOf: async (_: string, shard: string) => this.#options.parents?.[shard] ?? [],
        ownershipOf: async () => () => true,
      },
      results: () => this.results,
      reader: { look: async () => 'drained' as const },
      nudge: { send: async (id: string) => void this.nudges.push(id) },
    };
    return createIngest(this.job, ports, this.settings);
  }
}
