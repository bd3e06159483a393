/**
 * Very many orders that fall due while their shard is silent: runs of `fireTimers`, each in a process that has to restore the lane, until
 * none is left.
 */
import { orderTimeout } from '../functions/orderTimeout/job.ts';
import { createOf } from './manyStates.ts';
import { batchesOf, type Line } from './records.ts';
import { type Row, rowsIn } from './report.ts';
import { Scene } from './scene.ts';
import { addSpent, NOTHING } from './spent.ts';

const row = rowsIn('fireTimers, orders that are due at once');
const START_MS = Date.parse('2026-03-02T10:00:00Z');
const WITHIN_MS = 60_000;
const SILENT_MS = 30 * 60_000;
const BATCH = 9_000;
/** What a run has on Lambda before it leaves the rest to the next one. */
const RUN_MS = 40_000;
const RUN_MS_MAX = 60_000;
const RUNS_MAX = 100;

/** @param orders that were created within a minute and are never paid */
export async function measureManyDue(orders: number): Promise<Row[]> {
  const scene = new Scene(orderTimeout.build({ rows: 'problems' }));
  for (const batch of batchesOf(creates(orders), BATCH)) await scene.ingest(batch);
  const times: number[] = [];
  let spent = NOTHING;
  let commits = 0;
  for (let hasMore = true; hasMore && times.length < RUNS_MAX; ) {
    scene.clock.moveTo(START_MS + SILENT_MS + times.length * RUN_MS_MAX);
    const until = performance.now() + RUN_MS;
    const { report, ms, state, rows } = await scene.fire(
      'schedule',
      'cold',
      () => performance.now() < until,
    );
    times.push(ms);
    spent = addSpent(spent, state, rows);
    commits += report.lanesAdvanced;
    ({ hasMore } = report);
  }
  const name = `${orders.toLocaleString('en')} orders`;
  const timedOut = [...scene.answers()].filter(({ status }) => status === 'timedOut').length;
  return [
    row(name, timedOut, 'rows of problems', { atLeast: orders }),
    row(name, times.length, 'runs', { atMost: RUNS_MAX }),
    row(name, commits, 'commits'),
    row(name, Math.max(...times) / 1_000, 's, the longest run', { atMost: RUN_MS_MAX / 1_000 }),
    row(name, spent.write / orders, 'WRU an order, rows and index included'),
    row(name, spent.read, 'RRU, of all runs'),
  ];
}

function* creates(orders: number): Generator<Line> {
  for (let n = 0; n < orders; n += 1) {
    yield createOf(n, START_MS + Math.floor((n * WITHIN_MS) / orders));
  }
}
