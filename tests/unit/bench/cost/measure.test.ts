import { describe, expect, it } from 'vitest';
import { type Measuring, measure } from '../../../../bench/cost/measure.ts';
import { type CostPlan, isPlanned, planOf } from '../../../../bench/cost/plans.ts';
import { MINUTES_A_MONTH, SECONDS_A_MONTH } from '../../../../bench/cost/prices.ts';
import { hotItems } from '../../../../functions/hotItems/job.ts';
import { orderTimeout } from '../../../../functions/orderTimeout/job.ts';
import { pvuv } from '../../../../functions/pvuv/job.ts';
import type { JobFamily } from '../../../../shared/index.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/runtime/settings.ts';
import { FLINK_JOBS } from '../../../support/flinkRows.ts';

const SHORT: CostPlan = {
  warmUpMinutes: 1,
  measuredMinutes: 1,
  rateMax: 100,
  warmUpRateMax: 100,
  lanes: 'all',
};

const measuring = (given: Partial<Measuring>): Measuring => ({
  family: pvuv,
  rate: 100,
  shardsOf: () => 2,
  batching: { windowMs: 10_000, lines: 2_000_000 },
  settings: DEFAULT_SETTINGS,
  plan: SHORT,
  idle: 'leftOut',
  ...given,
});

const ingestOf = async (given: Partial<Measuring>) => {
  const { spent } = await measure(measuring(given));
  const [ingest] = [...spent].flatMap(([kind, each]) => (kind.startsWith('ingest') ? [each] : []));
  if (!ingest) throw new Error('nothing was ingested');
  return ingest;
};

describe('measuring a job', () => {
  it('gives the same figures twice', async () => {
    const first = await measure(measuring({ idle: 'measured' }));
    expect(await measure(measuring({ idle: 'measured' }))).toEqual(first);
  });

  it('delivers a batch of each shard every batching window, and writes a commit for each', async () => {
    const often = await ingestOf({});
    const perLane = often.invocations / 2 / MINUTES_A_MONTH;
    expect(perLane).toBeGreaterThan(5.5);
    expect(perLane).toBeLessThanOrEqual(6);
    expect(often.write).toBeGreaterThan(0.99 * often.invocations);
    const seldom = await ingestOf({ batching: { windowMs: 30_000, lines: 2_000_000 } });
    expect(seldom.invocations).toBeLessThan(often.invocations / 2.5);
    expect(seldom.write).toBeLessThan(often.write);
  });

  it('delivers a batch that is full before its window ends', async () => {
    const { invocations } = await ingestOf({ batching: { windowMs: 10_000, lines: 200 } });
    // A shard gets 50 events a second.
    expect(invocations / 2 / MINUTES_A_MONTH).toBeGreaterThan(13);
  });

  it('multiplies the units of the part of the keys that it simulates', async () => {
    const whole = await measure(measuring({}));
    const tenTimes = await measure(measuring({ rate: 1_000 }));
    expect(tenTimes.events).toBe(10 * whole.events);
    expect(unitsOf(tenTimes)).toBeCloseTo(10 * unitsOf(whole), 3);
    expect(tenTimes.storedBytes.state).toBeCloseTo(10 * whole.storedBytes.state, 0);
  });

  it('finds what a window job costs at a rate from two lower ones', async () => {
    const plan: CostPlan = { ...SHORT, measuredMinutes: 2, rateMax: 1_000, warmUpRateMax: 1_000 };
    const family = hotItems;
    const whole = await measure(measuring({ family, plan, rate: 1_000 }));
    const found = await measure(
      measuring({ family, plan: { ...plan, rateMax: 300 }, rate: 1_000 }),
    );
    expect(found.events).toBe(whole.events);
    const times = (unit: 'read' | 'write') => unitsOf(found, [unit]) / unitsOf(whole, [unit]);
    expect(times('write')).toBeGreaterThan(0.95);
    expect(times('write')).toBeLessThan(1.2);
    expect(times('read')).toBeGreaterThan(1);
  });

  it('counts as many invocations as there are shards, whatever part of them it simulates', async () => {
    const plan: CostPlan = { ...SHORT, lanes: 'share' };
    const all = await ingestOf({ family: orderTimeout, plan, shardsOf: () => 2 });
    const share = await ingestOf({ family: orderTimeout, plan, rate: 1_000, shardsOf: () => 20 });
    expect(share.invocations).toBeCloseTo(10 * all.invocations, 3);
  });

  it('runs the schedule every minute when nothing comes, and writes no row of a window then', async () => {
    const { idle } = await measure(measuring({ idle: 'measured' }));
    expect([...idle.keys()]).toEqual(['close:schedule']);
    const schedule = idle.get('close:schedule');
    expect(schedule?.invocations).toBeCloseTo(MINUTES_A_MONTH);
    expect(schedule?.write).toBe(0);
    expect(schedule?.read).toBeGreaterThan(0);
  });

  it('writes about a unit for an event of an order', async () => {
    const { spent, events } = await measure(measuring({ family: orderTimeout }));
    expect(events).toBe(100 * SECONDS_A_MONTH);
    const written = (spent.get('ingest:orders')?.write ?? 0) / events;
    expect(written).toBeGreaterThan(0.8);
    expect(written).toBeLessThan(1.2);
  });

  it('has a plan for every job that the project comes with, and says where there is none', () => {
    expect(FLINK_JOBS.filter((family) => !isPlanned(family))).toEqual([]);
    const own = { ...orderTimeout, name: 'own-job' } as unknown as JobFamily;
    expect(isPlanned(own)).toBe(false);
    expect(() => planOf(own)).toThrow('own-job: add what to simulate of it to PLANS');
  });
});

const unitsOf = (
  { spent }: Awaited<ReturnType<typeof measure>>,
  units: readonly ('read' | 'write')[] = ['read', 'write'],
): number =>
  [...spent.values()].reduce(
    (sum, each) => sum + units.reduce((all, unit) => all + each[unit], 0),
    0,
  );
