/**
 * What reconciliation spends through its repartition stream at low and high rates, where a batch is what a mapping gathers in its window: with
 * commits that are there whatever is in them, runs of the schedule and what they tell of the frontier. One shard a stream. The traffic is that of shops,
 * and below the rate of one, that of a part of its keys.
 */
import { orderReconcile } from '../functions/orderReconcile/job.ts';
import type { JobFamily } from '../shared/index.ts';
import { HASH_KEYS, hashKeyOf } from '../shared/model/hashRange.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { measure } from './cost/measure.ts';
import { planOf } from './cost/plans.ts';
import { ofProblems } from './cost/system.ts';
import { SHOP_RATE } from './cost/traffic.ts';
import { type Line, PACKED } from './records.ts';
import { type Row, rowsIn } from './report.ts';
import { addSpent } from './spent.ts';

const row = rowsIn('repartitioned, rows of problems, units per 1,000 events without rows');

/** Of a mapping, in records. */
const BATCH_SIZE = 10_000;

/** @param rates events a second of `orders`; of `receipts` come half as many */
export async function measureHopFloors(
  rates: readonly number[],
  windowsSeconds: readonly number[],
): Promise<Row[]> {
  const family = ofProblems(orderReconcile as unknown as JobFamily);
  const rows: Row[] = [];
  for (const rate of rates) {
    for (const windowSeconds of windowsSeconds) {
      const usage = await measure({
        family,
        rate,
        shardsOf: () => 1,
        batching: { windowMs: windowSeconds * 1_000, lines: BATCH_SIZE * PACKED },
        settings: DEFAULT_SETTINGS,
        plan: { ...planOf(family), rateMax: rate, warmUpRateMax: rate, lanes: 'all' },
        keeps: partOf(rate / SHOP_RATE),
        idle: 'leftOut',
      });
      const thousands = usage.events / 1_000;
      const { write, read } = addSpent(...usage.spent.values());
      const what = `${rate} events/s, windows of ${windowSeconds} s`;
      const rowsToo = `${(write / thousands).toFixed(1)} with rows and index`;
      rows.push(
        row(what, (write - usage.answerWrites) / thousands, 'WRU', { note: rowsToo }),
        row(what, read / thousands, 'RRU', { note: 'scheduled runs cold' }),
      );
    }
  }
  return rows;
}

/** A part of the transactions, and of the orders that have none yet. */
const partOf =
  (share: number) =>
  ({ line, partitionKey }: Line): boolean =>
    share >= 1 || placeOf(/"txId":"([^"]*)"/.exec(line)?.[1] ?? partitionKey) < share;

/** Where a key lies among all, from 0 to 1. */
const placeOf = (key: string): number => Number(hashKeyOf(key)) / Number(HASH_KEYS);
