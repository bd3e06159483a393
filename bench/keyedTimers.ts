/** `fireTimers` beside many pending timers: what a run reads must follow from the timers that are due alone. */

import { orderTimeout } from '../functions/orderTimeout/job.ts';
import { shardIdOf } from '../shared/model/shardRanges.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import type { KeyedLine } from './keyedEvents.ts';
import {
  type KeyedStand,
  keyedIngest,
  keyedStandFor,
  sheetsStored,
  spentOn,
} from './keyedStand.ts';
import { batchesOf, PACKED, recordsOfLines } from './records.ts';
import { type Row, summarize } from './report.ts';
import type { Units } from './stand.ts';
import { createTimerFirer } from './stand.ts';

const SECTION = 'fireTimers, 1,000 timers due';
const STREAM = 'orders';
const START_MS = Date.parse('2026-03-02T10:00:00Z');
const MINUTE_MS = 60_000;
/** So many orders are created in a minute, and time out in another. */
const A_MINUTE = 1_000;
const TIMEOUT_MINUTES = 100;
/** Reads beside ten times as many timers that are not due. */
const EQUAL_WITHIN = 1.02;

export interface PendingTimers {
  /** The first beside which the others are compared. */
  readonly pending: readonly number[];
  readonly rounds: number;
}

export async function measureTimers({ pending, rounds }: PendingTimers): Promise<Row[]> {
  const rows: Row[] = [];
  let least: Firing | undefined;
  for (const timers of pending) {
    const firing = await fireBeside(timers, rounds);
    rows.push(...rowsFor(timers, firing));
    if (least) {
      rows.push({
        section: SECTION,
        what: `reads, ${timers.toLocaleString('en')} pending / ${pending[0]?.toLocaleString('en')} pending`,
        measured: firing.units.read / least.units.read,
        unit: 'ratio',
        budget: { atMost: EQUAL_WITHIN },
        note: `equal within ${((EQUAL_WITHIN - 1) * 100).toFixed(0)} %`,
      });
    }
    least ??= firing;
  }
  return rows;
}

/** What a minute's timers took: units of the first minute, times of all. */
interface Firing {
  readonly units: Units;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly sheetsRead: number;
  readonly sheetsStored: number;
  readonly idle: Units;
  readonly times: readonly number[];
}

async function fireBeside(pending: number, rounds: number): Promise<Firing> {
  const stand = keyedStandFor(orderTimeout.build({ timeout: `${TIMEOUT_MINUTES}min` }));
  for (const batch of batchesOf(creates(pending), A_MINUTE)) await deliver(stand, batch);
  const stored = sheetsStored(stand);
  let first: Omit<Firing, 'times'> | undefined;
  const times: number[] = [];
  for (let minute = 0; minute < rounds; minute += 1) {
    const dueMs = START_MS + (TIMEOUT_MINUTES + minute + 1) * MINUTE_MS - 1;
    await deliver(stand, [creation(`last-${minute}`, dueMs)]);
    const rowsBefore = stand.rows.byKind.batchGet.read;
    const { report, units, ms } = await fire(stand);
    const rowsRead = stand.rows.byKind.batchGet.read - rowsBefore;
    times.push(ms);
    const { sheetsRead, rowsWritten } = report;
    const idle = (await fire(stand)).units;
    first ??= { units, rowsRead, rowsWritten, sheetsRead, sheetsStored: stored, idle };
  }
  if (!first) throw new Error('give at least one round');
  return { ...first, times };
}

/** A cold run. */
async function fire(stand: KeyedStand) {
  const before = spentOn(stand);
  const start = performance.now();
  const report = await createTimerFirer(stand.job, stand.ports, DEFAULT_SETTINGS).run('schedule');
  const ms = performance.now() - start;
  const { read, write } = spentOn(stand);
  return { report, ms, units: { read: read - before.read, write: write - before.write } };
}

async function deliver(stand: KeyedStand, batch: readonly KeyedLine[]): Promise<void> {
  stand.clock.moveTo(batch.at(-1)?.arrivalMs ?? 0);
  const records = recordsOfLines(batch, PACKED);
  await keyedIngest(stand).ingest({ stream: STREAM, shard: shardIdOf(0), records });
}

function* creates(count: number): Generator<KeyedLine> {
  for (let n = 0; n < count; n += 1) {
    yield creation(String(34_729_000 + n), START_MS + Math.floor((n * MINUTE_MS) / A_MINUTE));
  }
}

const creation = (orderId: string, timestamp: number): KeyedLine => ({
  stream: STREAM,
  line: JSON.stringify({ orderId, type: 'create', timestamp }),
  partitionKey: orderId,
  arrivalMs: timestamp,
});

function rowsFor(pending: number, firing: Firing): Row[] {
  const common = { section: SECTION, what: `${pending.toLocaleString('en')} pending` };
  const { median, best } = summarize(firing.times, 'less');
  const { units, idle, sheetsRead, sheetsStored: stored, rowsWritten } = firing;
  return [
    { ...common, measured: sheetsRead, unit: 'sheets read', note: `of ${stored}` },
    { ...common, measured: firing.rowsRead, unit: 'rows read', note: `${rowsWritten} written` },
    { ...common, measured: units.read, unit: 'RRU' },
    { ...common, measured: units.write, unit: 'WRU' },
    { ...common, measured: idle.read, unit: 'RRU of a run with nothing due' },
    { ...common, measured: median, best, unit: 'ms' },
  ];
}
