/** Ad clicks by province behind the gate that keeps click farms out. */
import { describe, expect, it } from 'vitest';
import type { AdClick } from '../../functions/adBlacklist/events.ts';
import { adBlacklist } from '../../functions/adBlacklist/job.ts';
import { minutes } from '../../shared/index.ts';
import type { Item } from '../../shared/ports/table.ts';
import {
  BATCH_SIZES,
  type BatchSize,
  close,
  crash,
  fire,
  lostReply,
  play,
  redeliver,
  type ScenarioStep,
  silence,
  watermark,
} from '../support/scenario.ts';

/** 00:00 on the 26th in Shanghai. */
const MIDNIGHT = Date.parse('2017-11-25T16:00:00Z');

interface Who {
  readonly user?: string;
  readonly ad?: string;
  readonly province?: string;
}

/** A click so many seconds after midnight. */
function click(
  second: number,
  { user = 'u1', ad = 'a1', province = 'beijing' }: Who = {},
): AdClick {
  const timestamp = MIDNIGHT + Math.round(second * 1_000);
  return { userId: user, adId: ad, province, city: province, timestamp };
}

const clicks = (count: number, from: number, who?: Who): AdClick[] =>
  Array.from({ length: count }, (_, i) => click(from + i, who));

const secondOf = (time: unknown): number => (Date.parse(String(time)) - MIDNIGHT) / 1_000;

const isTotal = ({ province }: Item): boolean => province === 'total';

/** What the rows over all provinces have to say, window by window. */
const totalsOf = (rows: readonly Item[]) =>
  [
    ...Map.groupBy(
      rows.filter((row) => !isTotal(row)),
      ({ windowEnd }) => windowEnd,
    ),
  ]
    .map(([windowEnd, provinces]) => ({
      windowEnd,
      count: provinces.reduce((sum, { count }) => sum + Number(count), 0),
      provinces: Object.fromEntries(provinces.map(({ province, count }) => [province, count])),
    }))
    .sort((a, b) => (String(a.windowEnd) < String(b.windowEnd) ? -1 : 1));

const WINDOWS_OF_10_MIN = { size: '10min', slide: '5min' };

async function run(
  steps: readonly ScenarioStep[],
  batchSize: BatchSize = 'all',
  texts: Record<string, string> = {},
) {
  const job = adBlacklist.build({ ...WINDOWS_OF_10_MIN, limit: '3', ...texts });
  const { engine, surprises } = await play(job, steps, batchSize);
  expect(surprises).toEqual([]);
  const rows = engine.answers();
  expect(
    rows
      .filter(isTotal)
      .map(({ windowEnd, count, provinces }) => ({ windowEnd, count, provinces })),
  ).toEqual(totalsOf(rows));
  return {
    engine,
    /** `user ad day at` */
    blocked: engine
      .answers('ad-blacklist')
      .map(({ userId, adId, day, blockedAt }) => `${userId} ${adId} ${day} ${secondOf(blockedAt)}`),
    /** `province end count`, the end in minutes. */
    counts: rows
      .filter((row) => !isTotal(row))
      .map(({ province, windowEnd, count }) => `${province} ${secondOf(windowEnd) / 60} ${count}`),
    totals: (await engine.commits()).at(-1)?.totals,
  };
}

it('names the provinces with most clicks in the row over all, however many there are', async () => {
  const names = Array.from({ length: 120 }, (_, n) => `p${n}`);
  const job = adBlacklist.build(WINDOWS_OF_10_MIN);
  const steps = [...names, 'p119'].map((province, n) => click(n / 10, { user: `u${n}`, province }));
  const { engine } = await play(job, steps, 'all');
  const { count, provinces } = engine.answers().find(isTotal) ?? {};
  expect(count).toBe(121);
  expect(Object.keys(provinces as object)).toHaveLength(100);
  expect(provinces).toMatchObject({ p119: 2, p0: 1 });
});

const CLICKS: readonly ScenarioStep[] = [
  click(1),
  click(2, { user: 'u2', province: 'hebei' }),
  click(3),
  'this is no event',
  click(4),
  click(5),
  click(6, { ad: 'a2' }),
  click(301),
  click(302, { user: 'u2', province: 'hebei' }),
  click(303, { user: 'u2' }),
  click(304, { user: 'u2', province: 'hebei' }),
  click(305, { user: 'u3', province: 'hebei' }),
];
const BLOCKED = ['u1 a1 2017-11-26 5', 'u2 a1 2017-11-26 304'];
const COUNTS = [
  'beijing 5 4',
  'beijing 10 5',
  'beijing 15 1',
  'hebei 5 1',
  'hebei 10 3',
  'hebei 15 2',
].sort();
const half = CLICKS.slice(0, 6);
const rest = CLICKS.slice(6);

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each([
    ['as they come', CLICKS],
    ['packed into one record', [CLICKS.filter((each) => typeof each === 'object')]],
    ['with redeliveries', [...half, redeliver(5), ...rest, redeliver(12), redeliver(3)]],
    ['with closing in between', CLICKS.flatMap((each) => [each, close(), fire()])],
    ['killed before a commit', [crash('before'), ...half, crash('before'), ...rest]],
    ['killed between commit and alerts', [crash('before', 'alerts'), ...half, ...rest]],
    ['killed after alerts', [crash('after', 'alerts'), ...half, ...rest]],
    ['killed after a commit', [crash('after'), ...half, crash('after'), ...rest]],
    ['with the reply to a commit lost', [lostReply(), ...half, lostReply(), ...rest]],
    ['with the reply to alerts lost', [lostReply('alerts'), ...half, ...rest]],
    [
      'with all of it',
      [
        crash('after'),
        ...half,
        redeliver(6),
        close(),
        lostReply('alerts'),
        ...rest,
        watermark('2017-11-25T16:05:05.000Z'),
        close(),
        redeliver(12),
      ],
    ],
  ] as [string, ScenarioStep[]][])(
    'keeps the farm out and counts the rest, %s',
    async (_, steps) => {
      const { blocked, counts, totals } = await run(steps, batchSize);
      expect(blocked).toEqual(BLOCKED);
      expect([...counts].sort()).toEqual(COUNTS);
      expect(totals).toMatchObject({ accepted: 8, filtered: 3, late: 0 });
    },
  );

  it.each([
    ['99 clicks', 99, 99, []],
    ['100 clicks', 100, 100, []],
    ['101 clicks', 101, 100, ['u1 a1 2017-11-26 100']],
    ['150 clicks', 150, 100, ['u1 a1 2017-11-26 100']],
  ])('lets 100 clicks pass unless told otherwise: %s', async (_, clicked, passed, expected) => {
    const steps = clicks(clicked, 0);
    const { blocked, counts } = await run(steps, batchSize, { limit: '100' });
    expect(blocked).toEqual(expected);
    expect([...counts].sort()).toEqual([`beijing 10 ${passed}`, `beijing 5 ${passed}`]);
  });

  it('begins anew at midnight in Shanghai', async () => {
    const steps = [...clicks(3, -4), click(-0.001), click(0), ...clicks(2, 1), click(3)];
    const { blocked } = await run(steps, batchSize);
    expect(blocked).toEqual(['u1 a1 2017-11-25 -0.001', 'u1 a1 2017-11-26 3']);
  });

  it('counts a click of yesterday for yesterday, whenever it comes', async () => {
    const steps = [...clicks(3, -3), click(0), click(-1), click(1), click(2), click(-0.5)];
    const { blocked, totals } = await run(steps, batchSize, { outOfOrderness: '1min' });
    expect(blocked).toEqual(['u1 a1 2017-11-25 -1']);
    expect(totals).toMatchObject({ accepted: 6, filtered: 2 });
  });

  it('takes late clicks for clicks', async () => {
    const now = click(1_000, { user: 'clock' });
    const steps = [now, click(1), click(2), click(3), click(4), click(1_001)];
    const { blocked, totals, engine } = await run(steps, batchSize);
    // Three late ones used up what passes; the fourth blocks the pair, and the last is filtered.
    expect(blocked).toEqual(['u1 a1 2017-11-26 4']);
    expect(totals).toEqual({ accepted: 1, filtered: 2, late: 3, dead: 0 });
    expect((await engine.side()).map(({ kind, eventTime }) => [kind, eventTime])).toEqual(
      [1, 2, 3].map((second) => ['late', MIDNIGHT + second * 1_000]),
    );
  });

  it('decides in the order of the stream, not of event time', async () => {
    const steps = [click(10), click(4), click(8), click(6), click(2)];
    const { blocked } = await run(steps, batchSize, { outOfOrderness: '1min' });
    expect(blocked).toEqual(['u1 a1 2017-11-26 6']);
  });

  it('blocks a pair of user and ad, wherever it clicks', async () => {
    const steps = [
      click(1),
      click(2, { province: 'hebei' }),
      click(3, { province: 'hunan' }),
      click(4, { province: 'hainan' }),
      ...clicks(3, 5, { ad: 'a2' }),
      ...clicks(3, 9, { user: 'u2' }),
    ];
    const { blocked, totals } = await run(steps, batchSize);
    expect(blocked).toEqual(['u1 a1 2017-11-26 4']);
    expect(totals).toMatchObject({ accepted: 9, filtered: 1 });
  });

  it('tells pairs apart whose ids only look alike', async () => {
    const steps = [
      ...clicks(3, 1, { user: 'u', ad: '1#2' }),
      ...clicks(3, 5, { user: 'u#1', ad: '2' }),
      ...clicks(3, 9, { user: 'u"', ad: '","' }),
      ...clicks(3, 13, { user: 'u",""', ad: '"' }),
    ];
    const { blocked, totals } = await run(steps, batchSize);
    expect(blocked).toEqual([]);
    expect(totals).toMatchObject({ accepted: 12, filtered: 0 });
  });
});

it('has a row for a blocked pair that says when and why', async () => {
  const { engine } = await run(clicks(5, 1));
  expect(engine.rows('ad-blacklist')).toEqual([
    {
      userId: 'u1',
      adDay: 'a1#2017-11-26',
      adId: 'a1',
      day: '2017-11-26',
      blockedAt: '2017-11-25T16:00:04.000Z',
      limit: 3,
    },
  ]);
});

it('has the day of another zone where it is told to', async () => {
  const { blocked } = await run([...clicks(3, -3), click(0)], 'all', { zone: 'UTC' });
  expect(blocked).toEqual(['u1 a1 2017-11-25 0']);
});

it('forgets a pair a week after its last click arrived, and never because of event time', async () => {
  const week = minutes(7 * 24 * 60);
  const late = click(4);
  const texts = { lateness: '7d' };
  const kept = await run([...clicks(3, 1), silence(week), late], 1, texts);
  expect(kept.blocked).toEqual(['u1 a1 2017-11-26 4']);
  const forgotten = await run(
    [...clicks(3, 1), silence(minutes(week / 60_000 + 1)), late],
    1,
    texts,
  );
  expect(forgotten.blocked).toEqual([]);
});

it('has no row for a province of which nothing passed', async () => {
  const steps = [...clicks(3, 1), click(4, { province: 'hebei' })];
  const { counts } = await run(steps);
  expect(counts.some((each) => each.startsWith('hebei'))).toBe(false);
});
