/**
 * The engine over memory tables, a test clock, and shards that a test splits, merges, closes and drains by hand: what a test
 * of the runtime needs to say is then one line.
 */
import { MemoryStream, type ShardRecords } from '../../shared/adapters/memory/stream.ts';
import { type MemoryTable, memoryTable } from '../../shared/adapters/memory/table.ts';
import { createEngine, type Engine } from '../../shared/engine.ts';
import { type Job, tablesOf } from '../../shared/job/job.ts';
import { repartitionStreamOf } from '../../shared/job/repartition.ts';
import { PRIVATE_ATTRIBUTES } from '../../shared/job/tables.ts';
import { type HashRange, WHOLE_RANGE } from '../../shared/model/hashRange.ts';
import type { Lane, ShardId, StreamName } from '../../shared/model/lane.ts';
import { equalRanges } from '../../shared/model/shardRanges.ts';
import { arrivalTime } from '../../shared/model/time.ts';
import { type OwnStreams, type Ports, resultTables } from '../../shared/ports/ports.ts';
import type { RecordSink } from '../../shared/ports/recordSink.ts';
import type { ShardReader, ShardRemainder } from '../../shared/ports/shards.ts';
import type { Item, Table } from '../../shared/ports/table.ts';
import type { BatchRecord } from '../../shared/records/entry.ts';
import type { Ingest, IngestReport } from '../../shared/runtime/ingest/ingest.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../../shared/runtime/settings.ts';
import { decodeKept } from '../../shared/state/keyed/keptColumns.ts';
import { stateTable } from '../../shared/state/keys.ts';
import { readBlob } from '../../shared/state/lane/blob.ts';
import { type Commit, readHead, readLog } from '../../shared/state/lane/laneLog.ts';
import type { StoredSideEvent } from '../../shared/state/lane/sideColumns.ts';
import { readSideOutput } from '../../shared/state/lane/sideOutput.ts';
import { type TestClock, testClock } from './clock.ts';
import { type Interception, interceptedTable } from './interceptedTable.ts';
import { type RecordContent, streamRecords } from './records.ts';

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
  /** Instead of what `rest` says. */
  readonly look?: ShardReader['look'];
  /** The job's own stream, where a test takes its records off itself. By default they are ingested as soon as they are put. */
  readonly own?: OwnStreams;
  /** Before and after each put on it. What it throws kills the function. */
  readonly onForwarded?: (moment: 'before' | 'after') => void;
}

export interface Delivery {
  /** The job's first where it does not say. */
  readonly stream?: StreamName;
  readonly shard?: ShardId;
  readonly remainingMs?: () => number;
  /** By which function, if not by the warm one. */
  readonly by?: Ingest;
}

export const SHARD = 'shardId-000000000000';

export class TestEngine<Built extends Job = Job> {
  readonly job: Built;
  readonly clock: TestClock;
  readonly settings: EngineSettings;
  readonly state: MemoryTable;
  /** The job's result tables; `results` is the first. */
  readonly tables: ReadonlyMap<string, MemoryTable>;
  readonly results: MemoryTable;
  readonly ports: Ports;
  readonly parents: Record<ShardId, readonly ShardId[]>;
  /** What a look into a shard finds; drained where a test does not say. */
  readonly rest: Record<ShardId, ShardRemainder> = {};
  /** Which hash keys a shard takes; all where a test does not say, none that is known where it says undefined. */
  readonly ranges: Record<ShardId, HashRange | undefined> = {};
  readonly looks: ShardId[] = [];
  /** Jobs that asked for a scheduled run. */
  readonly nudges: string[] = [];
  /** What is put on the job's own stream, on one shard, where no test looks after that. */
  readonly #own: MemoryStream;
  /** Taken off it, and not ingested yet. */
  readonly #forwarded: ShardRecords[] = [];
  #ingesting: Promise<void> = Promise.resolve();
  readonly #next: Record<ShardId, number> = {};
  #warm: Required<Engine>;
  #other: Required<Engine> | undefined;

  constructor(job: Built, options: EngineOptions = {}) {
    this.job = job;
    this.parents = { ...options.parents };
    this.clock = options.clock ?? testClock();
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.state = options.state ?? memoryTable(stateTable('state'));
    const [main, ...others] = tablesOf(job).map((table) => memoryTable(table));
    this.results = options.results ?? (main as MemoryTable);
    this.tables = new Map([this.results, ...others].map((each) => [each.description.name, each]));
    this.#own = new MemoryStream(repartitionStreamOf(job) ?? '', equalRanges(1), this.clock);
    this.ports = this.#portsWith(options);
    this.#warm = this.cold;
  }

  /** Functions with nothing in their caches. */
  get cold(): Required<Engine> {
    return this.coldWith({});
  }

  coldWith(ports: Partial<Ports>): Required<Engine> {
    const refuse = () => Promise.reject(new Error(`${this.job.id} has no such function`));
    const engine = createEngine(this.job, { ...this.ports, ...ports }, this.settings);
    return { close: refuse, fire: refuse, ...engine };
  }

  /** Forgets what the warm functions knew. */
  coldStart(): void {
    this.#warm = this.cold;
  }

  /** Other functions take over, as warm as they were left: they do not know what happened since. */
  swapFunctions(): void {
    [this.#warm, this.#other] = [this.#other ?? this.cold, this.#warm];
  }

  get close(): Required<Engine>['close'] {
    return this.#warm.close;
  }

  get fire(): Required<Engine>['fire'] {
    return this.#warm.fire;
  }

  /** What a finite input's end does: nothing is left open. */
  async finish(): Promise<void> {
    const { fire, close } = createEngine(this.job, this.ports, this.settings);
    await this.#ingestForwarded();
    await fire?.('endOfInput');
    await close?.('endOfInput');
  }

  async ingest(records: readonly BatchRecord[], delivery: Delivery = {}): Promise<IngestReport> {
    const { stream = this.#firstStream, shard = SHARD, remainingMs, by } = delivery;
    const ingest = by ?? this.#warm.ingest;
    const batch = { stream, shard, records, ...(remainingMs ? { remainingMs } : {}) };
    const report = await ingest(batch);
    await this.#ingestForwarded();
    return report;
  }

  /** One after the other, as Lambda does with the batches of a shard. */
  #ingestForwarded(): Promise<void> {
    const done = this.#ingesting.then(() => this.#ingestOwn());
    this.#ingesting = done.catch(() => undefined);
    return done;
  }

  async #ingestOwn(): Promise<void> {
    this.#forwarded.push(...this.#own.take());
    for (let [batch] = this.#forwarded; batch; [batch] = this.#forwarded) {
      await this.#warm.ingest(batch);
      this.#forwarded.shift();
    }
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
    by?: Ingest,
  ): Promise<IngestReport> {
    const arrival = arrivalTime(this.clock.now());
    const records = streamRecords(contents, { first, arrival }).map((record, n) => ({
      ...record,
      partitionKey: keyOf(contents[n]),
    }));
    return this.ingest(records, { shard, ...(by ? { by } : {}) });
  }

  /** Events of one of the job's streams, that arrive now. */
  deliverOn(stream: StreamName, contents: readonly RecordContent[]): Promise<IngestReport> {
    const arrival = arrivalTime(this.clock.now());
    return this.ingest(streamRecords(contents, { arrival }), { stream });
  }

  lane(shard: ShardId = SHARD, stream: StreamName = this.#firstStream): Lane {
    return { job: this.job.id, stream, shard };
  }

  head(shard?: ShardId): Promise<Commit | undefined> {
    return readHead(this.state, this.lane(shard));
  }

  async commits(shard?: ShardId, stream?: StreamName): Promise<Commit[]> {
    const commits: Commit[] = [];
    for await (const commit of readLog(this.state, this.lane(shard, stream), 'oldest')) {
      commits.push(commit);
    }
    return commits;
  }

  /** The keys whose states a commit changes, in order. */
  async changedKeys(shard: ShardId, { changes }: Commit): Promise<string[]> {
    if (!changes) return [];
    const stored = await readBlob(this.state, this.lane(shard), changes);
    return [...decodeKept(stored)].map(([key]) => key).sort();
  }

  async side(shard?: ShardId, stream?: StreamName): Promise<StoredSideEvent[]> {
    const events: StoredSideEvent[] = [];
    for (const { side } of await this.commits(shard, stream)) {
      if (side) events.push(...(await readSideOutput(this.state, this.lane(shard, stream), side)));
    }
    return events;
  }

  /** Rows of a table, the first one unless it is named, in order of their keys, without the engine's own attributes. */
  rows(table: string = this.results.description.name): Item[] {
    const rows = this.#tableNamed(table);
    const { partitionKey, sortKey = '' } = rows.description;
    const place = (row: Item) => JSON.stringify([row[partitionKey], row[sortKey]]);
    return [...rows.items()]
      .map((row) =>
        Object.fromEntries(
          Object.entries(row).filter(([name]) => !PRIVATE_ATTRIBUTES.includes(name)),
        ),
      )
      .sort((a, b) => (place(a) < place(b) ? -1 : 1));
  }

  /** Rows without what depends on when closing ran. */
  answers(table?: string): Item[] {
    return this.rows(table).map(({ revision: _revision, final: _final, ...row }) => row);
  }

  /** State items of one kind: those whose partition key has this in it. */
  items(part: string): Item[] {
    return [...this.state.items()].filter((item) => String(item['pk']).includes(part));
  }

  get #firstStream(): StreamName {
    return this.job.sources[0]?.stream ?? '';
  }

  #tableNamed(name: string): MemoryTable {
    const table = this.tables.get(name);
    if (table) return table;
    throw new Error(`${this.job.id} has no table ${name}`);
  }

  #portsWith({ onState, onResults, look, own, onForwarded }: EngineOptions): Ports {
    const seen = (table: Table) => (onResults ? interceptedTable(table, onResults) : table);
    const tables = new Map([...this.tables].map(([name, table]) => [name, seen(table)]));
    return {
      state: onState ? interceptedTable(this.state, onState) : this.state,
      results: resultTables(tables),
      clock: this.clock,
      shards: {
        shardsOf: async () =>
          Object.keys(this.ranges).map((shard) => ({ shard, parents: this.parents[shard] ?? [] })),
        parentsOf: async (_, shard) => this.parents[shard] ?? [],
        childrenOf: async (_, shard) =>
          Object.entries(this.parents).flatMap(([child, parents]) =>
            parents.includes(shard) ? [child] : [],
          ),
        rangeOf: async (_, shard) => (shard in this.ranges ? this.ranges[shard] : WHOLE_RANGE),
      },
      reader: {
        look: async (stream, shard, after) => {
          this.looks.push(shard);
          return look ? look(stream, shard, after) : (this.rest[shard] ?? 'drained');
        },
      },
      streams: own ?? { sinkOf: () => watched(this.#own, onForwarded) },
      nudge: { send: async (job) => void this.nudges.push(job) },
    };
  }
}

function watched(stream: MemoryStream, onPut: EngineOptions['onForwarded']): RecordSink {
  return {
    listShards: () => stream.listShards(),
    async putRecords(records) {
      onPut?.('before');
      const outcomes = await stream.putRecords(records);
      onPut?.('after');
      return outcomes;
    },
  };
}

/** Signals go by their key. */
const keyOf = (content: RecordContent | undefined): string =>
  typeof content === 'object' && 'key' in content ? String(content.key) : 'none';
