/** Reconciliation: pays and receipts in, on two streams, one row per transaction out, whatever happens on the way. */
import { describe, expect, it } from 'vitest';
import { orderReconcile } from '../../functions/orderReconcile/job.ts';
import { minutes, seconds } from '../../shared/index.ts';
import type { Item } from '../../shared/ports/table.ts';
import { SHARD } from '../support/engine.ts';
import {
  BATCH_SIZES,
  type BatchSize,
  crash,
  fire,
  lostReply,
  on,
  play,
  redeliver,
  type ScenarioStep,
  silence,
} from '../support/scenario.ts';
import { forwardedDeliveries, statusDeliveries } from '../support/statusDeliveries.ts';
import { casesOf, listIn } from '../support/table.ts';

/** The day before the test clock begins. */
const DAY = '2017-11-25';
const at = (clock: string): number => Date.parse(`${DAY}T${clock}Z`);

const paid = (clock: string, txId = 't1', orderId = 'o1') => ({
  orderId,
  type: 'pay',
  txId,
  timestamp: at(clock),
});
const received = (clock: string, txId = 't1', channel = 'wechat') =>
  on('receipts', { txId, channel, timestamp: at(clock) });
/** Nothing but the time of a stream moves. */
const ordersAt = (clock: string) => ({ orderId: 'o9', type: 'create', timestamp: at(clock) });
const receiptsAt = (clock: string) => received(clock, 'other');
const bothAt = (clock: string) => [ordersAt(clock), receiptsAt(clock)];

/** `pay 09:00 o2, receipt 09:00:01 alipay, orders 09:00:04, receipts 09:00:04, both 09:10, fire` */
const stepsIn = (cell: string): ScenarioStep[] =>
  listIn<ScenarioStep[]>(cell, {
    pay: (clock, orderId) => [paid(clock, 't1', orderId)],
    receipt: (clock, channel) => [received(clock, 't1', channel)],
    orders: (clock) => [ordersAt(clock)],
    receipts: (clock) => [receiptsAt(clock)],
    both: (clock) => bothAt(clock),
    fire: () => [fire()],
  }).flat();

const ROUND = /(:00)?(\.000)?Z$/;
const timeOf = (value: unknown): string =>
  value === undefined ? '-' : String(value).slice(11).replace(ROUND, '');

/** `status order/pay channel/receipt delta`, `onTime` where it is, then claims. */
function shown(row: Item): string {
  const { status, onTime, payAt, receiptAt, deltaMs, orderId, payChannel, claims } = row;
  const parts = [
    status,
    `${orderId ?? '-'}/${timeOf(payAt)}`,
    `${payChannel ?? '-'}/${timeOf(receiptAt)}`,
    ...(deltaMs === undefined ? [] : [deltaMs]),
    ...(onTime === undefined ? [] : [onTime ? 'on time' : 'not on time']),
    ...((claims ?? []) as Item[]).map(({ kind, id, at }) => `${kind} ${id} ${timeOf(at)}`),
  ];
  return parts.join(' ');
}

/** The transaction's row as it stands after the last step, which no flush follows. */
async function standing(
  steps: readonly ScenarioStep[],
  batchSize: BatchSize = 'all',
  texts: Record<string, string> = {},
): Promise<string> {
  const job = orderReconcile.build(texts);
  const { engine, surprises } = await play(job, [...steps, fire()], batchSize, {
    atEnd: 'leaveOpen',
  });
  expect(surprises).toEqual([]);
  const row = engine.answers().find(({ txId }) => txId === 't1');
  return row ? shown(row) : 'none';
}

async function flushed(steps: readonly ScenarioStep[], batchSize: BatchSize) {
  const { engine, surprises } = await play(orderReconcile.build(), steps, batchSize);
  expect(surprises).toEqual([]);
  return engine.answers().map((row) => `${row['txId']}: ${shown(row)}`);
}

describe.each(BATCH_SIZES)('every row of the table, in batches of %s', (batchSize) => {
  it.each(
    casesOf(`
    case                                   | steps                            | row
    a pay, W just before pay + 5 s         | pay 09:00, both 09:00:04.999     | awaitingReceipt o1/09:00 -/-
    a pay, W at pay + 5 s                  | pay 09:00, both 09:00:05         | unmatchedPay o1/09:00 -/-
    a pay, W after pay + 5 s               | pay 09:00, both 09:00:05.001     | unmatchedPay o1/09:00 -/-
    a receipt, W just before receipt + 3 s | receipt 09:00, both 09:00:02.999 | awaitingPay -/- wechat/09:00
    a receipt, W at receipt + 3 s          | receipt 09:00, both 09:00:03     | unmatchedReceipt -/- wechat/09:00
    a receipt, W after receipt + 3 s       | receipt 09:00, both 09:00:03.001 | unmatchedReceipt -/- wechat/09:00
    `),
  )('%s', async (_, steps, row) => {
    expect(await standing(stepsIn(steps), batchSize)).toBe(row);
  });

  it.each([
    ['09:00:04.999', '4999 on time'],
    ['09:00:05', '5000 on time'],
    ['09:00:05.001', '5001 not on time'],
    ['09:00', '0 on time'],
    ['08:59:57.001', '-2999 on time'],
    ['08:59:57', '-3000 on time'],
    ['08:59:56.999', '-3001 not on time'],
  ])('a pay at 09:00 with a receipt at %s, whichever comes first', async (clock, end) => {
    const row = `matched o1/09:00 wechat/${clock} ${end}`;
    const [pay, receipt] = [paid('09:00'), received(clock)];
    expect(await standing([pay, receipt], batchSize)).toBe(row);
    expect(await standing([receipt, pay], batchSize)).toBe(row);
    // When anything ran does not matter.
    const later = [...bothAt('09:30'), fire()];
    expect(await standing([pay, ...later, receipt], batchSize)).toBe(row);
    expect(await standing([receipt, ...later, pay], batchSize)).toBe(row);
  });
});

const HISTORY: readonly ScenarioStep[] = [
  ordersAt('09:00'),
  paid('09:00:01', 'both', 'o1'),
  paid('09:00:02', 'pay alone', 'o2'),
  received('09:00:02', 'both'),
  received('09:00:02', 'receipt alone', 'alipay'),
  'this is no event',
  on('receipts', '{"txId":""}'),
  received('09:00:03', 'swapped', 'alipay'),
  paid('09:00:04', 'swapped', 'o3'),
  paid('09:00:05', 'two orders', 'o4'),
  received('09:00:05', 'two channels', 'wechat'),
  paid('09:00:06', 'two orders', 'o5'),
  received('09:00:06', 'two channels', 'alipay'),
  received('09:00:20', 'slow'),
  paid('09:00:10', 'slow', 'o6'),
];
const ANSWERS = [
  'both: matched o1/09:00:01 wechat/09:00:02 1000 on time',
  'pay alone: unmatchedPay o2/09:00:02 -/-',
  'receipt alone: unmatchedReceipt -/- alipay/09:00:02',
  'slow: matched o6/09:00:10 wechat/09:00:20 10000 not on time',
  'swapped: matched o3/09:00:04 alipay/09:00:03 -1000 on time',
  'two channels: conflict -/- wechat/09:00:05 receipt wechat 09:00:05 receipt alipay 09:00:06',
  'two orders: conflict o4/09:00:05 -/- pay o4 09:00:05 pay o5 09:00:06',
];
const half = HISTORY.slice(0, 6);
const rest = HISTORY.slice(6);

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each([
    ...statusDeliveries(half, rest),
    ...forwardedDeliveries(half, rest),
    [
      'with all of it',
      [crash('after', 'row'), ...half, fire(), redeliver(5), lostReply(), ...rest, fire()],
    ],
  ] as [string, ScenarioStep[]][])('says how every transaction stands, %s', async (_, steps) => {
    expect(await flushed(steps, batchSize)).toEqual(ANSWERS);
  });

  it('matches a pay that was given up, and a receipt that was', async () => {
    const late = bothAt('09:10');
    const pay = [paid('09:00'), ...late, fire()];
    expect(await standing(pay, batchSize)).toBe('unmatchedPay o1/09:00 -/-');
    expect(await standing([...pay, received('09:00:04')], batchSize)).toBe(
      'matched o1/09:00 wechat/09:00:04 4000 on time',
    );
    const receipt = [received('09:00'), ...late, fire()];
    expect(await standing(receipt, batchSize)).toBe('unmatchedReceipt -/- wechat/09:00');
    expect(await standing([...receipt, paid('09:00:01')], batchSize)).toBe(
      'matched o1/09:00:01 wechat/09:00 -1000 on time',
    );
  });

  it('takes the earliest of what is told more than once', async () => {
    const steps = [
      paid('09:00:02'),
      received('09:00:09'),
      paid('09:00:01'),
      received('09:00:04'),
      paid('09:00:03'),
    ];
    for (const each of [steps, [...steps].reverse()]) {
      expect(await standing(each, batchSize)).toBe(
        'matched o1/09:00:01 wechat/09:00:04 3000 on time',
      );
    }
  });
});

describe('a conflict', () => {
  it.each(
    casesOf(`
    case                                              | steps                                                       | row
    of two orders outranks a match                    | pay 09:00, receipt 09:00:01, pay 09:00:02 o2                | conflict o1/09:00 wechat/09:00:01 1000 pay o1 09:00 receipt wechat 09:00:01 pay o2 09:00:02
    of two channels outranks a match                  | pay 09:00, receipt 09:00:01, receipt 09:00 alipay           | conflict o1/09:00 alipay/09:00 0 receipt alipay 09:00 pay o1 09:00 receipt wechat 09:00:01
    outranks a pay that was given up                  | pay 09:00, both 09:10, fire, pay 09:00 o2                   | conflict o1/09:00 -/- pay o1 09:00 pay o2 09:00
    stays, whatever comes                             | pay 09:00, pay 09:00 o2, fire, receipt 09:00:01, both 10:00 | conflict o1/09:00 wechat/09:00:01 1000 pay o1 09:00 pay o2 09:00 receipt wechat 09:00:01
    has claims at one time by id, integers as numbers | pay 09:00 10, pay 09:00 9, receipt 09:00 9a                 | conflict 9/09:00 9a/09:00 0 pay 9 09:00 pay 10 09:00 receipt 9a 09:00
    `),
  )('%s', async (_, steps, row) => {
    expect(await standing(stepsIn(steps))).toBe(row);
  });
});

describe('the job watermark over both streams', () => {
  it.each(
    casesOf(`
    case                                              | steps                              | status
    orders lag behind                                 | orders 09:00:04, receipts 09:00:09 | awaitingReceipt
    receipts lag behind                               | orders 09:00:09, receipts 09:00:04 | awaitingReceipt
    both have come as far                             | orders 09:00:05, receipts 09:00:05 | unmatchedPay
    `),
  )('%s', async (_, steps, status) => {
    expect(await standing(stepsIn(`pay 09:00, ${steps}`))).toBe(`${status} o1/09:00 -/-`);
  });

  it('is held for a minute by a stream that never had an event', async () => {
    const go = (length: ReturnType<typeof seconds>) =>
      standing([paid('09:00'), silence(length), ordersAt('09:10')]);
    expect(await go(seconds(60))).toMatch(/^awaitingReceipt/);
    expect(await go(seconds(61))).toMatch(/^unmatchedPay/);
  });

  it('leaves a stream out that has been silent for more than a minute', async () => {
    const steps = [paid('09:00'), receiptsAt('09:00:04')];
    const go = (length: ReturnType<typeof seconds>) =>
      standing([...steps, silence(length), ordersAt('09:10')]);
    expect(await go(seconds(60))).toMatch(/^awaitingReceipt/);
    expect(await go(minutes(2))).toMatch(/^unmatchedPay/);
  });

  it('is judged with other waits where they are given', async () => {
    const steps = [paid('09:00'), received('09:01')];
    const texts = { payWait: '1min', receiptWait: '0s' };
    expect(await standing(steps, 'all', texts)).toMatch(/60000 on time$/);
    const early = [paid('09:00'), received('08:59:59.999')];
    expect(await standing(early, 'all', texts)).toMatch(/-1 not on time$/);
  });
});

it('lists what nobody matched and what conflicts by status and time', async () => {
  const { engine } = await play(orderReconcile.build(), HISTORY, 'all');
  const indexed = [...engine.results.items()]
    .filter(({ problem }) => problem !== undefined)
    // Without the part, which follows from the key.
    .map(({ txId, problem, problemAt }) => [
      txId,
      /^(.*)#[0-3]$/.exec(String(problem))?.[1],
      timeOf(problemAt),
    ])
    .sort();
  expect(indexed).toEqual([
    ['pay alone', 'unmatchedPay', '09:00:07'],
    ['receipt alone', 'unmatchedReceipt', '09:00:05'],
    ['two channels', 'conflict', '09:00:06'],
    ['two orders', 'conflict', '09:00:06'],
  ]);
});

it('counts every event of both streams once; creates are filtered', async () => {
  const { engine } = await play(orderReconcile.build(), [...HISTORY, redeliver(9)], 3);
  const totals = async (stream: string) => (await engine.commits(SHARD, stream)).at(-1)?.totals;
  expect(await totals('orders')).toEqual({ accepted: 6, filtered: 1, late: 0, dead: 1 });
  expect(await totals('receipts')).toEqual({ accepted: 6, filtered: 0, late: 0, dead: 1 });
  const own = await engine.commits(SHARD, 'order-reconcile-2-repartition');
  expect(own.at(-1)?.totals).toEqual({ accepted: 0, filtered: 0, late: 0, dead: 0 });
});

it('takes a hundred orders and a hundred channels with the longest ids for one transaction', async () => {
  const names = Array.from({ length: 100 }, (_, i) => String(i).padEnd(256, '上'));
  const steps = names.flatMap((name) => [paid('09:00', 't1', name), received('09:00', 't1', name)]);
  const { engine } = await play(orderReconcile.build(), steps, 'all');
  expect((await engine.commits(SHARD, 'orders')).at(-1)?.totals.dead).toBe(0);
  expect((await engine.commits(SHARD, 'receipts')).at(-1)?.totals.dead).toBe(0);
});
