/** Order time-out: creates and pays in, one row per order out, whatever happens on the way and in whatever order. */
import { describe, expect, it } from 'vitest';
import { orderTimeout } from '../../functions/orderTimeout/job.ts';
import { minutes } from '../../shared/index.ts';
import type { Item } from '../../shared/ports/table.ts';
import type { TestEngine } from '../support/engine.ts';
import {
  BATCH_SIZES,
  type BatchSize,
  crash,
  fire,
  lostReply,
  play,
  redeliver,
  type ScenarioStep,
  silence,
  watermark,
} from '../support/scenario.ts';
import { statusDeliveries } from '../support/statusDeliveries.ts';
import { casesOf, listIn } from '../support/table.ts';

/** The day before the test clock begins. */
const DAY = '2017-11-25';
const at = (clock: string): number => Date.parse(`${DAY}T${clock}Z`);

const created = (clock: string, orderId = 'o1') => ({
  orderId,
  type: 'create',
  timestamp: at(clock),
});
const paid = (clock: string, txId = 't1', orderId = 'o1') => ({
  orderId,
  type: 'pay',
  txId,
  timestamp: at(clock),
});
/** Nothing but the time moves. */
const now = (clock: string) => created(clock, 'other');

/** `create 09:00, pay 09:01 t2, now 09:20, fire` */
const stepsIn = (cell: string): ScenarioStep[] =>
  listIn<ScenarioStep>(cell, { create: created, pay: paid, now, fire });

const ROUND = /(:00)?(\.000)?Z$/;
const timeOf = (value: unknown): string =>
  value === undefined ? '-' : String(value).slice(11).replace(ROUND, '');

/** `status created/deadline paid/tx timedOut`, then claims. */
function shown({ status, createdAt, deadline, paidAt, txId, timedOutAt, claims }: Item): string {
  const parts = [
    status,
    `${timeOf(createdAt)}/${timeOf(deadline)}`,
    `${timeOf(paidAt)}/${txId ?? '-'}`,
    timeOf(timedOutAt),
    ...((claims ?? []) as Item[]).map(({ kind, id, at }) => `${kind} ${id} ${timeOf(at)}`),
  ];
  return parts.join(' ');
}

function rowOf(engine: Pick<TestEngine, 'answers'>, orderId = 'o1'): string {
  const row = engine.answers().find((each) => each['orderId'] === orderId);
  return row ? shown(row) : 'none';
}

/** The order's row as it stands after the last step, which no flush follows. */
async function standing(steps: readonly ScenarioStep[], batchSize: BatchSize = 'all') {
  const job = orderTimeout.build();
  const { engine, surprises } = await play(job, [...steps, fire()], batchSize, {
    atEnd: 'leaveOpen',
  });
  expect(surprises).toEqual([]);
  return rowOf(engine);
}

async function flushed(steps: readonly ScenarioStep[], batchSize: BatchSize) {
  const { engine, surprises } = await play(orderTimeout.build(), steps, batchSize);
  expect(surprises).toEqual([]);
  return engine.answers().map((row) => `${row['orderId']}: ${shown(row)}`);
}

describe.each(BATCH_SIZES)('every row of the table, in batches of %s', (batchSize) => {
  it.each(
    casesOf(`
    case                                       | steps                          | row
    created, W just before the deadline        | create 09:00, now 09:14:59.999 | awaitingPay 09:00/09:15 -/- -
    created, W at the deadline                 | create 09:00, now 09:15        | timedOut 09:00/09:15 -/- 09:15
    created, W after the deadline              | create 09:00, now 09:15:00.001 | timedOut 09:00/09:15 -/- 09:15
    paid at once                               | create 09:00, pay 09:00        | paid 09:00/09:15 09:00/t1 -
    paid just before the deadline              | create 09:00, pay 09:14:59.999 | paid 09:00/09:15 09:14:59.999/t1 -
    paid at the deadline                       | create 09:00, pay 09:15        | paidLate 09:00/09:15 09:15/t1 09:15
    paid after the deadline                    | create 09:00, pay 09:15:00.001 | paidLate 09:00/09:15 09:15:00.001/t1 09:15
    paid before it was created, by their times | create 09:00, pay 08:59        | paid 09:00/09:15 08:59/t1 -
    no create; the pay itself brings W there   | now 09:00, fire, pay 09:00:05  | paidWithoutCreate -/- 09:00:05/t1 -
    no create, W after the pay                 | pay 09:00, now 09:00:00.001    | paidWithoutCreate -/- 09:00/t1 -
    `),
  )('%s', async (_, steps, row) => {
    expect(await standing(stepsIn(steps), batchSize)).toBe(row);
  });

  it.each([
    ['just before', '09:00:04.999', 'awaitingCreate -/- 09:00:05/t1 -'],
    ['at', '09:00:05', 'paidWithoutCreate -/- 09:00:05/t1 -'],
    ['after', '09:00:05.001', 'paidWithoutCreate -/- 09:00:05/t1 -'],
  ])('no create, and a watermark %s the time of the pay', async (_, clock, row) => {
    // The watermark trails by 10 s, so the pay is ahead of it.
    const job = orderTimeout.build({ outOfOrderness: '10s' });
    const steps = [paid('09:00:05'), created(later10s(clock), 'other'), fire()];
    const { engine } = await play(job, steps, batchSize, { atEnd: 'leaveOpen' });
    expect(rowOf(engine)).toBe(row);
  });
});

const later10s = (clock: string): string =>
  new Date(at(clock) + 10_000).toISOString().slice(11, 23);

const HISTORY: readonly ScenarioStep[] = [
  created('09:00', 'paid'),
  created('09:00:01', 'late'),
  created('09:00:02', 'never'),
  paid('09:10', 't1', 'paid'),
  'this is no event',
  paid('09:10:01', 't2', 'twice'),
  created('09:09', 'twice'),
  paid('09:10:02', 't4', 'alone'),
  paid('09:11', 't3', 'twice'),
  paid('09:20', 't5', 'late'),
];
const ANSWERS = [
  'alone: paidWithoutCreate -/- 09:10:02/t4 -',
  'late: paidLate 09:00:01/09:15:01 09:20/t5 09:15:01',
  'never: timedOut 09:00:02/09:15:02 -/- 09:15:02',
  'paid: paid 09:00/09:15 09:10/t1 -',
  'twice: conflict 09:09/09:24 09:10:01/t2 - pay t2 09:10:01 pay t3 09:11',
];

const half = HISTORY.slice(0, 5);
const rest = HISTORY.slice(5);

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each([
    ...statusDeliveries(half, rest),
    ['packed into one record', [HISTORY.filter((each) => typeof each === 'object')]],
    [
      'with all of it',
      [
        crash('after', 'row'),
        ...half,
        fire(),
        redeliver(5),
        lostReply(),
        ...rest,
        watermark(`${DAY}T09:20:00.000Z`),
        fire(),
        redeliver(10),
      ],
    ],
  ] as [string, ScenarioStep[]][])('says how every order stands, %s', async (_, steps) => {
    expect(await flushed(steps, batchSize)).toEqual(ANSWERS);
  });

  it.each([
    ['a pay that was in time', [paid('09:10')], 'paid 09:00/09:15 09:10/t1 -'],
    ['a pay that was not', [paid('09:17')], 'paidLate 09:00/09:15 09:17/t1 09:15'],
    ['an earlier create', [created('08:59')], 'timedOut 08:59/09:14 -/- 09:14'],
    ['a later create', [created('09:19')], 'timedOut 09:00/09:15 -/- 09:15'],
    ['the same create', [created('09:00')], 'timedOut 09:00/09:15 -/- 09:15'],
  ])('corrects an order that has timed out for %s', async (_, steps, row) => {
    const timedOut = [created('09:00'), now('09:20'), fire()];
    expect(await standing([...timedOut, ...steps], batchSize)).toBe(row);
  });

  it.each([
    ['in time', '09:00:30', 'paid 09:00:30/09:15:30 09:01/t1 -'],
    ['too early', '08:40', 'paidLate 08:40/08:55 09:01/t1 08:55'],
  ])('corrects a pay without a create for a create that was %s', async (_, clock, row) => {
    const alone = [paid('09:01'), now('09:02'), fire()];
    expect(await standing(alone, batchSize)).toBe('paidWithoutCreate -/- 09:01/t1 -');
    expect(await standing([...alone, created(clock)], batchSize)).toBe(row);
  });

  it('takes the earliest create and the earliest pay, in whatever order they come', async () => {
    const events = [created('09:05'), paid('09:12'), created('09:00'), paid('09:11')];
    for (const steps of [events, [...events].reverse()]) {
      expect(await standing(steps, batchSize)).toBe('paid 09:00/09:15 09:11/t1 -');
    }
  });

  it('has no conflict where one transaction is told twice', async () => {
    const steps = [created('09:00'), paid('09:01'), paid('09:01'), paid('09:03')];
    expect(await standing(steps, batchSize)).toBe('paid 09:00/09:15 09:01/t1 -');
  });
});

describe('a conflict', () => {
  it.each(
    casesOf(`
    case                              | steps                                                                | row
    of a paid order                   | create 09:00, pay 09:02 t2, pay 09:01 t1                             | conflict 09:00/09:15 09:01/t1 - pay t1 09:01 pay t2 09:02
    of an order without a create      | pay 09:02 t2, pay 09:01 t1, now 09:30                                | conflict -/- 09:01/t1 - pay t1 09:01 pay t2 09:02
    outranks a pay that came too late | create 08:00, pay 09:02 t2, pay 09:01 t1                             | conflict 08:00/08:15 09:01/t1 - pay t1 09:01 pay t2 09:02
    outranks a time-out               | create 08:00, now 08:30, fire, pay 09:02 t2, pay 09:01 t1            | conflict 08:00/08:15 09:01/t1 - pay t1 09:01 pay t2 09:02
    stays, whatever comes             | pay 09:02 t2, pay 09:01 t1, fire, create 09:00, pay 09:01, now 10:00 | conflict 09:00/09:15 09:01/t1 - pay t1 09:01 pay t2 09:02
    has its claims by time, then id   | pay 09:02 b, pay 09:02 10, pay 09:02 9, pay 09:01 z                  | conflict -/- 09:01/z - pay z 09:01 pay 9 09:02 pay 10 09:02 pay b 09:02
    takes the earliest time of each   | pay 09:02 t2, pay 09:01 t1, pay 09:00:30 t2                          | conflict -/- 09:00:30/t2 - pay t2 09:00:30 pay t1 09:01
    `),
  )('%s', async (_, steps, row) => {
    expect(await standing(stepsIn(steps))).toBe(row);
  });
});

/** Without the part of the hour, which follows from the key. */
const statusIn = (problem: unknown) =>
  problem === undefined ? undefined : /^(.*)#[0-3]$/.exec(String(problem))?.[1];

describe('the index of problems', () => {
  it('holds the problems by status and time, and nothing else', async () => {
    const steps = [...HISTORY, created('09:15', 'waits')];
    const { engine } = await play(orderTimeout.build(), [...steps, fire()], 'all', {
      atEnd: 'leaveOpen',
    });
    const indexed = [...engine.results.items()]
      .map(({ orderId, problem, problemAt }) => [orderId, statusIn(problem), problemAt])
      .sort();
    expect(indexed).toEqual([
      ['alone', 'paidWithoutCreate', `${DAY}T09:10:02.000Z`],
      ['late', 'paidLate', `${DAY}T09:15:01.000Z`],
      ['never', 'timedOut', `${DAY}T09:15:02.000Z`],
      ['paid', undefined, undefined],
      // Since the second transaction is known.
      ['twice', 'conflict', `${DAY}T09:11:00.000Z`],
      ['waits', undefined, undefined],
    ]);
  });

  it('loses a problem that was corrected', async () => {
    const steps = [created('09:00'), now('09:20'), fire(), paid('09:10')];
    const { engine } = await play(orderTimeout.build(), steps, 'all', { atEnd: 'leaveOpen' });
    const row = [...engine.results.items()].find(({ orderId }) => orderId === 'o1');
    expect(row).not.toHaveProperty('problem');
    expect(row).not.toHaveProperty('problemAt');
  });
});

describe('time', () => {
  it('acts with the very batch that brings the watermark there', async () => {
    const notYet = [created('09:00'), now('09:14:59.999')];
    const { engine } = await play(orderTimeout.build(), notYet, 1, { atEnd: 'leaveOpen' });
    expect(rowOf(engine)).toMatch(/^awaitingPay/);
    const there = await play(orderTimeout.build(), [...notYet, now('09:15')], 1, {
      atEnd: 'leaveOpen',
    });
    expect(rowOf(there.engine)).toMatch(/^timedOut/);
  });

  it('passes in a quiet shop when the clock is flushAfter past the deadline', async () => {
    // Records arrive at 2017-11-26T03:00: the shop's last event is 2 min old then.
    const create = { orderId: 'o1', type: 'create', timestamp: Date.parse('2017-11-26T02:58:00Z') };
    const quiet = (...steps: ScenarioStep[]) => standing([create, ...steps]);
    expect(await quiet(silence(minutes(17)))).toMatch(/^awaitingPay/);
    expect(await quiet(silence(minutes(18)))).toMatch(/^timedOut/);
    expect(await quiet(silence(minutes(19)))).toMatch(/^timedOut/);
  });

  it('moves on with events that are no longer news', async () => {
    const steps = [created('09:00'), now('09:05'), watermark(`${DAY}T09:05:00.000Z`)];
    expect(await standing(steps)).toMatch(/^awaitingPay/);
    expect(await standing([...steps, now('09:14'), now('09:05')])).toMatch(/^awaitingPay/);
    expect(await standing([...steps, now('09:15')])).toMatch(/^timedOut/);
  });

  it('is judged with another time-out where one is given', async () => {
    const job = orderTimeout.build({ timeout: '1h' });
    const { engine } = await play(job, [created('09:00'), paid('09:59:59')], 'all');
    expect(rowOf(engine)).toBe('paid 09:00/10:00 09:59:59/t1 -');
  });
});

it('leaves no timer behind', async () => {
  const { engine } = await play(orderTimeout.build(), HISTORY, 3);
  expect((await engine.head())?.nextTimer).toBeUndefined();
});

it('counts every event once, none as late', async () => {
  const { engine } = await play(orderTimeout.build(), [...HISTORY, redeliver(6)], 3);
  const totals = (await engine.commits()).at(-1)?.totals;
  expect(totals).toEqual({ accepted: HISTORY.length - 1, filtered: 0, late: 0, dead: 1 });
});
