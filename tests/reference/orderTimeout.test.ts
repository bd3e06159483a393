/** Orders of the course project, in process: which are paid, and which are not. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../cli/runJob.ts';
import { orderTimeout } from '../../functions/orderTimeout/job.ts';
import { referenceFile } from '../support/referenceFile.ts';
import { answersIn, comparable, readEvents, runAll } from '../support/referenceRuns.ts';

const { path, isThere } = referenceFile('OrderLog.csv');

const QUARTER = 15 * 60_000;
/** 34729 to 34766 without 34756. */
const PAID = Array.from({ length: 38 }, (_, i) => String(34_729 + i)).filter(
  (order) => order !== '34756',
);

describe.skipIf(!isThere)('orders of the reference file', () => {
  let results: readonly RunResult[] = [];
  beforeAll(async () => {
    results = await runAll(orderTimeout.build(), await readEvents({ orders: path }));
  }, 60_000);

  const ordersThatAre = (result: RunResult, status: string) =>
    answersIn(result, 'order-status')
      .filter((row) => row['status'] === status)
      .sort((a, b) => (String(a['orderId']) < String(b['orderId']) ? -1 : 1));

  it('are paid but for three', () => {
    for (const result of results) {
      expect(ordersThatAre(result, 'paid').map(({ orderId }) => orderId)).toEqual(PAID);
      expect(answersIn(result, 'order-status').length).toBe(PAID.length + 3);
    }
  });

  it('are paid late 1,072 s after the create (34767)', () => {
    for (const result of results) {
      const [row, ...others] = ordersThatAre(result, 'paidLate');
      expect(others).toEqual([]);
      const created = Date.parse(String(row?.['createdAt']));
      expect(Date.parse(String(row?.['paidAt'])) - created).toBe(1_072_000);
      const deadline = new Date(created + QUARTER).toISOString();
      expect(row).toMatchObject({ orderId: '34767', deadline, timedOutAt: deadline });
    }
  });

  it('are paid without a create (34768)', () => {
    for (const result of results) {
      expect(ordersThatAre(result, 'paidWithoutCreate')).toEqual([
        {
          orderId: '34768',
          status: 'paidWithoutCreate',
          paidAt: expect.any(String),
          txId: '88snrn932',
        },
      ]);
    }
  });

  it('time out (34756)', () => {
    for (const result of results) {
      const [row, ...others] = ordersThatAre(result, 'timedOut');
      expect(others).toEqual([]);
      expect(row).toMatchObject({ orderId: '34756', timedOutAt: row?.['deadline'] });
      expect(row).not.toHaveProperty('paidAt');
    }
  });

  it('are all accepted, and give the same rows whatever the lanes and the batch size', () => {
    for (const { stats } of results) {
      expect(stats).toMatchObject({ accepted: 78, filtered: 0, late: 0, dead: 0 });
    }
    const [first, ...others] = results.map(comparable);
    for (const rows of others) expect(rows).toEqual(first);
  });
});
