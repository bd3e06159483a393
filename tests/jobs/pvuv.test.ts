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
