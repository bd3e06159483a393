/** Jobs whose windows are days: what their ends cost counts once a day, and grows with the day. */
import { describe, expect, it } from 'vitest';
import { DAYS_A_MONTH, DAYS_A_YEAR, type DayEnd, dayEndOf } from '../../../../bench/cost/dayEnd.ts';
import { measure } from '../../../../bench/cost/measure.ts';
import { PRICES } from '../../../../bench/cost/prices.ts';
import type { MeasuredSystem } from '../../../../bench/cost/system.ts';
import { byVisitor, START_MS, trafficOf } from '../../../../bench/cost/traffic.ts';
import { usersSections } from '../../../../bench/cost/usersSection.ts';
import { userProfile } from '../../../../functions/userProfile/job.ts';
import type { JobFamily } from '../../../../shared/index.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/runtime/settings.ts';

const spentOf = (requests: number, read: number, write: number) => ({
  ...{ invocations: 0, requests, read, write },
});

const DAY: DayEnd = {
  events: 11_000,
  rows: 1_000,
  spent: { state: { ...spentOf(10, 100, 5), invocations: 1 }, answers: spentOf(1_000, 50, 2_000) },
  bytes: { answers: 900_000, indexes: 300_000 },
};

/** So many minutes of them. */
function visitorsOf(minutes: number): number {
  const users = new Set<string>();
  for (const event of trafficOf('user-behavior', { first: 1 })) {
    if (event.arrivalMs >= START_MS + minutes * 60_000) break;
    const { line } = byVisitor(event, 60_000);
    users.add(/"userId":"(\d+)"/.exec(line)?.[1] ?? '');
  }
  return users.size;
}

describe('the end of a day', () => {
  it('has so many times the rows and units of a day so many times as large', () => {
    expect(dayEndOf(DAY, 3)).toEqual({
      events: 33_000,
      rows: 3_000,
      spent: {
        state: { ...spentOf(30, 300, 15), invocations: 1 },
        answers: spentOf(3_000, 150, 6_000),
      },
      bytes: { answers: 2_700_000, indexes: 900_000 },
    });
  });

  it('takes as many runs as its rows do', () => {
    // Half a minute of puts at 2 ms are 15,000.
    expect(dayEndOf(DAY, 15).spent.state).toMatchObject({ invocations: 1, read: 1_500 });
    expect(dayEndOf(DAY, 16).spent.state).toMatchObject({ invocations: 2, read: 1_600 });
  });

  it('is measured behind the stretch, and counts once a day with all of its rows', async () => {
    // There a day ends an hour after traffic begins.
    const family = { ...userProfile, usual: userProfile.build({ zone: 'Pacific/Tongatapu' }) };
    const usage = await measure({
      ...{ family: family as unknown as JobFamily, rate: 100, shardsOf: () => 2 },
      batching: { windowMs: 10_000, lines: 2_000_000 },
      settings: DEFAULT_SETTINGS,
      plan: {
        ...{ warmUpMinutes: 1, measuredMinutes: 1, rateMax: 100, warmUpRateMax: 100, lanes: 'all' },
        days: { endsAfterMinutes: 60, visitMinutes: 1 },
      },
      idle: 'measured',
    });
    expect(new Date(START_MS + 60 * 60_000).toISOString()).toBe('2026-03-02T11:00:00.000Z');
    const { dayEnd } = usage;
    // All but those of whom there are mistakes alone.
    const users = visitorsOf(2);
    expect(dayEnd?.rows).toBeGreaterThan(0.99 * users);
    expect(dayEnd?.rows).toBeLessThanOrEqual(users);
    // A unit for a row and one for its index, and one for each of eleven tags.
    expect(dayEnd?.spent.answers.write).toBe(2 * (dayEnd?.rows ?? 0) + 11);
    const times = usage.events / DAYS_A_MONTH / (dayEnd?.events ?? 0);
    expect(usage.answerWrites).toBeCloseTo(
      DAYS_A_MONTH * times * (dayEnd?.spent.answers.write ?? 0),
      0,
    );
    expect(usage.spent.get('close:dayEnd')?.write).toBeGreaterThan(usage.answerWrites);
    const { answers, indexes } = usage.storedBytes;
    expect(answers).toBeCloseTo(DAYS_A_YEAR * times * (dayEnd?.bytes.answers ?? 0), -3);
    expect(indexes).toBeGreaterThan(0);
    expect(indexes).toBeLessThan(answers / 2);
    // A day that has ended is not in a month without events.
    expect(usage.idle.get('close:schedule')?.write).toBe(0);
  });
});

describe('a million users a day', () => {
  const systemOf = (dayEnd?: DayEnd) =>
    ({
      rates: [
        {
          jobs: [
            {
              job: userProfile.build(),
              memory: { ingest: 1_024, close: 1_769, fire: 1_024 },
              usage: dayEnd ? { dayEnd } : {},
            },
          ],
        },
      ],
    }) as unknown as MeasuredSystem;
  const costOf = (prices: typeof PRICES, start: string) => {
    const [text = ''] = usersSections(systemOf(DAY), prices);
    return text
      .split('\n')
      .find((line) => line.startsWith(`| ${start}`))
      ?.split('|')
      .map((cell) => cell.trim())
      .at(-2);
  };

  it('cost a month of their rows’ write units, which a doubled price doubles', () => {
    // Two units a row: 2,000,000 x 30.4 x $0.625 a million.
    expect(costOf(PRICES, 'rows, with their index')).toBe('$38.0');
    const { dynamoDb } = PRICES;
    const doubled = { ...PRICES, dynamoDb: { ...dynamoDb, writeUnit: 2 * dynamoDb.writeUnit } };
    expect(costOf(doubled, 'rows, with their index')).toBe('$76.0');
  });

  it('cost what their rows are made of, once or in each run', () => {
    // 100,000 units, and 50,000 for a look at rows: x 30.4 x $0.125 a million; runs of 15,000 puts are 67.
    expect(costOf(PRICES, 'reading what they are made of, once')).toBe('$0.57');
    expect(costOf(PRICES, 'the same, were each of 67 runs cold')).toBe('$25.7');
  });

  it('cost the storage of tables with backups, and of indexes without', () => {
    // 900 bytes a row at $0.45 and 300 at $0.25 a GB, a year of them.
    const gigabytes = (bytes: number) => (365 * 1_000_000 * bytes) / 1024 ** 3;
    const expected = gigabytes(900) * 0.45 + gigabytes(300) * 0.25;
    expect(costOf(PRICES, 'storage of the rows of a year')).toBe(`$${expected.toFixed(0)}`);
  });

  it('are told of jobs whose windows are days, and of no others', () => {
    expect(usersSections(systemOf(), PRICES)).toEqual([]);
  });
});
