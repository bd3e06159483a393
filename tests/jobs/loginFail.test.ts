/** Login failures: attempts in, alerts out, in the order of event time whatever the order of arrival. */
import { describe, expect, it } from 'vitest';
import type { Login } from '../../functions/loginFail/events.ts';
import { loginFail } from '../../functions/loginFail/job.ts';
import { seconds } from '../../shared/index.ts';
import { hashKeyOf } from '../../shared/model/hashRange.ts';
import { SHARD, TestEngine } from '../support/engine.ts';
import { sequenceNumber, streamRecords } from '../support/records.ts';
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
import { casesOf, listIn } from '../support/table.ts';

/** Half an hour before the test clock begins. */
const MINUTE = Date.parse('2017-11-26T02:30:00Z');

const attempt =
  (outcome: Login['outcome']) =>
  (second: number, userId = 'u1', ip = 'home'): Login => ({
    userId,
    ip,
    outcome,
    timestamp: Math.round(MINUTE + second * 1_000),
  });
const fail = attempt('fail');
const success = attempt('success');

/** `fail 10, success 10.5 u2` */
const attemptsIn = (cell: string): Login[] =>
  listIn(cell, {
    fail: (second, userId) => fail(Number(second), userId),
    success: (second, userId) => success(Number(second), userId),
  });

const secondOf = (time: unknown): number => (Date.parse(String(time)) - MINUTE) / 1_000;

/** `user first-last`, with the addresses in brackets. */
async function alerts(
  steps: readonly ScenarioStep[],
  batchSize: BatchSize = 'all',
  texts: Record<string, string> = {},
  atEnd: 'flush' | 'leaveOpen' = 'flush',
): Promise<string[]> {
  const { engine, surprises } = await play(loginFail.build(texts), steps, batchSize, { atEnd });
  expect(surprises).toEqual([]);
  return engine.answers().map(({ userId, firstFail, lastFail, failures, ips }) => {
    expect(failures).toBe(Number(texts['failures'] ?? 2));
    return `${userId} ${secondOf(firstFail)}-${secondOf(lastFail)} [${(ips as string[]).join(' ')}]`;
  });
}

const ATTEMPTS: readonly ScenarioStep[] = [
  fail(10),
  fail(11),
  success(10.5, 'u2'),
  fail(12, 'u2', 'bar'),
  'this is no event',
  fail(11.5, 'u1', 'bar'),
  success(13),
  fail(12.5, 'u2', 'cafe'),
  fail(14),
  fail(13.5),
  fail(20, 'u3'),
  fail(25, 'u3'),
];
const ALERTS = [
  'u1 10-11 [home]',
  'u1 11-11.5 [home bar]',
  'u1 13.5-14 [home]',
  'u2 12-12.5 [bar cafe]',
];
const half = ATTEMPTS.slice(0, 6);
const rest = ATTEMPTS.slice(6);

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each([
    ['as they come', ATTEMPTS],
    ['packed into one record', [ATTEMPTS.filter((each) => typeof each === 'object')]],
    ['with redeliveries', [...half, redeliver(3), ...rest, redeliver(12), redeliver(2)]],
    ['with fireTimers in between', ATTEMPTS.flatMap((each) => [each, fire()])],
    ['killed before a commit', [crash('before'), ...half, crash('before'), ...rest]],
    ['killed between commit and alerts', [...half, crash('before', 'alerts'), ...rest]],
    ['killed after alerts', [...half, crash('after', 'alerts'), ...rest]],
    ['killed after a commit', [crash('after'), ...half, crash('after'), ...rest]],
    ['with the reply to a commit lost', [lostReply(), ...half, lostReply(), ...rest]],
    ['with the reply to alerts lost', [...half, lostReply('alerts'), ...rest]],
    [
      'with all of it',
      [
        crash('after'),
        ...half,
        redeliver(6),
        crash('after', 'alerts'),
        ...rest,
        watermark('2017-11-26T02:30:22.000Z'),
        lostReply(),
        fail(26, 'u4'),
        fire(),
        redeliver(13),
      ],
    ],
  ] as [string, ScenarioStep[]][])('alerts to quick failures once each, %s', async (_, steps) => {
    expect(await alerts(steps, batchSize)).toEqual(ALERTS);
  });

  it.each([
    ['just before', 11.999, ['u1 10-11.999 [home]']],
    ['at', 12, []],
    ['after', 12.001, []],
  ])('takes failures %s 2 s apart for what they are', async (_, second, expected) => {
    expect(await alerts([fail(10), fail(second)], batchSize)).toEqual(expected);
    expect(await alerts([fail(second), fail(10)], batchSize)).toEqual(expected);
  });

  it.each(
    casesOf(`
    case                                    | attempts                                  | alerts
    three quick failures are two alerts     | fail 10, fail 10.5, fail 11               | u1 10-10.5 [home], u1 10.5-11 [home]
    a success between them breaks the chain | fail 10, success 10.5, fail 11            |
    also when it arrives last               | fail 10, fail 11, success 10.5            |
    a success of somebody else does not     | fail 10, success 10.5 u2, fail 11         | u1 10-11 [home]
    failures of two users are no chain      | fail 10, fail 10.5 u2                     |
    at one time the order of arrival counts | fail 10, success 10, fail 10              |
    two failures at one time are an alert   | fail 10, fail 10, success 10              | u1 10-10 [home]
    after a success everything begins anew  | fail 10, success 10.5, fail 11, fail 11.5 | u1 11-11.5 [home]
    `),
  )('%s', async (_, attempts, expected) => {
    expect((await alerts(attemptsIn(attempts), batchSize)).join(', ')).toBe(expected);
  });

  it('finds more failures in a longer time where it is told to', async () => {
    const steps = [fail(42), fail(44, 'u1', 'bar'), fail(43), fail(46), success(47), fail(48)];
    const texts = { failures: '3', within: '5s' };
    expect(await alerts(steps, batchSize, texts)).toEqual([
      'u1 42-44 [home bar]',
      'u1 43-46 [home bar]',
    ]);
    expect(await alerts(steps, batchSize, { ...texts, within: '2s' })).toEqual([]);
    expect(await alerts(steps, batchSize, { failures: '1' })).toHaveLength(5);
  });
});

describe('a login is late', () => {
  it.each([
    ['just ahead of', 7.001, ['u1 7.001-7.5 [home]']],
    ['at', 7, ['u1 7-7.5 [home]']],
    ['just behind', 6.999, []],
  ])('%s the watermark or not', async (_, second, expected) => {
    const steps = [fail(10, 'u9'), watermark('2017-11-26T02:30:07.000Z'), fail(second), fail(7.5)];
    expect(await alerts(steps, 1)).toEqual(expected);
  });

  it('and then stands beside the results, and changes nothing', async () => {
    const steps = [fail(5), fail(6), fail(10, 'u9'), success(5.5), fail(6.5)];
    const { engine } = await play(loginFail.build(), steps, 'all');
    expect((await engine.side()).map(({ kind, eventTime }) => [kind, eventTime])).toEqual([
      ['late', MINUTE + 5_500],
      ['late', MINUTE + 6_500],
    ]);
    expect(engine.answers()).toHaveLength(1);
    const totals = (await engine.commits()).at(-1)?.totals;
    expect(totals).toEqual({ accepted: 3, filtered: 0, late: 2, dead: 0 });
  });
});

describe('an alert waits', () => {
  const PAIR = [fail(10), fail(11)];
  const open = (...steps: ScenarioStep[]) => alerts([...PAIR, ...steps], 1, {}, 'leaveOpen');

  it.each([
    ['is at its last failure', 14, 0],
    ['has passed it', 14.001, 1],
  ])('until the watermark %s', async (_, second, found) => {
    expect(await open(success(second, 'u9'))).toHaveLength(found);
  });

  it('no longer than until the next record after a minute of silence', async () => {
    expect(await open(silence(seconds(59.999)), success(11, 'u9'))).toEqual([]);
    expect(await open(silence(seconds(60)), success(12, 'u9'))).toHaveLength(1);
  });

  it('no longer than until fireTimers sees that the shard is silent', async () => {
    expect(await open(silence(seconds(60)), fire())).toEqual([]);
    expect(await open(silence(seconds(66)), fire())).toHaveLength(1);
    // Once that is done, what was held is past.
    const steps = [silence(seconds(66)), fire(), success(10.5), silence(seconds(66)), fire()];
    expect(await open(...steps)).toHaveLength(1);
  });

  it('and is the same one, whether fireTimers made the jump or the next record', async () => {
    const tail = [fail(11.5), fail(30)];
    const jumped = await open(silence(seconds(70)), fire(), ...tail);
    expect(await open(silence(seconds(70)), ...tail)).toEqual(jumped);
    expect(jumped).toEqual(['u1 10-11 [home]', 'u1 11-11.5 [home]']);
  });
});

it('names an alert by its last failure, its first, and where the last one stands', async () => {
  const { engine } = await play(
    loginFail.build(),
    [fail(11, 'u1', 'bar'), success(9), fail(10)],
    1,
  );
  expect(engine.answers()).toEqual([
    {
      userId: 'u1',
      alertId: `2017-11-26T02:30:11.000Z#2017-11-26T02:30:10.000Z#${sequenceNumber(0)}/0`,
      firstFail: '2017-11-26T02:30:10.000Z',
      lastFail: '2017-11-26T02:30:11.000Z',
      failures: 2,
      ips: ['home', 'bar'],
    },
  ]);
});

it('names each address once, in the order of the failures', async () => {
  const steps = [fail(10, 'u1', 'b'), fail(11, 'u1', 'a'), fail(11.5, 'u1', 'b')];
  expect(await alerts(steps, 'all', { failures: '3' })).toEqual(['u1 10-11.5 [b a]']);
});

it('makes a dead letter of a login that a producer packed for another shard', async () => {
  const engine = new TestEngine(loginFail.build());
  const end = hashKeyOf('u1');
  engine.ranges[SHARD] = { start: 0n, end };
  const stray = Array.from({ length: 99 }, (_, n) => `u${n}`).find((id) => hashKeyOf(id) > end);
  await engine.ingest(streamRecords([[fail(10), fail(11, stray), success(20)]]));
  expect(await engine.side()).toMatchObject([
    { kind: 'dead', reason: 'its key belongs to another shard of the stream: redrive it' },
  ]);
  const { totals } = (await engine.commits()).at(-1) ?? {};
  expect(totals).toEqual({ accepted: 2, filtered: 0, late: 0, dead: 1 });
});
