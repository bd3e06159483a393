/** Payments and receipts of the course project, in process: the join on their transactions. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../cli/runJob.ts';
import { orderReconcile } from '../../functions/orderReconcile/job.ts';
import { referenceFile } from '../support/referenceFile.ts';
import { answersIn, comparable, readEvents, runAll } from '../support/referenceRuns.ts';

const orders = referenceFile('OrderLog.csv');
const receipts = referenceFile('ReceiptLog.csv');

describe.skipIf(!(orders.isThere && receipts.isThere))('payments of the reference files', () => {
  let results: readonly RunResult[] = [];
  beforeAll(async () => {
    const events = await readEvents({ orders: orders.path, receipts: receipts.path });
    results = await runAll(orderReconcile.build(), events);
  }, 60_000);

  /** Rows of a status, by order and transaction. */
  const rowsThatAre = (result: RunResult, status: string) =>
    answersIn(result, 'reconciliation')
      .filter((row) => row['status'] === status)
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const nameOf = (row: Record<string, unknown>): string => `${row['orderId']} ${row['txId']}`;

  it('match but for two, and three receipts', () => {
    for (const result of results) {
      expect(rowsThatAre(result, 'matched').length).toBe(37);
      expect(rowsThatAre(result, 'unmatchedPay').map(nameOf)).toEqual([
        '34731 35jue34we',
        '34768 88snrn932',
      ]);
      const unmatched = rowsThatAre(result, 'unmatchedReceipt').map(({ txId }) => txId);
      expect(unmatched.sort()).toEqual(['8fdsfae83', '9032n4fd2', 'ewr342as4']);
      expect(answersIn(result, 'reconciliation').length).toBe(42);
    }
  });

  it('match on time where the interval join alone finds them', () => {
    for (const result of results) {
      const onTime = rowsThatAre(result, 'matched').filter((row) => row['onTime'] === true);
      expect(onTime.map(({ orderId, deltaMs }) => [orderId, deltaMs])).toEqual([
        ['34729', 3_000],
        ['34730', 3_000],
        ['34746', -3_000],
        ['34747', 0],
      ]);
    }
  });

  it('are all accounted for, whatever the lanes and the batch size', () => {
    for (const { stats } of results) {
      // 39 pays and 40 receipts; creates are filtered.
      expect(stats).toMatchObject({ accepted: 79, filtered: 39, late: 0, dead: 0 });
    }
    const [first, ...others] = results.map(comparable);
    for (const rows of others) expect(rows).toEqual(first);
  });
});
