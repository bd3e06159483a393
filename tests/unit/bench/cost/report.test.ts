import { describe, expect, it } from 'vitest';
import { breakEven } from '../../../../bench/cost/comparison.ts';
import { PRICES, type Prices, SECONDS_A_MONTH } from '../../../../bench/cost/prices.ts';
import { renderCost } from '../../../../bench/cost/report.ts';
import type { MeasuredSystem } from '../../../../bench/cost/system.ts';
import { dollars, figure, markdownTable, wrapped } from '../../../../bench/cost/table.ts';
import { measureTelemetry } from '../../../../bench/cost/telemetry.ts';
import { hotItems } from '../../../../functions/hotItems/job.ts';
import { JOBS } from '../../../../functions/jobs.ts';
import { orderReconcile } from '../../../../functions/orderReconcile/job.ts';
import { orderTimeout } from '../../../../functions/orderTimeout/job.ts';
import { repartitionStreamOf } from '../../../../shared/job/repartition.ts';
import { isKeyed, scheduledFunctionsOf } from '../../../../shared/job/traits.ts';

const memory = { ingest: 1_024, close: 1_024, fire: 1_024 };

/** Window jobs write little for an event, the others a unit. */
const usageAt = (rate: number, unitsEach: number) => ({
  events: rate * SECONDS_A_MONTH,
  spent: new Map([
    [
      'ingest:user-behavior',
      { invocations: 0, requests: 0, read: 0, write: unitsEach * rate * SECONDS_A_MONTH },
    ],
  ]),
  answerWrites: 0,
  storedBytes: { state: 0, answers: 0, indexes: 0 },
  idle: new Map(),
});

const SYSTEM: MeasuredSystem = {
  streams: [{ name: 'user-behavior', share: 1, bytesEach: 100, partitionKeys: [] }],
  rates: [100, 1_000].map((rate) => ({
    rate,
    jobs: [
      { job: hotItems.build(), memory, usage: usageAt(rate, 0.001) },
      { job: orderTimeout.build(), memory, usage: usageAt(rate, 1) },
    ],
    variants: new Map([
      ['with few rows', { job: orderTimeout.build(), memory, usage: usageAt(rate, 0.01) }],
    ]),
    shards: new Map([['user-behavior', 2]]),
  })),
  telemetry: { metrics: 50, bytes: new Map() },
  counts: { metrics: 50, alarms: 60, dashboards: 1 },
};

const cells = (text: string, start: string): string[] => {
  const line = text.split('\n').find((each) => each.startsWith(`| ${start} `)) ?? '';
  return line.split('|').map((cell) => cell.trim());
};

describe('the report', () => {
  it('is the same text twice', () => {
    expect(renderCost(SYSTEM, PRICES)).toBe(renderCost(SYSTEM, PRICES));
  });

  it('names the greatest rate at which a job costs less than Flink, and says where none is', () => {
    const text = renderCost(SYSTEM, PRICES);
    // A unit an event: 165.6 / (0.625 x 2.628) events a second, less what they take of Lambda.
    const lines = text.split('\n').filter((line) => line.startsWith('| `order-timeout`'));
    const limit = Number(lines.find((line) => line.split('|').length === 4)?.split('|')[2]);
    expect(limit).toBeGreaterThan(99);
    expect(limit).toBeLessThanOrEqual(101);
    expect(text).toMatch(/\| `hot-items` +\| +above 1,000 \|/);
  });

  it('shows a doubled price doubled in its column', () => {
    const { cloudWatch } = PRICES;
    const dearer: Prices = {
      ...PRICES,
      cloudWatch: { ...cloudWatch, metricMonth: 2 * cloudWatch.metricMonth },
    };
    expect(cells(renderCost(SYSTEM, PRICES), 'custom metrics')).toContain('$15.0');
    expect(cells(renderCost(SYSTEM, dearer), 'custom metrics')).toContain('$30.0');
    const writes = { ...PRICES, dynamoDb: { ...PRICES.dynamoDb, writeUnit: 1.25 / 1_000_000 } };
    expect(cells(renderCost(SYSTEM, PRICES), '`order-timeout`')).toContain('$164');
    expect(cells(renderCost(SYSTEM, writes), '`order-timeout`')).toContain('$329');
  });

  it('shows a variant of a job below the totals, which do not have it', () => {
    const text = renderCost(SYSTEM, PRICES);
    expect(cells(text, 'with few rows')).toContain('$1.64');
    const without = {
      ...SYSTEM,
      rates: SYSTEM.rates.map((each) => ({ ...each, variants: new Map() })),
    };
    expect(cells(text, '**in all**')).toEqual(cells(renderCost(without, PRICES), '**in all**'));
    expect(text).toMatch(
      /^Instead, with few rows: the jobs \$[\d.,]+, \$[\d.,]+ in all; in one Flink application/m,
    );
    expect(renderCost(without, PRICES)).not.toContain('Instead, ');
  });

  it('has a job pay for its own stream, and Flink for those of events alone', () => {
    const job = orderReconcile.build();
    const name = repartitionStreamOf(job) ?? '';
    const own = { name, share: 1, bytesEach: 100, partitionKeys: [] };
    const system = {
      ...SYSTEM,
      streams: [...SYSTEM.streams, own],
      rates: SYSTEM.rates.map((each) => ({
        ...each,
        jobs: [...each.jobs, { job, memory, usage: usageAt(each.rate, 0.001) }],
        shards: new Map([...each.shards, [name, 3]]),
      })),
    };
    const text = renderCost(system, PRICES);
    // Three shards at $11 a month, and five put units a second and shard.
    expect(cells(text, '`order-reconcile`')[8]).toBe('$33.4');
    expect(cells(text, '`hot-items`')[8]).toBe('$0');
    expect(cells(text, 'streams')).toEqual(cells(renderCost(SYSTEM, PRICES), 'streams'));
    expect(text).toMatch(/^\| shards +\| +5 \|/m);
    expect(text).toContain(`Shards: user-behavior 2, ${name} 3.`);
  });

  it('adds to Flink what its rows cost, so that they make no difference', () => {
    const withRows = SYSTEM.rates.map((each) => ({
      ...each,
      jobs: each.jobs.map((job) => ({ ...job, usage: { ...job.usage, answerWrites: 10 ** 8 } })),
    }));
    expect(cells(renderCost(SYSTEM, PRICES), '`hot-items`')).toContain('$166');
    expect(cells(renderCost({ ...SYSTEM, rates: withRows }, PRICES), '`hot-items`')).toContain(
      '$228',
    );
  });

  it('has no line that is too long for a terminal', () => {
    const long = renderCost(SYSTEM, PRICES)
      .split('\n')
      .filter((line) => line.length > 125);
    expect(long).toEqual([]);
  });
});

describe('the break-even', () => {
  const points = [
    { rate: 0, cost: 10 },
    { rate: 100, cost: 110 },
    { rate: 1_000, cost: 1_010 },
  ];

  it('lies where the line through the points passes the price', () => {
    expect(breakEven(points, 60)).toBe(50);
    expect(breakEven(points, 560)).toBe(550);
  });

  it('is a point that costs the price itself', () => {
    expect(breakEven(points, 110)).toBe(100);
    expect(breakEven(points, 10)).toBe(0);
  });

  it('is not there where every rate costs less, or more', () => {
    expect(breakEven(points, 1_010)).toBeUndefined();
    expect(breakEven(points, 9)).toBeUndefined();
  });
});

describe('figures', () => {
  it('have three digits, of which two may stand behind the point', () => {
    expect([0, 0.126, 1.234, 9.996, 99.96, 123.4, 83_763].map((each) => figure(each, 2))).toEqual([
      '0',
      '0.13',
      '1.23',
      '10.0',
      '100',
      '123',
      '83,800',
    ]);
    expect(dollars(0.004)).toBe('< $0.01');
    expect(dollars(0)).toBe('$0');
  });

  it('stand below each other in a table', () => {
    expect(
      markdownTable([
        ['what', 'n'],
        ['a', '1'],
        ['bcdef', '1,000'],
      ]),
    ).toBe(
      ['| what  |     n |', '| ----- | ----: |', '| a     |     1 |', '| bcdef | 1,000 |'].join(
        '\n',
      ),
    );
  });

  it('in a paragraph are not divided', () => {
    const text = wrapped(`${'word '.repeat(60)}\n  1,000`);
    expect(text.split('\n').every((line) => line.length <= 118)).toBe(true);
    expect(text.replaceAll('\n', ' ')).toBe(`${'word '.repeat(60)}1,000`);
  });
});

describe('the telemetry of the functions', () => {
  const { bytes, metrics } = measureTelemetry({
    POWERTOOLS_SERVICE_NAME: 'tidemark-prod',
    POWERTOOLS_METRICS_NAMESPACE: 'Tidemark',
  });

  it('has lines of every job for every kind of invocation that works for it', () => {
    for (const { name } of JOBS) expect(bytes.get(`${name}/ingest`)).toBeGreaterThan(400);
    expect(bytes.has('hot-items/close')).toBe(true);
    expect(bytes.has('hot-items/fire')).toBe(false);
    expect(bytes.has('order-timeout/fire')).toBe(true);
    expect(bytes.has('ad-blacklist/close') && bytes.has('ad-blacklist/fire')).toBe(true);
  });

  it('counts a metric once for each job that tells it', () => {
    // Of which the runs are told by the functions that run for it, and the size of its store by a keyed job.
    const runs = JOBS.flatMap(({ usual }) => scheduledFunctionsOf(usual)).length;
    const stores = JOBS.filter(({ usual }) => isKeyed(usual)).length;
    const ofEachJob = (metrics - runs - stores) / JOBS.length;
    expect(ofEachJob % 1).toBe(0);
    expect(ofEachJob).toBeGreaterThanOrEqual(4);
  });
});
