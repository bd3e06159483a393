/** Order time-out written as a pattern: the example of docs/patterns.md. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runJob } from '../../cli/runJob.ts';
import { type Job, minutes, seconds } from '../../shared/index.ts';
import { orderTimeoutPattern } from '../support/orderTimeoutPattern.ts';
import { referenceFile } from '../support/referenceFile.ts';
import { answersIn, comparable, readEvents, runAll } from '../support/referenceRuns.ts';
import {
  BATCH_SIZES,
  crash,
  fire,
  play,
  redeliver,
  type ScenarioStep,
  silence,
} from '../support/scenario.ts';

const JOB = orderTimeoutPattern as unknown as Job;

const textOf = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('is the code that the document shows', () => {
  const [, shown = ''] = /```ts\n([\s\S]*?)```/.exec(textOf('docs/patterns.md')) ?? [];
  const [, ...code] = textOf('tests/support/orderTimeoutPattern.ts').split('\n');
  expect(code.join('\n').replaceAll("'../../", "'../")).toBe(shown);
});

const at = (clock: string): number => Date.parse(`2017-11-25T${clock}Z`);
const created = (clock: string, orderId = 'o1') => ({
  orderId,
  type: 'create',
  timestamp: at(clock),
});
const paid = (clock: string, orderId = 'o1') => ({
  orderId,
  type: 'pay',
  txId: `t${orderId}`,
  timestamp: at(clock),
});

const STEPS: readonly ScenarioStep[] = [
  created('09:00:00', 'paid'),
  created('09:00:01', 'never'),
  created('09:00:02', 'at the deadline'),
  paid('09:00:03', 'alone'),
  paid('09:14:59.999', 'paid'),
  created('09:15:00', 'just in time'),
  paid('09:15:02', 'at the deadline'),
  paid('09:29:59.999', 'just in time'),
];

async function found(steps: readonly ScenarioStep[], batchSize: number | 'all') {
  const { engine, surprises } = await play(JOB, steps, batchSize);
  expect(surprises).toEqual([]);
  const shown = (table: string, time: string) =>
    engine.answers(table).map((row) => `${row['orderId']} ${String(row[time]).slice(11, 23)}`);
  return {
    paid: shown('paid-orders', 'paidAt'),
    timedOut: shown('timed-out-orders', 'timedOutAt'),
  };
}

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each([
    ['as they come', STEPS],
    ['with a redelivery', [...STEPS, redeliver(8)]],
    ['with fireTimers in between', STEPS.flatMap((each) => [each, fire()])],
    ['killed after alerts', [...STEPS.slice(0, 5), crash('after', 'alerts'), ...STEPS.slice(5)]],
  ] as [string, ScenarioStep[]][])(
    'tells paid orders from those that timed out, %s',
    async (_, steps) => {
      expect(await found(steps, batchSize)).toEqual({
        paid: ['just in time 09:29:59.999', 'paid 09:14:59.999'],
        timedOut: ['at the deadline 09:15:02.000', 'never 09:15:01.000'],
      });
    },
  );
});

describe('a time-out', () => {
  const timedOut = async (...steps: ScenarioStep[]) => {
    const { engine } = await play(JOB, [created('09:00:00'), ...steps], 1, { atEnd: 'leaveOpen' });
    return engine.answers('timed-out-orders').length;
  };

  it.each([
    ['just before', '09:15:09.999', 0],
    ['at', '09:15:10', 1],
    ['after', '09:15:10.001', 1],
  ])('comes with an event that brings the watermark %s the deadline', async (_, clock, rows) => {
    // The watermark trails by 10 s.
    expect(await timedOut(created(clock, 'o2'))).toBe(rows);
  });

  it('waits on a silent lane for its next event, whatever the clock says', async () => {
    const silent = [silence(minutes(120)), fire(), fire()];
    expect(await timedOut(...silent)).toBe(0);
    expect(await timedOut(...silent, created('09:30:00', 'o2'))).toBe(1);
  });
});

const { path, isThere } = referenceFile('OrderLog.csv');

it.skipIf(!isThere)(
  'finds 37 paid orders in the reference file, and two that time out',
  async () => {
    const results = await runAll(JOB, await readEvents({ orders: path }));
    for (const result of results) {
      expect(answersIn(result, 'paid-orders').length).toBe(37);
      const late = answersIn(result, 'timed-out-orders').map(({ orderId }) => orderId);
      expect(late.sort()).toEqual(['34756', '34767']);
      expect(result.stats).toMatchObject({ accepted: 78, late: 0, dead: 0 });
    }
    const [first, ...others] = results.map(comparable);
    for (const rows of others) expect(rows).toEqual(first);
  },
);

it.skipIf(!isThere)(
  'takes a payment for late where it is not told to wait, unlike the status job',
  async () => {
    const job = { ...JOB, maxOutOfOrderness: seconds(0) };
    const events = await readEvents({ orders: path });
    const result = await runJob(job, events, { lanes: 1, batch: 7, atEnd: 'flush' });
    const timedOut = answersIn(result, 'timed-out-orders').map(({ orderId }) => orderId);
    expect(timedOut.sort()).toEqual(['34747', '34756', '34767']);
    expect(result.stats.late).toBe(1);
  },
);
