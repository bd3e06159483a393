/** What a keyed job runs on while it is measured: like `stand.ts`, with all the tables that it writes answers to. */

import { type MemoryTable, memoryTable } from '../shared/adapters/memory/table.ts';
import { meteredTable, type UnitMeter, unitMeter } from '../shared/adapters/meteredTable.ts';
import { type Job, tablesOf } from '../shared/job/job.ts';
import { type Ports, resultTables } from '../shared/ports/ports.ts';
import type { ShardReader } from '../shared/ports/shards.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { stateTable } from '../shared/state/keys.ts';
import {
  addUnits,
  BenchClock,
  createIngest,
  type Ingest,
  OPEN_SHARDS,
  type Units,
  unitsOf,
} from './stand.ts';

export interface KeyedStand {
  readonly job: Job;
  readonly clock: BenchClock;
  readonly ports: Omit<Ports, 'nudge'>;
  readonly stored: MemoryTable;
  /** By logical name. */
  readonly answers: ReadonlyMap<string, MemoryTable>;
  /** Units of the state table. */
  readonly state: UnitMeter;
  /** Units of the tables of answers, indexes excluded. */
  readonly rows: UnitMeter;
}

export function keyedStandFor(job: Job, reader: ShardReader = OPEN_SHARDS.reader): KeyedStand {
  const clock = new BenchClock();
  const state = unitMeter();
  const rows = unitMeter();
  const stored = memoryTable(stateTable('state'));
  const answers = new Map(tablesOf(job).map((table) => [table.name, memoryTable(table)]));
  const metered = new Map([...answers].map(([name, table]) => [name, meteredTable(table, rows)]));
  const ports: Omit<Ports, 'nudge'> = {
    state: meteredTable(stored, state),
    results: resultTables(metered),
    clock,
    shards: OPEN_SHARDS.shards,
    reader,
  };
  return { job, clock, ports, stored, answers, state, rows };
}

/** Of all tables. */
export const spentOn = ({ state, rows }: KeyedStand): Units =>
  addUnits(unitsOf(state), unitsOf(rows));

/** `onNudge` hears of it when a window may close or a timer may be due. */
export function keyedIngest({ job, ports }: KeyedStand, onNudge: () => void = () => {}): Ingest {
  const nudge = { send: async () => onNudge() };
  return createIngest(job, { ...ports, nudge }, DEFAULT_SETTINGS);
}

/** Timer sheets that are stored. */
export function sheetsStored({ stored, job }: KeyedStand): number {
  let sheets = 0;
  for (const { pk } of stored.items()) {
    if (String(pk).startsWith(`${job.id}#timers#`)) sheets += 1;
  }
  return sheets;
}
