/** Hot pages on the course project's web log, in process: the values that analyses of it must give. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../cli/runJob.ts';
import { hotPages } from '../../functions/hotPages/job.ts';
import { referenceFile } from '../support/referenceFile.ts';
import { comparable, readEvents, runAll } from '../support/referenceRuns.ts';

const { path: FILE, isThere } = referenceFile('apache.log');

const REQUESTS = 5_113;
const WINDOWS = 11_002;
/** 10 min every 5 s: an event is in so many windows. */
const WINDOWS_PER_EVENT = 120;

describe.skipIf(!isThere)('hot pages on the reference file', () => {
  let results: readonly RunResult[] = [];
  beforeAll(async () => {
    results = await runAll(hotPages.build(), await readEvents({ 'page-views': FILE }));
  }, 60_000);

  it('keeps 5,113 of 10,000 requests, and none is late', () => {
    const filtered = 10_000 - REQUESTS;
    for (const { stats } of results) {
      expect(stats).toMatchObject({ accepted: REQUESTS, filtered, late: 0, dead: 0, expired: 0 });
    }
  });

  it('has 11,002 windows, and every request in each of its 120', () => {
    for (const { rows } of results) {
      expect(new Set(rows.map(({ windowEnd }) => windowEnd)).size).toBe(WINDOWS);
      const events = rows.reduce((sum, row) => sum + (row['events'] as number), 0);
      expect(events).toBe(REQUESTS * WINDOWS_PER_EVENT);
    }
  });

  it('ranks three pages in the window ending 10:06:00', () => {
    for (const { rows } of results) {
      const row = rows.find(({ windowEnd }) => windowEnd === '2015-05-17T10:06:00.000Z');
      expect(row).toMatchObject({
        board: 'pages',
        windowStart: '2015-05-17T09:56:00.000Z',
        ranking: [
          { rank: 1, id: '/blog/tags/puppet?flav=rss20', count: 3 },
          { rank: 2, id: '/', count: 2 },
          { rank: 3, id: '/blog/tags/firefox?flav=rss20', count: 2 },
        ],
      });
    }
  });

  it('gives the same rows whatever the lanes and the batch size', () => {
    const [first, ...others] = results.map(comparable);
    for (const rows of others) expect(rows).toEqual(first);
  });
});
