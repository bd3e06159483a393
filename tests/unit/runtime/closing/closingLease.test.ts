/** Closing runs that overlap, die, or take too long: the lease, the fence and what is left for the next run. */
import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { minutes, seconds } from '../../../../shared/index.ts';
import { readClosingState } from '../../../../shared/state/inspect.ts';
import { testClock } from '../../../support/clock.ts';
import type { EngineOptions } from '../../../support/engine.ts';
import type { Call } from '../../../support/interceptedTable.ts';
import { T0, type VisitsOptions } from '../../../support/jobs.ts';
import { B, LATENESS, Site } from '../../../support/site.ts';

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
    const run = site.close('schedule');
    await stalled.promise;
    return { site, run, release: release.resolve };
  }

  it('keeps a second scheduled run away', async () => {
    const { site, run, release } = await withStalledRun();
    expect(await site.cold.close('schedule')).toMatchObject({
      outcome: 'leaseTaken',
      rowsWritten: 0,
    });
    release();
    expect(await run).toMatchObject({ outcome: 'closed', windowsClosed: 1 });
  });

  it('lets a nudge ask the holder to run once more', async () => {
    const { site, run, release } = await withStalledRun();
    await site.visits([[120, 'c']]);
    expect(await site.cold.close('nudge')).toMatchObject({ outcome: 'leaseTaken' });
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
    const winner = site.close('schedule');
    await winnersLease.reached.promise;
    await site.visits([[120, 'c']]);
    const loser = site.cold.close('nudge');
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
    expect(await site.cold.close('schedule')).toMatchObject({ outcome: 'closed' });
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
    const run = site.close('schedule');
    await stalled.promise;
    site.clock.advance(seconds(61));
    await site.visits([[7, 'late']]);
    await site.cold.close('schedule');
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
      await expect(site.close('schedule')).rejects.toThrow('the process died');
      site.clock.advance(seconds(61));
      await site.cold.close('schedule');
      expect(site.shown()).toEqual([[1, { a: 2 }, 0, false]]);
    },
  );
});

describe('a round that takes too long', () => {
  /** Every look at the clock takes six seconds; a round may begin windows for fifteen. */
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
  /** Time for a round, until it is over and its rows are there. */
  const untilRow = (site: Site, revision: number) => () =>
    site.rows().every((row) => Number(row['revision']) < revision);

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
    const report = await site.cold.close('schedule', untilRow(site, 0));
    expect(report).toMatchObject({ outcome: 'closed', windowsClosed: 3, hasMore: true });
    expect(report.watermark).toBe(T0 + 180_000);
    expect(site.shown().map(([end]) => end)).toEqual([1, 2, 3]);
    expect(await site.cold.close('schedule')).toMatchObject({
      windowsClosed: 17,
      hasMore: false,
    });
  });

  it('forgets no correction: the rows are those of a run with time enough', async () => {
    const slow = await fed({ clock: slowClock() });
    const quick = await fed({});
    for (const site of [slow, quick]) {
      await site.close('schedule');
      await comeBack(site);
    }
    const report = await slow.cold.close('schedule', untilRow(slow, 1));
    expect(report).toMatchObject({ rowsWritten: 3, hasMore: true });
    const { pending } = await readClosingState(slow.job.id, slow.state);
    expect(pending).toEqual([{ first: T0 + 240_000, last: T0 + 1_200_000 }]);
    for (const site of [slow, quick]) await site.cold.close('schedule');
    expect(slow.answers()).toEqual(quick.answers());
    expect(slow.shown()[19]).toEqual([20, { a: 1, b: 1 }, 1, false]);
    expect((await readClosingState(slow.job.id, slow.state)).pending).toEqual([]);
  });
});
