/**
 * `fireTimers` beside many pending timers in sheets, of a status job on several streams: what a run reads must follow from the timers that
 * are due alone.
 */
import { orderReconcile } from '../functions/orderReconcile/job.ts';
import { batchesOf, type Line } from './records.ts';
import { type Row, rowsIn, summarize } from './report.ts';
import { Scene } from './scene.ts';
import { addSpent, type Spent } from './spent.ts';
import { sheetsStored } from './units.ts';

const row = rowsIn('fireTimers, 1,000 timers due');
const START_MS = Date.parse('2026-03-02T10:00:00Z');
const MINUTE_MS = 60_000;
/** So many transactions are paid in a minute, and lack their receipt in another. */
const A_MINUTE = 1_000;
const TIMEOUT_MINUTES = 100;
/** Reads beside ten times as many timers that are not due. */
const EQUAL_WITHIN = 1.02;

/** @param pending counts of timers; the first is what the others are held against */
export async function measureTimers(pending: readonly number[], rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  let least: Firing | undefined;
  for (const timers of pending) {
    const firing = await fireBeside(timers, rounds);
    rows.push(...rowsFor(`${timers.toLocaleString('en')} pending`, firing));
    if (least) {
      const what = `reads, ${timers.toLocaleString('en')} pending / ${pending[0]?.toLocaleString('en')} pending`;
      const note = `equal within ${((EQUAL_WITHIN - 1) * 100).toFixed(0)} %`;
      const ratio = firing.spent.read / least.spent.read;
      rows.push(row(what, ratio, 'ratio', { atMost: EQUAL_WITHIN, note }));
    }
    least ??= firing;
  }
  return rows;
}

/** What a minute's timers took: units of the first minute, times of all. */
interface Firing {
  readonly spent: Spent;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly sheetsRead: number;
  readonly sheets: number;
  readonly idle: Spent;
  readonly times: readonly number[];
}

async function fireBeside(pending: number, rounds: number): Promise<Firing> {
  const scene = new Scene(orderReconcile.build({ payWait: `${TIMEOUT_MINUTES}min` }));
  const deliver = (lines: readonly Line[]) => scene.ingest(lines, { engine: 'cold' });
  const fire = async () => {
    const { report, ms, state, rows } = await scene.fire('schedule', 'cold');
    return { report, ms, spent: addSpent(state, rows) };
  };
  for (const batch of batchesOf(pays(pending), A_MINUTE)) await deliver(batch);
  const sheets = sheetsStored(scene);
  let first: Omit<Firing, 'times'> | undefined;
  const times: number[] = [];
  for (let minute = 0; minute < rounds; minute += 1) {
    const dueMs = START_MS + (TIMEOUT_MINUTES + minute + 1) * MINUTE_MS - 1;
    await deliver([payment(`last-${minute}`, dueMs)]);
    const { batchGet } = scene.meters.rows.byKind;
    const before = batchGet.read;
    const { report, spent, ms } = await fire();
    const rowsRead = batchGet.read - before;
    times.push(ms);
    const { sheetsRead, rowsWritten } = report;
    const idle = (await fire()).spent;
    first ??= { spent, rowsRead, rowsWritten, sheetsRead, sheets, idle };
  }
  if (!first) throw new Error('give at least one round');
  return { ...first, times };
}

function* pays(count: number): Generator<Line> {
  for (let n = 0; n < count; n += 1) {
    yield payment(String(34_729_000 + n), START_MS + Math.floor((n * MINUTE_MS) / A_MINUTE));
  }
}

const payment = (orderId: string, timestamp: number): Line => ({
  stream: 'orders',
  line: JSON.stringify({ orderId, type: 'pay', txId: orderId, timestamp }),
  partitionKey: orderId,
  arrivalMs: timestamp,
});

function rowsFor(what: string, { spent, idle, sheets, times, ...counts }: Firing): Row[] {
  return [
    row(what, counts.sheetsRead, 'sheets read', { note: `of ${sheets}` }),
    row(what, counts.rowsRead, 'rows read', { note: `${counts.rowsWritten} written` }),
    row(what, spent.read, 'RRU'),
    row(what, spent.write, 'WRU'),
    row(what, idle.read, 'RRU of a run with nothing due'),
    row(what, summarize(times, 'less'), 'ms'),
  ];
}
