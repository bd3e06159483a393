/** The published values of the course project, from its own input file, in process. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type RunOptions, type RunResult, runJob } from '../../cli/runJob.ts';
import { hotItems } from '../../functions/hotItems/job.ts';
import { pvuv } from '../../functions/pvuv/job.ts';
import { readInput } from '../../inputs/readInput.ts';
import type { JobFamily } from '../../shared/index.ts';
import type { Item } from '../../shared/ports/table.ts';
import { referenceFile } from '../support/referenceFile.ts';

const { path: FILE, isThere } = referenceFile('UserBehavior.csv.gz');

const SETUPS = [1, 3, 8].flatMap((lanes) => [1_000, 10_000].map((batch) => ({ lanes, batch })));

async function run(
  family: JobFamily,
  setup: Omit<RunOptions, 'atEnd'>,
  atEnd: RunOptions['atEnd'],
) {
  return runJob(family.build(), readInput('user-behavior', FILE, { timeUnit: 's' }), {
    ...setup,
    atEnd,
  });
}

/** 2017-11-26, a time of day in Shanghai (UTC+8). */
const shanghai = (time: string): string => new Date(`2017-11-26T${time}:00+08:00`).toISOString();

const rowOf = (rows: readonly Item[], key: Item): Item | undefined =>
  rows.find((row) => Object.entries(key).every(([name, value]) => row[name] === value));

/** What must not depend on lanes and batches, in an order of its own. */
const comparable = (rows: readonly Item[]): string[] =>
  rows.map(({ revision: _r, final: _f, fence: _n, ...row }) => JSON.stringify(row)).sort();

const rankingOf = (rows: readonly Item[], time: string): string[] => {
  const row = rowOf(rows, { board: 'items:pv', windowEnd: shanghai(time) });
  const ranking = row?.['ranking'] as { rank: number; id: string; count: number }[];
  expect(ranking.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
  return ranking.map(({ id, count }) => `${id}=${count}`);
};

describe.skipIf(!isThere)('hot items on the reference file', () => {
  const results: RunResult[] = [];
  beforeAll(async () => {
    for (const setup of SETUPS) results.push(await run(hotItems, setup, 'flush'));
  }, 60_000);

  it('gives the published rankings', () => {
    const rows = results[0]?.rows ?? [];
    expect(rankingOf(rows, '10:10').slice(0, 3)).toEqual(['2338453=30', '812879=18', '2563440=14']);
    // Four items tie at 12 and two places are left: the smaller ids.
    expect(rankingOf(rows, '10:10').slice(3)).toEqual(['138964=12', '2364679=12']);
    expect(rankingOf(rows, '10:15')).toEqual([
      '2338453=33',
      '812879=18',
      '2364679=13',
      '2563440=13',
      '3244134=13',
    ]);
    expect(rankingOf(rows, '10:20').slice(0, 4)).toEqual([
      '2338453=32',
      '812879=18',
      '3244134=15',
      '4649427=13',
    ]);
  });

  it('counts 41,890 views of 36,304 items in the window ending 10:00', () => {
    for (const { rows } of results) {
      expect(rowOf(rows, { board: 'items:pv', windowEnd: shanghai('10:00') })).toMatchObject({
        events: 41_890,
        keys: 36_304,
        windowStart: shanghai('09:00'),
      });
    }
  });

  it('has 38 windows, the first ending 09:05 and the last 12:10', () => {
    for (const { rows, stats } of results) {
      const ends = [...new Set(rows.map((row) => String(row['windowEnd'])))].sort();
      expect(ends.length).toBe(38);
      expect(ends[0]).toBe(shanghai('09:05'));
      expect(ends.at(-1)).toBe(shanghai('12:10'));
      expect(stats.windowsClosed).toBe(38);
    }
  });

  it('gives the same rows whatever the lanes and the batch size', () => {
    const [first, ...others] = results.map(({ rows }) => comparable(rows));
    for (const rows of others) expect(rows).toEqual(first);
  });

  it('accounts for every event', () => {
    for (const { stats } of results) {
      expect(stats).toMatchObject({ accepted: 110_300, filtered: 0, late: 0, dead: 0, expired: 0 });
    }
  });

  it('closes 26 windows without the flush, on one lane', async () => {
    for (const batch of [1_000, 10_000]) {
      const { rows, stats } = await run(hotItems, { lanes: 1, batch }, 'leaveOpen');
      expect(stats.windowsClosed).toBe(26);
      expect(new Set(rows.map((row) => row['windowEnd'])).size).toBe(26);
    }
  });
});

describe.skipIf(!isThere)('traffic on the reference file', () => {
  const results: RunResult[] = [];
  beforeAll(async () => {
    for (const setup of SETUPS) results.push(await run(pvuv, setup, 'flush'));
  }, 60_000);

  it.each([
    ['10:00', 41_890, 28_196],
    ['11:00', 48_022, 32_160],
    ['12:00', 8_449, 6_936],
  ])('in the hour ending %s: %i views by %i users', (time, pv, uv) => {
    for (const { rows } of results) {
      expect(rowOf(rows, { site: 'all', windowEnd: shanghai(time) })).toMatchObject({ pv, uv });
      expect(rows.length).toBe(3);
    }
  });

  it('gives the same rows whatever the lanes and the batch size', () => {
    const [first, ...others] = results.map(({ rows }) => comparable(rows));
    for (const rows of others) expect(rows).toEqual(first);
  });

  it('filters what is no view and accounts for every event', () => {
    for (const { stats } of results) {
      expect(stats).toMatchObject({ accepted: 98_361, filtered: 11_939, late: 0, dead: 0 });
    }
  });
});
