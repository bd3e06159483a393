/** What a job runs on while it is measured: metered tables in memory, a clock that the benchmark moves. */

import { type MemoryTable, memoryTable } from '../shared/adapters/memory/table.ts';
import { meteredTable, type UnitMeter, unitMeter } from '../shared/adapters/meteredTable.ts';
import { createEngine } from '../shared/engine.ts';
import type { Job, JobFamily } from '../shared/job/job.ts';
import type { WindowJob } from '../shared/job/windowJob.ts';
import { WHOLE_RANGE } from '../shared/model/hashRange.ts';
import { type ProcessingTime, processingTime } from '../shared/model/time.ts';
import { type Clock, NO_NUDGE, type Ports, resultTables } from '../shared/ports/ports.ts';
import type { Table } from '../shared/ports/table.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../shared/runtime/settings.ts';
import { stateTable } from '../shared/state/keys.ts';
import { resultTable } from '../shared/state/results.ts';

export interface Units {
  readonly read: number;
  readonly write: number;
}

export const unitsOf = ({ read, write }: UnitMeter): Units => ({ read, write });
export const unitsSince = (meter: UnitMeter, before: Units): Units => ({
  read: meter.read - before.read,
  write: meter.write - before.write,
});
export const addUnits = (a: Units, b: Units): Units => ({
  read: a.read + b.read,
  write: a.write + b.write,
});
export const perThousand = ({ write, read }: Units, thousands: number): string =>
  `${(write / thousands).toFixed(2)} WRU ${(read / thousands).toFixed(2)} RRU`;
export const NO_UNITS: Units = { read: 0, write: 0 };

export class BenchClock implements Clock {
  #now = processingTime(0);
  now(): ProcessingTime {
    return this.#now;
  }
  moveTo(ms: number): void {
    this.#now = processingTime(ms);
  }
}

export interface Stand {
  readonly job: WindowJob;
  readonly clock: BenchClock;
  readonly stored: MemoryTable;
  readonly state: Table;
  readonly results: Table;
  readonly rows: MemoryTable;
  /** Units of the state table. */
  readonly meter: UnitMeter;
  /** Units of the result table: the rows' own size. */
  readonly rowMeter: UnitMeter;
}

export function standFor(job: WindowJob, clock = new BenchClock()): Stand {
  const meter = unitMeter();
  const rowMeter = unitMeter();
  const stored = memoryTable(stateTable('state'));
  const rows = memoryTable(resultTable(job.table, job.table.name));
  return {
    job,
    clock,
    stored,
    state: meteredTable(stored, meter),
    results: meteredTable(rows, rowMeter),
    rows,
    meter,
    rowMeter,
  };
}

/** Shards that were there from the start, stay open and are always read to their end. */
export const OPEN_SHARDS: Pick<Ports, 'shards' | 'reader'> = {
  shards: { parentsOf: async () => [], rangeOf: async () => WHOLE_RANGE },
  reader: { look: async () => 'drained' },
};

/** The ingest function of a job without a gate over a state table; `onNudge` hears of it when a window may close. */
export function ingestInto(
  { job, clock }: Pick<Stand, 'job' | 'clock'>,
  state: Table,
  onNudge: () => void = () => {},
): Ingest {
  return createIngest(
    job,
    {
      state,
      results: resultTables(new Map()),
      clock,
      ...OPEN_SHARDS,
      nudge: { send: async () => onNudge() },
    },
    DEFAULT_SETTINGS,
  );
}

/** One log for several tables: what is put into the first is put into the others as well. */
export function mirrored(first: Table, others: readonly Table[]): Table {
  return {
    description: first.description,
    get: (key, consistency) => first.get(key, consistency),
    query: (request) => first.query(request),
    batchGet: (keys, consistency) => first.batchGet(keys, consistency),
    update: (key, set, condition) => first.update(key, set, condition),
    async put(item, condition) {
      for (const table of others) await table.put(item, condition);
      return first.put(item, condition);
    },
    async batchPut(items) {
      for (const table of [first, ...others]) await table.batchPut(items);
    },
    async batchRemove(keys) {
      for (const table of [first, ...others]) await table.batchRemove(keys);
    },
  };
}

/** A job of a family with its defaults, or with these parameters. */
export const jobOf = <Built extends Job>(
  family: JobFamily<Built>,
  texts?: Readonly<Record<string, string>>,
): Built => family.build(texts);

type Parts = Omit<Ports, 'nudge'>;

export interface Ingest {
  ingest: ReturnType<typeof createEngine>['ingest'];
}
export interface Closer {
  run: NonNullable<ReturnType<typeof createEngine>['close']>;
}

export const createIngest = (job: Job, ports: Ports, settings: EngineSettings): Ingest => ({
  ingest: createEngine(job, ports, settings).ingest,
});

export function createCloser(
  job: WindowJob,
  { results, ...ports }: Pick<Ports, 'state' | 'clock'> & { results: Table },
  settings: EngineSettings,
): Closer {
  const all = { ...OPEN_SHARDS, ...ports, results: () => results, nudge: NO_NUDGE };
  const { close } = createEngine(job, all, settings);
  if (!close) throw new Error(`${job.id} has no windows`);
  return { run: close };
}

export function createTimerFirer(job: Job, ports: Parts, settings: EngineSettings) {
  const { fire } = createEngine(job, { ...ports, nudge: NO_NUDGE }, settings);
  if (!fire) throw new Error(`${job.id} has no timers`);
  return { run: fire };
}
