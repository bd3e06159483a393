/** The engine over memory tables and a test clock: what a test of the runtime needs to say is then one line. */
import { type MemoryTable, memoryTable } from '../../shared/adapters/memory/table.ts';
import { type Job, tablesOf } from '../../shared/job/job.ts';
import type { WindowJob } from '../../shared/job/windowJob.ts';
import { WHOLE_RANGE } from '../../shared/model/hashRange.ts';
import type { Lane, ShardId, StreamName } from '../../shared/model/lane.ts';
import type { ShardReader } from '../../shared/ports/shardReader.ts';
import type { Item, Table } from '../../shared/ports/table.ts';
import type { StreamRecord } from '../../shared/records/entry.ts';
import { type Closer, createCloser } from '../../shared/runtime/closing/closeWindows.ts';
import { createIngest, type IngestReport } from '../../shared/runtime/ingest/ingest.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../../shared/runtime/settings.ts';
import { createTimerFirer, type TimerFirer } from '../../shared/runtime/timers/fireTimers.ts';
import { stateTable } from '../../shared/state/keys.ts';
import { type Commit, readLog } from '../../shared/state/lane/laneLog.ts';
import type { StoredSideEvent } from '../../shared/state/lane/sideColumns.ts';
import { readSideOutput } from '../../shared/state/lane/sideOutput.ts';
import { type TestClock, testClock } from './clock.ts';
import { type Interception, interceptedTable } from './interceptedTable.ts';

export interface EngineOptions {
  readonly settings?: Partial<EngineSettings>;
  /** State to go on from, such as another engine's. */
  readonly state?: MemoryTable;
  /** The job's first result table. */
  readonly results?: MemoryTable;
  readonly clock?: TestClock;
  readonly onState?: Interception;
  /** Of every result table. */
  readonly onResults?: Interception;
  readonly parents?: Readonly<Record<ShardId, readonly ShardId[]>>;
  /** What shards hold behind a position; nothing where it is not said. */
  readonly look?: ShardReader['look'];
}

export interface Delivery {
  /** The job's first where it does not say. */
  readonly stream?: StreamName;
  readonly shard?: ShardId;
  readonly remainingMs?: () => number;
}

export const SHARD = 'shardId-000000000000';

export class TestEngine<Built extends Job = WindowJob> {
  readonly job: Built;
  readonly clock: TestClock;
  readonly state: MemoryTable;
  /** The job's result tables; `results` is the first. */
  readonly tables: ReadonlyMap<string, MemoryTable>;
  readonly results: MemoryTable;
  /** Jobs that asked to be closed. */
  readonly nudges: string[] = [];
  readonly firer: TimerFirer;
  readonly #options: EngineOptions;
  readonly #closer: Closer | undefined;
  #ingest: ReturnType<typeof createIngest>;
  #other: ReturnType<typeof createIngest> | undefined;

  constructor(job: Built, options: EngineOptions = {}) {
    this.job = job;
    this.#options = options;
    this.clock = options.clock ?? testClock();
    this.state = options.state ?? memoryTable(stateTable('state'));
    const [main, ...others] = tablesOf(job).map((table) => memoryTable(table));
    this.results = options.results ?? (main as MemoryTable);
    this.tables = new Map([this.results, ...others].map((each) => [each.description.name, each]));
    this.#ingest = this.#newIngest();
    this.firer = createTimerFirer(job, this.#ports(), this.settings);
    this.#closer = job.kind === 'window' ? this.newCloser() : undefined;
  }

  ingest(records: readonly StreamRecord[], delivery: Delivery = {}): Promise<IngestReport> {
    const { stream = this.#firstStream, shard = SHARD, remainingMs } = delivery;
    return this.#ingest.ingest({ stream, shard, records, ...(remainingMs ? { remainingMs } : {}) });
  }

  /** Another function takes over, as warm as it was left: it does not know what happened since. */
  swapFunctions(): void {
    [this.#ingest, this.#other] = [this.#other ?? this.#newIngest(), this.#ingest];
  }

  /** Forgets what the warm ingest function knew. */
  coldStart(): void {
    this.#ingest = this.#newIngest();
  }

  get closer(): Closer {
    if (!this.#closer) throw new Error(`${this.job.id} has no windows to close`);
    return this.#closer;
  }

  /** Another invocation of `closeWindows`, with nothing in its caches. */
  newCloser(): Closer {
    const { job } = this;
    if (job.kind !== 'window') throw new Error(`${job.id} has no windows to close`);
    const { state, results, clock } = this.#ports();
    return createCloser(job, { state, results: results(job.table.name), clock }, this.settings);
  }

  /** What a finite input's end does: nothing is left open. */
  async finish(): Promise<void> {
    await this.firer.run('endOfInput');
    await this.#closer?.run('endOfInput');
  }

  get settings(): EngineSettings {
    return { ...DEFAULT_SETTINGS, ...this.#options.settings };
  }

  lane(shard: ShardId = SHARD, stream: StreamName = this.#firstStream): Lane {
    return { job: this.job.id, stream, shard };
  }

  async commits(shard: ShardId = SHARD, stream?: StreamName): Promise<Commit[]> {
    const commits: Commit[] = [];
    for await (const commit of readLog(this.state, this.lane(shard, stream), 'oldest'))
      commits.push(commit);
    return commits;
  }

  async side(shard: ShardId = SHARD, stream?: StreamName): Promise<StoredSideEvent[]> {
    const events: StoredSideEvent[] = [];
    for (const { side } of await this.commits(shard, stream)) {
      if (side) events.push(...(await readSideOutput(this.state, this.lane(shard, stream), side)));
    }
    return events;
  }

  /** Rows of a table, the first one unless it is named, without the engine's own attributes. */
  rows(table?: string): Item[] {
    const from = table === undefined ? this.results : this.tables.get(table);
    return [...(from?.items() ?? [])].map(
      ({ fence: _f, engine: _e, expiresAt: _x, problem: _p, problemAt: _a, ...row }) => row,
    );
  }

  /** Rows in order of their keys, without what depends on when closing ran. */
  answers(table?: string): Item[] {
    const answers = this.rows(table).map(({ revision: _revision, final: _final, ...row }) => row);
    const { partitionKey, sortKey = '' } =
      (table === undefined ? undefined : this.tables.get(table)?.description) ??
      this.results.description;
    const place = (row: Item) => JSON.stringify([row[partitionKey], row[sortKey]]);
    return answers.sort((a, b) => (place(a) < place(b) ? -1 : 1));
  }

  get #firstStream(): StreamName {
    return this.job.sources[0]?.stream ?? '';
  }

  #newIngest(): ReturnType<typeof createIngest> {
    const nudge = { send: async (id: string) => void this.nudges.push(id) };
    return createIngest(this.job, { ...this.#ports(), nudge }, this.settings);
  }

  #ports() {
    const { onState, onResults, parents, look } = this.#options;
    const tables = new Map<string, Table>(
      [...this.tables].map(([name, table]) => [
        name,
        onResults ? interceptedTable(table, onResults) : table,
      ]),
    );
    return {
      state: onState ? interceptedTable(this.state, onState) : this.state,
      results: (name: string) => tables.get(name) ?? this.results,
      clock: this.clock,
      shards: {
        parentsOf: async (_: string, shard: string) => parents?.[shard] ?? [],
        rangeOf: async () => WHOLE_RANGE,
      },
      reader: { look: look ?? (async () => 'drained' as const) },
    };
  }
}
