/** Traffic: views and distinct viewers, whatever happens on the way. */
import { describe, expect, it } from 'vitest';
import { runJob } from '../../cli/runJob.ts';
import { pvuv } from '../../functions/pvuv/job.ts';
import { behaved } from '../support/behavior.ts';
import {
  BATCH_SIZES,
  type BatchSize,
  close,
  crash,
  play,
  redeliver,
  type ScenarioStep,
  watermark,
} from '../support/scenario.ts';

async function traffic(
  steps: readonly ScenarioStep[],
  batchSize: BatchSize,
  texts: Record<string, string> = {},
) {
  const { engine, surprises } = await play(pvuv.build(texts), steps, batchSize);
  expect(surprises).toEqual([]);
  return engine.answers().map(({ site, windowEnd, pv, uv }) => [site, windowEnd, pv, uv]);
}

const HOUR = [
  behaved('01:00:00', 'u1', 'pv', 'a'),
  behaved('01:10:00', 'u1', 'pv', 'b'),
  behaved('01:20:00', '7', 'pv', 'b'),
  behaved('01:30:00', '007', 'pv', 'b'),
  behaved('01:40:00', 'buyer', 'buy', 'b'),
  '{"userId":',
  behaved('01:59:59', '7', 'pv', 'c'),
];
const NEXT = [behaved('02:00:00', 'u1', 'pv', 'a'), behaved('02:30:00', 'u2', 'cart', 'a')];
const ANSWERS = [
  ['all', '2017-11-26T02:00:00.000Z', 5, 3],
  ['all', '2017-11-26T03:00:00.000Z', 1, 1],
];

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each([
    ['as they come', [...HOUR, ...NEXT]],
    [
      'with crashes',
      [...HOUR.slice(0, 2), crash('after'), ...HOUR.slice(2), crash('before'), ...NEXT],
    ],
    ['with redeliveries', [...HOUR, redeliver(7), ...NEXT, redeliver(9)]],
    [
      'with closing in between',
      [...HOUR.slice(0, 3), close(), ...HOUR.slice(3), close(), ...NEXT, close()],
    ],
  ] as [string, ScenarioStep[]][])('counts views and viewers per hour, %s', async (_, steps) => {
    expect(await traffic(steps, batchSize)).toEqual(ANSWERS);
  });

  it('estimates viewers where asked to; few are counted exactly', async () => {
    expect(await traffic([...HOUR, ...NEXT], batchSize, { distinct: 'hyperloglog' })).toEqual(
      ANSWERS,
    );
  });

  it('lets events that are not views move the clock', async () => {
    const steps = [
      behaved('01:10:00', 'u1', 'pv', 'a'),
      behaved('02:05:00', 'u1', 'buy', 'a'),
      watermark('2017-11-26T02:05:00.000Z'),
      behaved('01:20:00', 'late', 'pv', 'a'),
    ];
    expect(await traffic(steps, batchSize)).toEqual([['all', '2017-11-26T02:00:00.000Z', 1, 1]]);
  });

  it('waits for stragglers as long as it is told to', async () => {
    const steps = [
      behaved('01:10:00', 'u1', 'pv', 'a'),
      behaved('02:05:00', 'u1', 'pv', 'a'),
      watermark('2017-11-26T01:55:00.000Z'),
      close(),
      behaved('01:20:00', 'u2', 'pv', 'a'),
    ];
    expect(await traffic(steps, batchSize, { outOfOrderness: '10min' })).toEqual([
      ['all', '2017-11-26T02:00:00.000Z', 2, 2],
      ['all', '2017-11-26T03:00:00.000Z', 1, 1],
    ]);
  });
});

it('estimates 41,000 viewers an hour as well as any other number, hour after hour', async () => {
  const viewers = 41_000;
  const hours = 3;
  const start = Date.UTC(2024, 0, 1);
  const events = Array.from({ length: viewers * hours }, (_, n) => {
    const timestamp = start + Math.floor((n * 3_600_000) / viewers);
    const event = { userId: String(2_000_000 + n), itemId: '1', categoryId: '1', behavior: 'pv' };
    const line = JSON.stringify({ ...event, timestamp });
    return { stream: 'user-behavior', line, partitionKey: '1' };
  });
  const job = pvuv.build({ distinct: 'hyperloglog' });
  const { rows } = await runJob(job, events, { lanes: 1, batch: 10_000, atEnd: 'flush' });
  const errors = rows.map((row) => Number(row['uv']) / viewers - 1);
  expect(errors).toHaveLength(hours);
  for (const { uv } of rows as { uv: number }[]) expect(Number.isInteger(uv)).toBe(true);
  // Three standard errors of one estimate, and of the mean of three.
  for (const error of errors) expect(Math.abs(error)).toBeLessThan(3 * 0.0081);
  const mean = errors.reduce((a, b) => a + b) / hours;
  expect(Math.abs(mean)).toBeLessThan((3 * 0.0081) / Math.sqrt(hours));
});

describe('by the day of a zone', () => {
  const HOUR_MS = 3_600_000;
  const view = (ms: number, n: number) => ({
    line: JSON.stringify({
      userId: `u${n % 7}`,
      itemId: `i${n % 11}`,
      categoryId: 'c',
      behavior: 'pv',
      timestamp: ms,
    }),
    partitionKey: `i${n % 11}`,
  });

  it.each([
    ['Europe/Berlin', '2026-03-27T12:00Z', [24, 23, 24]],
    ['Europe/Berlin', '2026-10-23T12:00Z', [24, 25, 24]],
    ['Asia/Shanghai', '2026-10-23T12:00Z', [24, 24, 24]],
    ['America/Sao_Paulo', '2018-11-02T12:00Z', [24, 23, 24]],
  ])(
    'in %s from %s on, counts what has its date, in days of %j hours',
    async (zone, from, hours) => {
      const events = Array.from({ length: 480 }, (_, n) => view(Date.parse(from) + n * 617_000, n));
      // Plain loops over the events, and dates by another way.
      const dates = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
      const expected = new Map<string, { pv: number; users: Set<string> }>();
      for (const { line } of events) {
        const { timestamp, userId } = JSON.parse(line);
        const day = expected.get(dates.format(timestamp)) ?? { pv: 0, users: new Set() };
        day.pv += 1;
        day.users.add(userId);
        expected.set(dates.format(timestamp), day);
      }
      for (const [lanes, batch] of [
        [1, 50],
        [3, 7],
        [8, 1_000],
      ] as const) {
        const job = pvuv.build({ size: '1d', zone });
        const { rows, stats } = await runJob(job, events, { lanes, batch, atEnd: 'flush' });
        expect(stats).toMatchObject({ accepted: events.length, late: 0 });
        const sorted = [...rows].sort((a, b) =>
          String(a['windowEnd']) < String(b['windowEnd']) ? -1 : 1,
        );
        const found = sorted.map(({ windowStart, pv, uv }) => {
          const noon = Date.parse(String(windowStart)) + 12 * HOUR_MS;
          return [dates.format(noon), pv, uv];
        });
        expect(found).toEqual([...expected].map(([day, { pv, users }]) => [day, pv, users.size]));
        const whole = sorted.slice(1, -1).map(({ windowStart, windowEnd }) => {
          const [start, end] = [windowStart, windowEnd].map((time) => Date.parse(String(time)));
          return ((end ?? 0) - (start ?? 0)) / HOUR_MS;
        });
        expect(whole.slice(0, hours.length)).toEqual(hours.slice(0, whole.length));
      }
    },
  );
});
