/**
 * A job's engine on memory ports, with a clock that the benchmark moves and a meter on every table: each invocation says what
 * it spent. When invocations come is not its business, but that of `deployment.ts` or of a section.
 */
import { type MemoryPorts, memoryPorts } from '../shared/adapters/memory/memoryPorts.ts';
import type { ShardRecords } from '../shared/adapters/memory/stream.ts';
import { meteredTable, type UnitMeter, unitMeter } from '../shared/adapters/meteredTable.ts';
import { createEngine, type Engine } from '../shared/engine.ts';
import type { Job } from '../shared/job/job.ts';
import type { ShardId } from '../shared/model/lane.ts';
import { equalRanges, shardIdOf } from '../shared/model/shardRanges.ts';
import { type ProcessingTime, processingTime } from '../shared/model/time.ts';
import type { Clock, Ports } from '../shared/ports/ports.ts';
import type { Item, Table } from '../shared/ports/table.ts';
import type { CloseReport } from '../shared/runtime/closing/closeWindows.ts';
import type { IngestReport } from '../shared/runtime/ingest/ingest.ts';
import type { RunTrigger, ScheduledRun } from '../shared/runtime/scheduledRun.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../shared/runtime/settings.ts';
import type { FireReport } from '../shared/runtime/timers/fireTimers.ts';
import { withIndexes } from './indexedTable.ts';
import { type Line, PACKED, packer } from './records.ts';
import { type Spent, spentBetween } from './spent.ts';

export class BenchClock implements Clock {
  #now = processingTime(0);
  now(): ProcessingTime {
    return this.#now;
  }
  moveTo(ms: number): void {
    this.#now = processingTime(ms);
  }
}

/** 'cold': a new engine, as in a new process, which has to read everything again. */
export type Temperature = 'cold' | 'warm';

export interface Invocation<Report> {
  readonly report: Report;
  readonly ms: number;
  readonly state: Spent;
  /** On the tables of answers, with their indexes. */
  readonly rows: Spent;
}

export interface SceneOptions {
  readonly settings?: EngineSettings;
  readonly clock?: BenchClock;
  /** What the engine sees of a metered table. */
  readonly seen?: (table: Table) => Table;
  readonly ports?: Partial<Pick<Ports, 'shards' | 'reader'>>;
  /** Shards of the job's own stream, if it has one. */
  readonly ownShards?: number;
  /** How lines become records. */
  readonly recordsOf?: ReturnType<typeof packer>;
}

export interface Delivery {
  readonly engine?: Temperature;
  readonly shard?: ShardId;
  readonly linesEach?: number;
  readonly nowMs?: number;
}

export class Scene {
  readonly job: Job;
  readonly clock: BenchClock;
  readonly ports: MemoryPorts;
  readonly meters: { readonly state: UnitMeter; readonly rows: UnitMeter };
  readonly #settings: EngineSettings;
  readonly #recordsOf: ReturnType<typeof packer>;
  readonly #warm: Engine;
  #isNudged = false;

  constructor(job: Job, options: SceneOptions = {}) {
    const {
      settings = DEFAULT_SETTINGS,
      clock = new BenchClock(),
      seen = (table) => table,
      recordsOf = packer(),
      ownShards = 1,
    } = options;
    this.#recordsOf = recordsOf;
    this.job = job;
    this.clock = clock;
    this.meters = { state: unitMeter(), rows: unitMeter() };
    this.#settings = settings;
    const ports = memoryPorts(job, {
      clock,
      ownRanges: equalRanges(ownShards),
      state: (table) => seen(meteredTable(table, this.meters.state)),
      results: (table) =>
        seen(withIndexes(meteredTable(table, this.meters.rows), this.meters.rows)),
      nudge: async () => {
        this.#isNudged = true;
      },
    });
    this.ports = { ...ports, ...options.ports };
    this.#warm = this.#engine('cold');
  }

  /** Lines of one stream as one batch of one shard; by default warm, in packed records, when the last line arrives. */
  ingest(lines: readonly Line[], delivery: Delivery = {}): Promise<Invocation<IngestReport>> {
    const { engine = 'warm', shard = shardIdOf(0), linesEach = PACKED } = delivery;
    const { stream, arrivalMs } = lines.at(-1) as Line;
    this.clock.moveTo(delivery.nowMs ?? arrivalMs);
    const records = this.#recordsOf(lines, linesEach);
    return this.#measure(() => this.#engine(engine).ingest({ stream, shard, records }));
  }

  /** What the job put on its own stream since it was last asked. */
  takeForwarded(): ShardRecords[] {
    return this.ports.stored.own?.take() ?? [];
  }

  ingestForwarded(
    batch: ShardRecords,
    { engine = 'warm', nowMs }: Delivery & { readonly nowMs: number },
  ): Promise<Invocation<IngestReport>> {
    this.clock.moveTo(nowMs);
    return this.#measure(() => this.#engine(engine).ingest(batch));
  }

  close(
    trigger: RunTrigger,
    engine: Temperature,
    hasTime?: () => boolean,
  ): Promise<Invocation<CloseReport>> {
    return this.#measure(() => this.#run(this.#engine(engine).close)(trigger, hasTime));
  }

  fire(
    trigger: RunTrigger,
    engine: Temperature,
    hasTime?: () => boolean,
  ): Promise<Invocation<FireReport>> {
    return this.#measure(() => this.#run(this.#engine(engine).fire)(trigger, hasTime));
  }

  /** Whether something may be due that was not before the last time of asking. */
  takeNudge(): boolean {
    const isNudged = this.#isNudged;
    this.#isNudged = false;
    return isNudged;
  }

  *answers(): Generator<Item> {
    for (const table of this.ports.stored.results.values()) yield* table.items();
  }

  #engine(temperature: Temperature): Engine {
    if (temperature === 'warm') return this.#warm;
    return createEngine(this.job, this.ports, this.#settings);
  }

  #run<Report>(run: ScheduledRun<Report> | undefined): ScheduledRun<Report> {
    if (run) return run;
    throw new Error(`${this.job.id} has nothing that such a run would do`);
  }

  async #measure<Report>(work: () => Promise<Report>): Promise<Invocation<Report>> {
    const { state, rows } = this.meters;
    const before = [{ ...state }, { ...rows }] as const;
    const start = performance.now();
    const report = await work();
    const ms = performance.now() - start;
    return {
      report,
      ms,
      state: spentBetween(before[0], state),
      rows: { ...spentBetween(before[1], rows), invocations: 0 },
    };
  }
}
