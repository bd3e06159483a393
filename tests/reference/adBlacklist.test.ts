/** The ad blacklist on the course project's clicks, in process. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../cli/runJob.ts';
import { adBlacklist } from '../../functions/adBlacklist/job.ts';
import { referenceFile } from '../support/referenceFile.ts';
import { answersIn, comparable, readEvents, runAll } from '../support/referenceRuns.ts';

const { path, isThere } = referenceFile('AdClickLog.csv');

/** 2017-11-26, a time of day in Shanghai (UTC+8). */
const shanghai = (time: string): string => new Date(`2017-11-26T${time}:00+08:00`).toISOString();

describe.skipIf(!isThere)('the ad blacklist on the reference file', () => {
  let results: readonly RunResult[] = [];
  beforeAll(async () => {
    results = await runAll(adBlacklist.build(), await readEvents({ 'ad-clicks': path }));
  }, 60_000);

  const countsAt = (result: RunResult, time: string): Record<string, unknown> =>
    Object.fromEntries(
      answersIn(result, 'ad-clicks')
        .filter(({ windowEnd, province }) => windowEnd === shanghai(time) && province !== 'total')
        .map(({ province, count }) => [province, count]),
    );

  it('blocks user 937166 on ad 1715, and nobody else', () => {
    for (const result of results) {
      expect(answersIn(result, 'ad-blacklist')).toEqual([
        {
          userId: '937166',
          adDay: '1715#2017-11-26',
          adId: '1715',
          day: '2017-11-26',
          blockedAt: new Date(1_511_661_701_000).toISOString(),
          limit: 100,
        },
      ]);
    }
  });

  it('lets 122 clicks pass and drops 21', () => {
    for (const { stats } of results) {
      expect(stats).toMatchObject({ accepted: 122, filtered: 21, late: 0, dead: 0, expired: 0 });
    }
  });

  it.each([
    ['09:05', { beijing: 2, guangdong: 2, shanghai: 1 }],
    ['09:10', { beijing: 2, guangdong: 4, shanghai: 2 }],
    ['09:15', { beijing: 2, guangdong: 5, shanghai: 2 }],
    ['09:20', { beijing: 2, guangdong: 5, shanghai: 2 }],
    [
      '10:05',
      { beijing: 100, zhejiang: 5, jiangsu: 4, guangdong: 3, henan: 3, hebei: 1, shanghai: 1 },
    ],
  ])('counts by province in the window ending %s', (time, counts) => {
    for (const result of results) {
      expect(countsAt(result, time)).toEqual(counts);
      const total = answersIn(result, 'ad-clicks').find(
        ({ windowEnd, province }) => windowEnd === shanghai(time) && province === 'total',
      );
      expect(total).toMatchObject({
        count: Object.values(counts).reduce((sum, each) => sum + each, 0),
        provinces: counts,
      });
    }
  });

  it('has 24 windows, 99 rows of provinces and a total for each window', () => {
    for (const result of results) {
      const rows = answersIn(result, 'ad-clicks');
      expect(rows.filter(({ province }) => province !== 'total').length).toBe(99);
      expect(rows.length).toBe(99 + 24);
      expect(new Set(rows.map(({ windowEnd }) => windowEnd)).size).toBe(24);
      expect(result.stats.windowsClosed).toBe(24);
    }
  });

  it('gives the same rows whatever the lanes and the batch size', () => {
    const [first, ...others] = results.map(comparable);
    for (const rows of others) expect(rows).toEqual(first);
  });
});
