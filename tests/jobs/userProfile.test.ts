/** Profiles: what kind of visitor each user is, beside a batch program of plain loops, whatever happens on the way. */
import { describe, expect, it } from 'vitest';
import { userProfile } from '../../functions/userProfile/job.ts';
import { seconds } from '../../shared/index.ts';
import { behaved } from '../support/behavior.ts';
import { type Act, profilesOf } from '../support/behaviorBatch.ts';
import { alike, runActs, unlike } from '../support/behaviorRuns.ts';
import {
  BATCH_SIZES,
  type BatchSize,
  close,
  crash,
  play,
  redeliver,
  type ScenarioStep,
  silence,
  watermark,
} from '../support/scenario.ts';

/** Its days end at 02:00 UTC. */
const ZONE = 'America/Noronha';

const SHOPPING: Act[] = [
  behaved('01:00:00', '7', 'pv', 'a', 'c1'),
  behaved('01:00:01', 'u1', 'pv', 'a', 'c1'),
  behaved('01:00:02', '007', 'fav', 'b', '12'),
  behaved('01:10:00', '7', 'pv', 'b', '12'),
  behaved('01:30:00', '7', 'cart', 'b', '12'),
  behaved('01:40:00', 'u1', 'buy', 'a', 'c1'),
  behaved('01:59:59', 'u1', 'pv', 'c', '9'),
];
const NEXT_DAY: Act[] = [
  behaved('02:00:00', 'u1', 'pv', 'a', 'c1'),
  behaved('02:30:00', '7', 'buy', 'b', '12'),
];
const ALL = [...SHOPPING, ...NEXT_DAY];

/** A run that died keeps others from closing for a minute. */
const LEASE_ENDS = silence(seconds(61));

async function profiled(
  steps: readonly ScenarioStep[],
  batchSize: BatchSize,
  texts: Record<string, string> = {},
) {
  const { engine, surprises } = await play(
    userProfile.build({ zone: ZONE, ...texts }),
    steps,
    batchSize,
  );
  expect(surprises).toEqual([]);
  return engine;
}

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each([
    ['as they come', ALL],
    ['packed into one record', [ALL]],
    ['with what is no event between', [...SHOPPING, '{"userId":', 'nothing', ...NEXT_DAY]],
    ['killed around a commit', [crash('before'), ...SHOPPING, crash('after'), ...NEXT_DAY]],
    ['with redeliveries', [...SHOPPING, redeliver(7), ...NEXT_DAY, redeliver(9)]],
    [
      'with closing in between',
      [...SHOPPING.slice(0, 3), close(), ...SHOPPING.slice(3), ...NEXT_DAY, close(), redeliver(3)],
    ],
    ['killed before a row', [...ALL, crash('before', 'row'), close(), LEASE_ENDS]],
    ['killed after a row', [...ALL, crash('after', 'row'), close(), LEASE_ENDS]],
  ] as [string, ScenarioStep[]][])('describes each user of each day, %s', async (_, steps) => {
    const engine = await profiled(steps, batchSize);
    const { profiles, tags } = profilesOf(ALL, { zone: ZONE });
    expect(profiles.length).toBe(5);
    expect(unlike(engine.rows('user-profile'), profiles)).toEqual(alike(profiles));
    expect(unlike(engine.rows('user-tags'), tags)).toEqual(alike(tags));
  });

  it('writes again what a correction changed, and no other profile', async () => {
    const correction = [
      behaved('01:30:00', '7', 'buy', 'b', '12'),
      behaved('01:31:00', 'new', 'pv', 'b', '12'),
    ];
    const steps = [...ALL, close(), ...correction, close()];
    const engine = await profiled(steps, batchSize, { lateness: '1h' });
    const { profiles, tags } = profilesOf([...ALL, ...correction], { zone: ZONE });
    expect(unlike(engine.rows('user-profile'), profiles)).toEqual(alike(profiles));
    expect(unlike(engine.rows('user-tags'), tags)).toEqual(alike(tags));
    const revisions = engine
      .rows('user-profile')
      .filter(({ windowEnd }) => windowEnd === '2017-11-26T02:00:00.000Z')
      .map(({ userId, revision }) => [userId, revision]);
    expect(Object.fromEntries(revisions)).toEqual({ 7: 1, '007': 0, u1: 0, new: 0 });
  });

  it('leaves out what comes behind the day without `lateness`, and tells it', async () => {
    const steps = [
      ...ALL,
      watermark('2017-11-26T02:30:00.000Z'),
      behaved('01:30:00', '7', 'buy', 'b'),
    ];
    const engine = await profiled(steps, batchSize);
    const { profiles } = profilesOf(ALL, { zone: ZONE });
    expect(unlike(engine.rows('user-profile'), profiles)).toEqual(alike(profiles));
    expect(await engine.side()).toMatchObject([
      { kind: 'late', eventTime: Date.parse('2017-11-26T01:30:00Z') },
    ]);
  });
});

it('shows a share to four decimals, halves up: 57 of 800 are 0.0713', async () => {
  const acts = Array.from({ length: 800 }, (_, n) =>
    behaved('01:00:00', String(n), n < 57 ? 'buy' : 'pv', 'a'),
  );
  const { tables } = await runActs(userProfile.build(), acts, { lanes: 3, batch: 100 });
  const rows = tables.get('user-tags') ?? [];
  expect(rows.find(({ tag }) => tag === 'buyer')).toMatchObject({ users: 57, share: 0.0713 });
  expect(rows.find(({ tag }) => tag === 'heavy')).toMatchObject({
    users: 0,
    share: 0,
    tagSets: {},
  });
});

it('lists the top categories by score, ties by id: whole numbers, then others by code point', async () => {
  const categories = ['b', 'a', '10', '9', '007', '😀', '\uffff', '-1'];
  const acts = [
    ...categories.map((category) => behaved('01:00:00', 'u', 'cart', 'i', category)),
    behaved('01:00:00', 'u', 'fav', 'i', 'b'),
  ];
  const { tables } = await runActs(userProfile.build({ top: '8' }), acts, { lanes: 1, batch: 2 });
  const [row] = tables.get('user-profile') ?? [];
  const ranked = row?.['topCategories'] as { rank: number; id: string; score: number }[];
  expect(ranked.map(({ id }) => id)).toEqual(['b', '-1', '9', '10', '007', 'a', '\uffff', '😀']);
  expect(ranked.map(({ rank, score }) => [rank, score])).toEqual(
    [5, 3, 3, 3, 3, 3, 3, 3].map((score, i) => [i + 1, score]),
  );
});

describe('by the day of a zone', () => {
  const TEN_MINUTES_MS = 600_000;
  /** An event every ten minutes for four days, of seven users. */
  const from = (begin: string): Act[] =>
    Array.from({ length: 4 * 144 }, (_, n) => ({
      userId: `u${n % 7}`,
      itemId: `i${n % 11}`,
      categoryId: `c${n % 5}`,
      behavior: (['pv', 'pv', 'fav', 'pv', 'cart', 'pv', 'buy'] as const)[n % 13] ?? 'pv',
      timestamp: Date.parse(begin) + n * TEN_MINUTES_MS,
    }));
  /** By the second of the whole days: events in the hours 0 to 3 of all users. */
  const QUIET = [6, 6, 6, 6];

  it.each([
    ['Europe/Berlin', '2024-03-29T12:00Z', [24, 23, 24], [6, 6, 0, 6]],
    ['Europe/Berlin', '2024-10-25T12:00Z', [24, 25, 24], [6, 6, 12, 6]],
    ['America/New_York', '2024-03-08T12:00Z', [24, 23, 24], [6, 6, 0, 6]],
    ['America/New_York', '2024-11-01T12:00Z', [24, 25, 24], [6, 12, 6, 6]],
    ['America/Sao_Paulo', '2018-11-02T12:00Z', [24, 23, 24], [0, 6, 6, 6]],
    ['Australia/Lord_Howe', '2024-10-04T12:00Z', [24, 23.5, 24], [6, 6, 3, 6]],
    ['Asia/Shanghai', '2024-03-29T12:00Z', [24, 24, 24], QUIET],
    ['Asia/Kathmandu', '2024-03-29T12:00Z', [24, 24, 24], QUIET],
    ['UTC', '2024-10-25T12:00Z', [24, 24, 24], QUIET],
  ])(
    'in %s from %s on, has days of %j hours, and hours as the clock shows them',
    async (zone, begin, lengths, night) => {
      const acts = from(begin);
      const expected = profilesOf(acts, { zone });
      for (const [lanes, batch] of [
        [1, 50],
        [3, 7],
        [8, 1_000],
      ] as const) {
        const setup = { lanes, batch };
        const { tables, stats } = await runActs(userProfile.build({ zone }), acts, setup);
        expect(stats).toMatchObject({ accepted: acts.length, late: 0 });
        const profiles = tables.get('user-profile') ?? [];
        expect(unlike(profiles, expected.profiles)).toEqual(alike(expected.profiles));
        const tags = tables.get('user-tags') ?? [];
        expect(unlike(tags, expected.tags)).toEqual(alike(expected.tags));
        const days = Map.groupBy(profiles, ({ windowStart }) => String(windowStart));
        const whole = [...days].sort(([a], [b]) => (a < b ? -1 : 1)).slice(1, 4);
        const hoursLong = whole.map(([start, [row]]) => {
          return (Date.parse(String(row?.['windowEnd'])) - Date.parse(start)) / 3_600_000;
        });
        expect(hoursLong).toEqual(lengths);
        const sums = [0, 1, 2, 3].map((hour) =>
          (whole[1]?.[1] ?? []).reduce(
            (sum, row) => sum + Number((row['hours'] as number[])[hour]),
            0,
          ),
        );
        expect(sums).toEqual(night);
      }
    },
  );

  it.each([
    ['2d', { days: 2 }, 'Europe/Berlin'],
    ['7d', { days: 7 }, 'Asia/Shanghai'],
    ['6h', { hours: 6 }, 'Asia/Shanghai'],
    ['36h', { hours: 36 }, 'America/New_York'],
  ] as const)(
    'with size=%s, windows are %j: whole days of the zone, or else hours of UTC; in %s',
    async (text, size, zone) => {
      const acts = from('2024-03-29T12:00Z');
      const expected = profilesOf(acts, { zone, size });
      const job = userProfile.build({ zone, size: text });
      const { tables } = await runActs(job, acts, { lanes: 3, batch: 100 });
      const profiles = tables.get('user-profile') ?? [];
      expect(unlike(profiles, expected.profiles)).toEqual(alike(expected.profiles));
    },
  );
});
