import { describe, expect, it } from 'vitest';
import {
  fixedBillOf,
  jobBillOf,
  streamBillOf,
  totalOf,
  unpackedPutsOf,
} from '../../../../bench/cost/bill.ts';
import { flinkCost, GUIDE_KPUS, kpusFor, sinkCost } from '../../../../bench/cost/flink.ts';
import type { Usage } from '../../../../bench/cost/measure.ts';
import { GB, PRICES, type Prices } from '../../../../bench/cost/prices.ts';
import { pvuv } from '../../../../functions/pvuv/job.ts';

const MILLION = 1_000_000;
const USAGE: Usage = {
  events: 100 * MILLION,
  spent: new Map([
    [
      'ingest:user-behavior',
      { invocations: MILLION, requests: 2 * MILLION, read: 0, write: 8 * MILLION },
    ],
    ['close:nudge', { invocations: MILLION, requests: MILLION, read: 4 * MILLION, write: 0 }],
    ['close:schedule', { invocations: MILLION, requests: 0, read: 0, write: 0 }],
  ]),
  answerWrites: 2 * MILLION,
  storedBytes: { state: 4 * GB, answers: 2 * GB, indexes: GB },
  idle: new Map(),
};
const memory = { ingest: 1_024, close: 2_048, fire: 1_024 };
const telemetry = {
  metrics: 0,
  bytes: new Map([
    ['pvuv/ingest', 600],
    ['pvuv/close', 100],
  ]),
};
const billed = (prices: Prices = PRICES) =>
  jobBillOf(pvuv.build(), USAGE, memory, telemetry, prices);

describe('the bill of a job', () => {
  it('prices units, storage with recovery of the answers, time by memory, and lines', () => {
    const bill = billed();
    expect(bill.requests).toBeCloseTo(8 * 0.625 + 4 * 0.125);
    // Backups hold no index.
    expect(bill.storage).toBeCloseTo(4 * 0.25 + 2 * 0.45 + 0.25);
    const ingestSeconds = MILLION * 0.02 + 2 * MILLION * 0.002 + 100 * MILLION * 0.000_005;
    const closeSeconds = 2 * MILLION * 0.02 + MILLION * 0.002 + 4 * MILLION * 0.000_1;
    const invoked = 3 * 0.2;
    expect(bill.lambda).toBeCloseTo((ingestSeconds + 2 * closeSeconds) * 0.000_013_333_4 + invoked);
    // Lambda's own lines come with every invocation.
    expect(bill.logs).toBeCloseTo(((600 + 2 * 100 + 3 * 400) * MILLION * 0.5) / GB);
    const { requests, storage, lambda, logs } = bill;
    expect(totalOf(bill)).toBe(requests + storage + lambda + logs);
  });

  it.each([
    ['writeUnit', 8 * 0.625],
    ['readUnit', 4 * 0.125],
  ] as const)('has its %s doubled by a doubled price, and nothing else', (unit, share) => {
    const { dynamoDb } = PRICES;
    const doubled = billed({ ...PRICES, dynamoDb: { ...dynamoDb, [unit]: 2 * dynamoDb[unit] } });
    expect(doubled.requests - billed().requests).toBeCloseTo(share);
    expect(totalOf(doubled) - totalOf(billed())).toBeCloseTo(share);
  });
});

describe('the bill of a stream', () => {
  const puts = (eventsPerSecond: number, shards: number) =>
    streamBillOf({ shards, eventsPerSecond, bytesEach: 100 }, PRICES).puts;

  it('prices shards by the hour, with or without events', () => {
    const idle = streamBillOf({ shards: 2, eventsPerSecond: 0, bytesEach: 100 }, PRICES);
    expect(totalOf(idle)).toBeCloseTo(2 * 730 * 0.015);
  });

  it('counts a record for each event while they come more seldom than a record lingers', () => {
    expect(puts(4, 1)).toBeCloseTo(unpackedPutsOf(4, PRICES));
    expect(puts(5, 1)).toBeCloseTo(unpackedPutsOf(5, PRICES));
  });

  it('counts five records a second and shard until they are full', () => {
    expect(puts(6, 1)).toBeCloseTo(puts(5, 1));
    expect(puts(1_280, 1)).toBeCloseTo(puts(5, 1));
    expect(puts(2_560, 1)).toBeCloseTo(2 * puts(5, 1));
    expect(puts(1_280, 2)).toBeCloseTo(2 * puts(5, 1));
  });
});

describe('what all jobs share', () => {
  it('is metrics, alarms and the dashboard', () => {
    const fixed = fixedBillOf({ metrics: 50, alarms: 60, dashboards: 1 }, PRICES);
    expect(fixed).toEqual({ metrics: 15, alarms: 6, dashboard: 3 });
  });
});

describe('an application of Managed Flink', () => {
  it('has a KPU for orchestration beside those that process', () => {
    expect(flinkCost(1, PRICES)).toBeCloseTo(160.6 + 5);
    expect(flinkCost(GUIDE_KPUS, PRICES)).toBeCloseTo(240.9 + 10);
  });

  it('has another KPU as soon as one is not enough', () => {
    expect(kpusFor(0)).toBe(1);
    expect(kpusFor(22_000)).toBe(1);
    expect(kpusFor(22_001)).toBe(2);
  });
});

describe('the rows of a job', () => {
  it('cost Flink what they cost here: their writes, and their storage with recovery', () => {
    expect(sinkCost(USAGE, PRICES)).toBeCloseTo(2 * 0.625 + 2 * 0.45 + 0.25);
  });
});
