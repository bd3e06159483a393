/** The engine on a stream whose shards a test splits, merges, closes and drains by hand. */
import { type MemoryTable, memoryTable } from '../../shared/adapters/memory/table.ts';
import { type Job, tablesOf } from '../../shared/job/job.ts';
import { type HashRange, WHOLE_RANGE } from '../../shared/model/hashRange.ts';
import type { Lane, ShardId } from '../../shared/model/lane.ts';
import { arrivalTime } from '../../shared/model/time.ts';
import type { ShardRest } from '../../shared/ports/shardReader.ts';
import type { Item, Table } from '../../shared/ports/table.ts';
import { type Closer, createCloser } from '../../shared/runtime/closing/closeWindows.ts';
import {
  createIngest,
  type Ingest,
  type IngestReport,
} from '../../shared/runtime/ingest/ingest.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../../shared/runtime/settings.ts';
import { createTimerFirer, type TimerFirer } from '../../shared/runtime/timers/fireTimers.ts';
import { stateTable } from '../../shared/state/keys.ts';
import { type Commit, readHead, readLog } from '../../shared/state/lane/laneLog.ts';
import type { StoredSideEvent } from '../../shared/state/lane/sideColumns.ts';
import { readSideOutput } from '../../shared/state/lane/sideOutput.ts';
import { type TestClock, testClock } from './clock.ts';
import { type Interception, interceptedTable } from './interceptedTable.ts';
import { type RecordContent, streamRecords } from './records.ts';

export interface ShardsOptions {
  readonly settings?: Partial<EngineSettings>;
  readonly onState?: Interception;
  readonly onResults?: Interception;
}

export class Shards {
  readonly job: Job;
  readonly clock: TestClock = testClock();
  readonly state: MemoryTable = memoryTable(stateTable('state'));
  readonly tables: ReadonlyMap<string, MemoryTable>;
  readonly settings: EngineSettings;
  readonly parents: Record<ShardId, readonly ShardId[]> = {};
  /** What a look into a shard finds; drained where a test does not say. */
  readonly rest: Record<ShardId, ShardRest> = {};
  /** Which hash keys a shard takes; all where a test does not say, none that is known where it says undefined. */
  readonly ranges: Record<ShardId, HashRange | undefined> = {};
  readonly looks: ShardId[] = [];
  readonly nudges: string[] = [];
  readonly #options: ShardsOptions;
  readonly #next: Record<ShardId, number> = {};
  #ingest: Ingest;

  constructor(job: Job, options: ShardsOptions = {}) {
    this.job = job;
    this.#options = options;
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.tables = new Map(tablesOf(job).map((table) => [table.name, memoryTable(table)]));
    this.#ingest = this.newIngest();
  }

  get firer(): TimerFirer {
    return createTimerFirer(this.job, this.ports(), this.settings);
  }

  /** Of a window job. */
  get closer(): Closer {
    const { job, settings } = this;
    if (job.kind !== 'window') throw new Error(`${job.id} has no windows to close`);
    const { state, results, clock } = this.ports();
    return createCloser(job, { state, results: results(job.table.name), clock }, settings);
  }

  newIngest(): Ingest {
    const nudge = { send: async (id: string) => void this.nudges.push(id) };
    return createIngest(this.job, { ...this.ports(), nudge }, this.settings);
  }

  coldStart(): void {
    this.#ingest = this.newIngest();
  }

  /** New records of a shard, that arrive now. */
  async put(shard: ShardId, contents: readonly RecordContent[]): Promise<IngestReport> {
    const first = this.#next[shard] ?? 0;
    const report = await this.deliver(shard, contents, first);
    this.#next[shard] = first + contents.length;
    return report;
  }

  /** Records of a shard by number, again or for the first time. */
  deliver(
    shard: ShardId,
    contents: readonly RecordContent[],
    first = 0,
    ingest: Ingest = this.#ingest,
  ): Promise<IngestReport> {
    const arrival = arrivalTime(this.clock.now());
    const records = streamRecords(contents, { first, arrival }).map((record, n) => ({
      ...record,
      partitionKey: keyOf(contents[n]),
    }));
    return ingest.ingest({ stream: 'signals', shard, records });
  }

  lane(shard: ShardId): Lane {
    return { job: this.job.id, stream: 'signals', shard };
  }

  head(shard: ShardId): Promise<Commit | undefined> {
    return readHead(this.state, this.lane(shard));
  }

  async commits(shard: ShardId): Promise<Commit[]> {
    const commits: Commit[] = [];
    for await (const commit of readLog(this.state, this.lane(shard), 'oldest')) {
      commits.push(commit);
    }
    return commits;
  }

  async side(shard: ShardId): Promise<StoredSideEvent[]> {
    const events: StoredSideEvent[] = [];
    for (const { side } of await this.commits(shard)) {
      if (side) events.push(...(await readSideOutput(this.state, this.lane(shard), side)));
    }
    return events;
  }

  /** Rows of a table in order of their keys, without the engine's own attributes. */
  rows(table: string): Item[] {
    const own = ({ engine: _e, expiresAt: _x, fence: _f, ...row }: Item) => row;
    const rows = [...(this.tables.get(table)?.items() ?? [])].map(own);
    return rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }

  /** State items of one kind: those whose partition key has this in it. */
  items(part: string): Item[] {
    return [...this.state.items()].filter((item) => String(item['pk']).includes(part));
  }

  ports() {
    const { onState, onResults } = this.#options;
    const results = new Map<string, Table>(
      [...this.tables].map(([name, table]) => [
        name,
        onResults ? interceptedTable(table, onResults) : table,
      ]),
    );
    return {
      state: onState ? interceptedTable(this.state, onState) : this.state,
      results: (name: string) => results.get(name) as Table,
      clock: this.clock,
      shards: {
        parentsOf: async (_: string, shard: ShardId) => this.parents[shard] ?? [],
        rangeOf: async (_: string, shard: ShardId) =>
          shard in this.ranges ? this.ranges[shard] : WHOLE_RANGE,
      },
      reader: {
        look: async (_: string, shard: ShardId) => {
          this.looks.push(shard);
          return this.rest[shard] ?? 'drained';
        },
      },
    };
  }
}

/** Signals go by their key. */
const keyOf = (content: RecordContent | undefined): string =>
  typeof content === 'object' && 'key' in content ? String(content.key) : 'none';
