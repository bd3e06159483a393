/** What closing keeps and for how long: pages, what is behind them, silent lanes, backlogs. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { JobDefinitionError } from '../../../../shared/errors.ts';
import { days, hours, minutes, seconds, tumbling } from '../../../../shared/index.ts';
import { readClosingState } from '../../../../shared/state/inspect.ts';
import { pagePartition } from '../../../../shared/state/keys.ts';
import { T0 } from '../../../support/jobs.ts';
import { A, B, LATENESS, Site } from '../../../support/site.ts';

describe('a page that is gone', () => {
  it('keeps the row as it is, and says so', async () => {
    const site = new Site(LATENESS);
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    await site.close('schedule');
    for (const { pk, sk } of [...site.state.items()]) {
      if (pk === pagePartition(site.job.id)) site.state.remove({ pk: String(pk), sk: String(sk) });
    }
    await site.visits([[30, 'a']]);
    expect(await site.cold.close('schedule')).toMatchObject({
      windowsRefused: 1,
      rowsWritten: 0,
    });
    expect(site.shown()).toEqual([[1, { a: 1 }, 0, false]]);
  });
});

describe('content behind all that is stored', () => {
  it('is counted as expired, by lane, and changes no row', async () => {
    const settings = { correctionRetention: minutes(10) };
    const site = new Site(LATENESS, { settings });
    await site.visits([[5, 'b']], B);
    site.clock.advance(seconds(61));
    await site.visits(
      [
        [7, 'a'],
        [3_600, 'a'],
      ],
      A,
    );
    await site.close('schedule');
    // Lane B was idle, and far behind; how long its corrections are taken is a matter of settings.
    site.clock.advance(hours(48));
    await site.visits(
      [
        [7_200, 'a'],
        [7_300, 'a'],
      ],
      A,
    );
    await site.close('schedule');
    const rows = site.shown();
    await site.visits(
      [
        [8, 'b'],
        [9, 'b'],
      ],
      B,
    );
    const report = await site.close('schedule');
    const { lanes, expiredBefore } = await readClosingState(site.job.id, site.state);
    expect(expiredBefore).toBeGreaterThan(T0 + 60_000);
    expect(report.expired).toBe(2);
    expect(lanes.get(`page-views/${B}`)?.expired).toBe(2);
    expect(site.shown()).toEqual(rows);
    const [status] = (await site.commits(B)).slice(-1);
    expect(status?.totals.accepted).toBe(3);
  });
});

describe('a backlog of many days, of which one shard is read before another one', () => {
  const day = 86_400;
  const settings = { correctionRetention: hours(12) };
  const backlog = (page: string) =>
    Array.from({ length: 5 }, (_, n): [number, string] => [(n - 5) * day + 5, page]);

  it('is counted whole, however far the first lane has come', async () => {
    const site = new Site({}, { settings });
    await site.visits(backlog('a'), A);
    await site.close('endOfInput');
    site.clock.advance(hours(11));
    await site.visits(backlog('b'), B);
    expect(await site.cold.close('endOfInput')).toMatchObject({ expired: 0 });
    const one = { a: 1, b: 1 };
    expect(site.shown().map(([, pages]) => pages)).toEqual([one, one, one, one, one]);
  });

  it('keeps its slices for so long only', async () => {
    const site = new Site({}, { settings });
    await site.visits(backlog('a'), A);
    await site.close('endOfInput');
    site.clock.advance(hours(12));
    await site.visits([[0, 'a']], A);
    await site.close('endOfInput');
    await site.visits(backlog('b'), B);
    expect(await site.close('endOfInput')).toMatchObject({ expired: 5 });
  });
});

describe('a silent lane', () => {
  it('has its head carried forward before it expires, and goes on from there', async () => {
    const site = new Site();
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    for (let day = 0; day < 15; day += 1) {
      site.clock.advance(days(1));
      await site.cold.close('schedule');
    }
    const commits = await site.commits();
    expect(commits.length).toBeGreaterThan(1);
    const head = commits.at(-1);
    expect(head?.deltas).toBeUndefined();
    expect(head?.expiresAt).toBeGreaterThan(site.clock.now());
    expect(head?.totals).toEqual(commits[0]?.totals);
    expect(head?.to).toEqual(commits[0]?.to);
    expect(head?.lastValidAt).toBe(commits[0]?.lastValidAt);
    for (const { slot, expiresAt } of commits) {
      if (expiresAt >= site.clock.now()) continue;
      site.state.remove({ pk: `visits@1#log#page-views/${A}`, sk: String(slot).padStart(12, '0') });
    }
    site.coldStart();
    await site.visits([[61, 'c']]);
    expect((await site.commits()).at(-1)?.totals.accepted).toBe(3);
    await site.cold.close('endOfInput');
    expect(site.shown().map(([end, pages]) => [end, pages])).toEqual([
      [1, { a: 1 }],
      [2, { b: 1, c: 1 }],
    ]);
  });
});

describe('a backlog', () => {
  it('larger than one run reads is taken in rounds, and no window closes before all of it is merged', async () => {
    const site = new Site();
    const pages = Array.from({ length: 8_000 }, () => randomBytes(20).toString('base64'));
    for (let round = 0; round < 30; round += 1) {
      await site.visits(
        pages.slice(0, 4_000).map((page, i) => [i % 50, `${round}${page}${i}`]),
        A,
      );
    }
    await site.visits(
      [
        [3, 'b'],
        [70, 'b'],
      ],
      B,
    );
    await site.visits([[80, 'a']], A);
    const report = await site.close('schedule');
    expect(report.commitsRead).toBe((await site.commits(A)).length + 1);
    expect(site.rows()).toMatchObject([{ visits: 120_001, revision: 0 }]);
  }, 30_000);
});

it.each([
  [days(14), 0, 'taken'],
  [days(13), days(1), 'taken'],
  [days(14), 1, 'refused'],
])(
  'with windows of %d ms and a lateness of %d ms is %s: slices are stored for 14 days',
  (size, lateness, fate) => {
    const start = () =>
      new Site({ assign: tumbling({ size }), allowedLateness: seconds(lateness / 1_000) });
    if (fate === 'taken') start();
    else expect(start).toThrow(JobDefinitionError);
  },
);
