/** Closing over the memory table: rows, revisions, leases, and what a run that died leaves behind. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { JobDefinitionError, RetryableError } from '../../../shared/errors.ts';
import { days, hours, minutes, seconds, sliding, tumbling } from '../../../shared/index.ts';
import { NO_WATERMARK } from '../../../shared/model/time.ts';
import { readClosingState } from '../../../shared/state/inspect.ts';
import { pagePartition } from '../../../shared/state/keys.ts';
import { testClock } from '../../support/clock.ts';
import { type EngineOptions, TestEngine } from '../../support/engine.ts';
import type { Call } from '../../support/interceptedTable.ts';
import { T0, untyped, type VisitsOptions, visit, visitsJob } from '../../support/jobs.ts';
import { streamRecords } from '../../support/records.ts';

const A = 'shardId-000000000000';
const B = 'shardId-000000000001';
const LATENESS: VisitsOptions = { allowedLateness: seconds(60) };

/** An engine whose lanes are fed by `[second, page]`. */
class Site extends TestEngine {
  readonly #next = new Map<string, number>();

  constructor(job: VisitsOptions = {}, options: EngineOptions = {}) {
    super(untyped(visitsJob(job)), options);
  }

  async visits(seen: readonly (readonly [second: number, page: string])[], shard = A) {
    const first = this.#next.get(shard) ?? 0;
    this.#next.set(shard, first + seen.length);
    const records = streamRecords(
      seen.map(([second, page]) => visit(page, second)),
      { first },
    );
    return this.ingest(records, { shard });
  }

  /** `[minute of the window's end, { page: count }, revision, final]` */
  shown() {
    return this.rows().map(({ windowEnd, pages, revision, final }) => [
      (Date.parse(String(windowEnd)) - T0) / 60_000,
      pages,
      revision,
      final,
    ]);
  }
}

describe('a window', () => {
  it('has no row before the watermark reaches its end', async () => {
    const site = new Site();
    await site.visits([
      [5, 'a'],
      [59, 'a'],
    ]);
    expect(await site.closer.run('schedule')).toMatchObject({
      outcome: 'nothingDue',
      // How far the job has come, though nothing is stored: what the lag metric stands on.
      watermark: T0 + 59_000,
      rowsWritten: 0,
    });
    expect(site.shown()).toEqual([]);
    await site.visits([[60, 'b']]);
    expect(await site.closer.run('schedule')).toMatchObject({
      outcome: 'closed',
      watermark: T0 + 60_000,
      windowsClosed: 1,
      rowsWritten: 1,
      commitsRead: 2,
    });
    expect(site.shown()).toEqual([[1, { a: 2 }, 0, true]]);
  });

  it('has a row with the times of the window and what the job says', async () => {
    const site = new Site();
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    await site.closer.run('schedule');
    expect(site.rows()).toEqual([
      {
        site: 'all',
        windowStart: '2017-11-26T01:00:00.000Z',
        windowEnd: '2017-11-26T01:01:00.000Z',
        visits: 1,
        pages: { a: 1 },
        final: true,
        revision: 0,
      },
    ]);
  });

  it('without content has none', async () => {
    const site = new Site();
    await site.visits([
      [5, 'a'],
      [600, 'b'],
    ]);
    await site.closer.run('schedule');
    expect(site.shown()).toEqual([[1, { a: 1 }, 0, true]]);
  });

  it('waits for the slowest lane', async () => {
    const site = new Site();
    await site.visits(
      [
        [5, 'a'],
        [200, 'a'],
      ],
      A,
    );
    await site.visits(
      [
        [10, 'b'],
        [59, 'b'],
      ],
      B,
    );
    await site.closer.run('schedule');
    expect(site.shown()).toEqual([]);
    await site.visits([[61, 'b']], B);
    await site.closer.run('schedule');
    expect(site.shown()).toEqual([[1, { a: 1, b: 2 }, 0, true]]);
  });
});

describe('a revision', () => {
  it('is raised only when the content differs; `final` alone raises none', async () => {
    const site = new Site(LATENESS);
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    await site.closer.run('schedule');
    expect(site.shown()).toEqual([[1, { a: 1 }, 0, false]]);
    await site.visits([[30, 'a']]);
    await site.closer.run('schedule');
    expect(site.shown()).toEqual([[1, { a: 2 }, 1, false]]);
    await site.visits([[120, 'c']]);
    await site.closer.run('schedule');
    expect(site.shown()).toEqual([
      [1, { a: 2 }, 1, true],
      [2, { b: 1 }, 0, false],
    ]);
  });

  it('is not raised by running again', async () => {
    const site = new Site(LATENESS);
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    for (let i = 0; i < 3; i += 1) await site.newCloser().run('schedule');
    expect(site.shown()).toEqual([[1, { a: 1 }, 0, false]]);
  });

  it('follows a lane that comes back from idleness', async () => {
    const site = new Site();
    await site.visits([[10, 'b']], B);
    site.clock.advance(seconds(61));
    await site.visits(
      [
        [5, 'a'],
        [130, 'a'],
      ],
      A,
    );
    await site.closer.run('schedule');
    expect(site.shown()).toEqual([[1, { a: 1, b: 1 }, 0, false]]);
    await site.visits([[50, 'c']], B);
    await site.closer.run('schedule');
    expect(site.shown()[0]).toEqual([1, { a: 1, b: 1, c: 1 }, 1, false]);
  });

  it('shows an event in the windows that still take it, and not in the others', async () => {
    const site = new Site({ assign: sliding({ size: minutes(3), slide: minutes(1) }) });
    await site.visits([
      [5, 'a'],
      [130, 'now'],
      [6, 'late'],
    ]);
    await site.closer.run('endOfInput');
    expect(site.shown().map(([end, pages]) => [end, pages])).toEqual([
      [1, { a: 1 }],
      [2, { a: 1 }],
      [3, { a: 1, late: 1, now: 1 }],
      [4, { now: 1 }],
      [5, { now: 1 }],
    ]);
  });
});

describe('the end of the input', () => {
  it('closes every window that has content, and leaves nothing to do', async () => {
    const site = new Site();
    await site.visits([
      [5, 'a'],
      [70, 'b'],
    ]);
    await site.closer.run('endOfInput');
    expect(site.shown().map(([end]) => end)).toEqual([1, 2]);
    expect(await site.closer.run('endOfInput')).toMatchObject({ outcome: 'nothingDue' });
  });

  it('is followed by the clock on a stream that merely fell silent', async () => {
    const site = new Site();
    await site.visits([[5, 'a']]);
    site.clock.advance(minutes(5));
    await site.closer.run('schedule');
    expect(site.shown()).toEqual([]);
    site.clock.advance(seconds(1));
    await site.closer.run('schedule');
    expect(site.shown()).toEqual([[1, { a: 1 }, 0, false]]);
  });
});

/** A place where a test holds a run up. */
interface Stop {
  readonly reached: PromiseWithResolvers<void>;
  readonly release: PromiseWithResolvers<void>;
}

describe('the lease', () => {
  /** A site whose first run stops just before its swap, until it is told to go on. */
  async function withStalledRun(job: VisitsOptions = {}) {
    const stalled = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let swaps = 0;
    const site = new Site(job, {
      onState: {
        async before({ operation, items }) {
          if (operation !== 'put' || items[0]?.['sk'] !== 'closing') return;
          swaps += 1;
          // The first put takes the lease; the second is the swap.
          if (swaps !== 2) return;
          stalled.resolve();
          await release.promise;
        },
      },
    });
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    const run = site.closer.run('schedule');
    await stalled.promise;
    return { site, run, release: release.resolve };
  }

  it('keeps a second scheduled run away', async () => {
    const { site, run, release } = await withStalledRun();
    expect(await site.newCloser().run('schedule')).toMatchObject({
      outcome: 'leaseTaken',
      rowsWritten: 0,
    });
    release();
    expect(await run).toMatchObject({ outcome: 'closed', windowsClosed: 1 });
  });

  it('lets a nudge ask the holder to run once more', async () => {
    const { site, run, release } = await withStalledRun();
    await site.visits([[120, 'c']]);
    expect(await site.newCloser().run('nudge')).toMatchObject({ outcome: 'leaseTaken' });
    release();
    expect(await run).toMatchObject({ outcome: 'closed', windowsClosed: 2 });
    expect(site.shown().map(([end, pages]) => [end, pages])).toEqual([
      [1, { a: 1 }],
      [2, { b: 1 }],
    ]);
  });

  it('lost in a race makes a nudge ask the winner to run once more', async () => {
    // Puts of `closing`: the winner's lease, the loser's, and the winner's swap.
    const puts = [1, 2, 3].map(
      (): Stop => ({ reached: Promise.withResolvers(), release: Promise.withResolvers() }),
    );
    let count = 0;
    const site = new Site(LATENESS, {
      onState: {
        async before({ operation, items }) {
          if (operation !== 'put' || items[0]?.['sk'] !== 'closing') return;
          const put = puts[count++];
          put?.reached.resolve();
          await put?.release.promise;
        },
      },
    });
    const [winnersLease, losersLease, swap] = puts as [Stop, Stop, Stop];
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    const winner = site.closer.run('schedule');
    await winnersLease.reached.promise;
    await site.visits([[120, 'c']]);
    const loser = site.newCloser().run('nudge');
    await losersLease.reached.promise;
    winnersLease.release.resolve();
    await swap.reached.promise;
    losersLease.release.resolve();
    expect(await loser).toMatchObject({ outcome: 'leaseTaken', rowsWritten: 0 });
    swap.release.resolve();
    expect(await winner).toMatchObject({ outcome: 'closed', windowsClosed: 2 });
  });

  it('is taken over once it has run out, and the zombie changes nothing any more', async () => {
    const { site, run, release } = await withStalledRun(LATENESS);
    site.clock.advance(seconds(61));
    await site.visits([
      [7, 'late'],
      [121, 'c'],
    ]);
    expect(await site.newCloser().run('schedule')).toMatchObject({ outcome: 'closed' });
    const rows = site.shown();
    const closing = await readClosingState(site.job.id, site.state);
    release();
    expect(await run).toMatchObject({ outcome: 'fenced', rowsWritten: 0 });
    expect(site.shown()).toEqual(rows);
    expect(await readClosingState(site.job.id, site.state)).toEqual(closing);
    expect(rows[0]).toEqual([1, { a: 1, late: 1 }, 1, true]);
  });

  it('fences a zombie that has not written its rows yet', async () => {
    const stalled = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let isFirst = true;
    const site = new Site(LATENESS, {
      onResults: {
        async before({ operation }) {
          if (operation !== 'put' || !isFirst) return;
          isFirst = false;
          stalled.resolve();
          await release.promise;
        },
      },
    });
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    const run = site.closer.run('schedule');
    await stalled.promise;
    site.clock.advance(seconds(61));
    await site.visits([[7, 'late']]);
    await site.newCloser().run('schedule');
    release.resolve();
    expect(await run).toMatchObject({ outcome: 'fenced' });
    expect(site.shown()).toEqual([[1, { a: 1, late: 1 }, 0, false]]);
  });
});

describe('a run that dies', () => {
  it.each(['page', 'row', 'swap'] as const)(
    'at its %s is done again, and nothing is merged twice',
    async (at) => {
      let deaths = 1;
      const die = () => {
        if (deaths === 0) return;
        deaths -= 1;
        throw new RetryableError('the process died');
      };
      let closings = 0;
      const isSwap = ({ operation, items }: Call) => {
        if (operation === 'put' && items[0]?.['sk'] === 'closing') closings += 1;
        return closings === 2;
      };
      const site = new Site(LATENESS, {
        onState: {
          before(call) {
            if (at === 'page' && call.operation === 'batchPut') die();
            if (at === 'swap' && isSwap(call)) die();
          },
        },
        onResults: {
          after({ operation }) {
            if (at === 'row' && operation === 'put') die();
          },
        },
      });
      await site.visits([
        [5, 'a'],
        [6, 'a'],
        [60, 'b'],
      ]);
      await expect(site.closer.run('schedule')).rejects.toThrow('the process died');
      site.clock.advance(seconds(61));
      await site.newCloser().run('schedule');
      expect(site.shown()).toEqual([[1, { a: 2 }, 0, false]]);
    },
  );
});

describe('a page that is gone', () => {
  it('keeps the row as it is, and says so', async () => {
    const site = new Site(LATENESS);
    await site.visits([
      [5, 'a'],
      [60, 'b'],
    ]);
    await site.closer.run('schedule');
    for (const { pk, sk } of [...site.state.items()]) {
      if (pk === pagePartition(site.job.id)) site.state.remove({ pk: String(pk), sk: String(sk) });
    }
    await site.visits([[30, 'a']]);
    expect(await site.newCloser().run('schedule')).toMatchObject({
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
    await site.closer.run('schedule');
    // Lane B was idle, and far behind; how long its corrections are taken is a matter of settings.
    site.clock.advance(hours(48));
    await site.visits(
      [
        [7_200, 'a'],
        [7_300, 'a'],
      ],
      A,
    );
    await site.closer.run('schedule');
    const rows = site.shown();
    await site.visits(
      [
        [8, 'b'],
        [9, 'b'],
      ],
      B,
    );
    const report = await site.closer.run('schedule');
    const { lanes, expiredBefore } = await readClosingState(site.job.id, site.state);
    expect(expiredBefore).toBeGreaterThan(T0 + 60_000);
    expect(report.expired).toBe(2);
    expect(lanes.get(`page-views/${B}`)?.expired).toBe(2);
    expect(site.shown()).toEqual(rows);
    const [status] = (await site.commits(B)).slice(-1);
    expect(status?.totals.accepted).toBe(3);
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
      await site.newCloser().run('schedule');
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
    await site.newCloser().run('endOfInput');
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
    const report = await site.closer.run('schedule');
    expect(report.commitsRead).toBe((await site.commits(A)).length + 1);
    expect(site.rows()).toMatchObject([{ visits: 120_001, revision: 0 }]);
  }, 30_000);
});

describe('a round that takes too long', () => {
  /** Every look at the clock takes six seconds; a round may evaluate for fifteen. */
  function slowClock() {
    const clock = testClock();
    return {
      ...clock,
      now() {
        clock.advance(seconds(6));
        return clock.now();
      },
    };
  }
  const MINUTES = Array.from({ length: 21 }, (_, minute) => minute);
  const inOneRound = () => false;

  /** Windows that close, then windows that a lane corrects which was idle. */
  async function fed(options: EngineOptions) {
    const site = new Site(LATENESS, options);
    await site.visits([[1, 'b']], B);
    site.clock.advance(minutes(2));
    await site.visits(MINUTES.map((minute) => [60 * minute, 'a'] as const));
    return site;
  }
  const comeBack = (site: Site) =>
    site.visits(
      MINUTES.map((minute) => [60 * minute + 2, 'b'] as const),
      B,
    );

  it('stores how far it came, and the next goes on from there', async () => {
    const site = await fed({ clock: slowClock() });
    const report = await site.newCloser().run('schedule', inOneRound);
    expect(report).toMatchObject({ outcome: 'closed', windowsClosed: 3, hasMore: true });
    expect(report.watermark).toBe(T0 + 180_000);
    expect(site.shown().map(([end]) => end)).toEqual([1, 2, 3]);
    expect(await site.newCloser().run('schedule')).toMatchObject({
      windowsClosed: 17,
      hasMore: false,
    });
  });

  it('forgets no correction: the rows are those of a run with time enough', async () => {
    const slow = await fed({ clock: slowClock() });
    const quick = await fed({});
    for (const site of [slow, quick]) {
      await site.closer.run('schedule');
      await comeBack(site);
    }
    const report = await slow.newCloser().run('schedule', inOneRound);
    expect(report).toMatchObject({ rowsWritten: 3, hasMore: true });
    expect((await readClosingState(slow.job.id, slow.state)).pending).toHaveLength(17);
    for (const site of [slow, quick]) await site.newCloser().run('schedule');
    expect(slow.answers()).toEqual(quick.answers());
    expect(slow.shown()[19]).toEqual([20, { a: 1, b: 1 }, 1, false]);
    expect((await readClosingState(slow.job.id, slow.state)).pending).toEqual([]);
  });
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

it('refuses a job whose windows changed under the same version, also when every commit is merged', async () => {
  const site = new Site();
  await site.visits([
    [5, 'a'],
    [60, 'b'],
  ]);
  await site.closer.run('endOfInput');
  const rows = site.shown();
  const { state, results, clock } = site;
  const changed = new Site(
    { assign: sliding({ size: minutes(2), slide: minutes(1) }) },
    { state, results, clock },
  );
  await expect(changed.closer.run('endOfInput')).rejects.toThrow(JobDefinitionError);
  expect(site.shown()).toEqual(rows);
});

it('knows nothing of a job without lanes', async () => {
  const site = new Site();
  expect(await site.closer.run('schedule')).toMatchObject({
    outcome: 'nothingDue',
    watermark: NO_WATERMARK,
  });
  expect([...site.state.items()]).toEqual([]);
});

it('does not wait for a parent shard, nor lose what it held', async () => {
  const site = new Site({}, { parents: { [B]: [A] } });
  await site.visits([[5, 'a']], A);
  site.clock.advance(seconds(61));
  await site.visits(
    [
      [30, 'b'],
      [61, 'b'],
    ],
    B,
  );
  await site.closer.run('schedule');
  expect(site.shown()).toEqual([[1, { a: 1, b: 1 }, 0, true]]);
});
