/** Rows that a job makes one by one, what they come to, and rows that later content takes away. */
import { setImmediate } from 'node:timers/promises';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { IdTotals } from '../../../../shared/aggregates/countBy.ts';
import { JobDefinitionError, RetryableError } from '../../../../shared/errors.ts';
import { seconds, type TallyGroup, type TallyRow, tally } from '../../../../shared/index.ts';
import type { Row } from '../../../../shared/job/tables.ts';
import type { WindowJob } from '../../../../shared/job/windowJob.ts';
import { minutes } from '../../../../shared/model/time.ts';
import type { Item } from '../../../../shared/ports/table.ts';
import { TestEngine } from '../../../support/engine.ts';
import { untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { streamRecords } from '../../../support/records.ts';

const PAGES = 1_300;
/** As many as are written together. */
const AT_ONCE = 512;
const ONE_PART = () => false;
const pageOf = (n: number) => String(n * 3);

interface Declared {
  readonly rows?: (totals: IdTotals) => readonly Row[] | Generator<Row>;
  readonly takesRowsAway?: boolean;
}

/** How often each page was visited in a minute, and how many pages and visits there were. */
function pagesJob({ rows = inOrder, takesRowsAway = false }: Declared = {}): WindowJob {
  return {
    ...untyped(visitsJob({ allowedLateness: minutes(10) })),
    table: { name: 'visits', partitionKey: 'page', groupedBy: 'kind' },
    result: (totals) => rows(totals as IdTotals),
    takesRowsAway,
    summary: {
      table: { name: 'all-visits', partitionKey: 'site' },
      init: () => ({ pages: 0, visits: 0 }),
      add(into, { visits }) {
        const sums = into as { pages: number; visits: number };
        sums.pages += 1;
        sums.visits += visits as number;
      },
      result: (sums) => [{ site: 'all', ...(sums as { pages: number; visits: number }) }],
    },
  };
}

function* inOrder(totals: IdTotals): Generator<Row> {
  const sorted = [...totals].sort(([a], [b]) => Number(a) - Number(b));
  for (const [page, visits] of sorted) {
    yield { page: String(page), visits, kind: visits > 1 ? ['often', 'seen'] : 'seen' };
  }
}

/** An engine that counts how often rows are made from the start, and what is asked of its row tables. */
async function manyPages(declared: Declared = {}) {
  let evaluations = 0;
  const asked = { put: 0, batchGet: 0 };
  const { rows = inOrder, ...rest } = declared;
  const counted = (totals: IdTotals) => {
    evaluations += 1;
    return rows(totals);
  };
  const engine = new TestEngine(pagesJob({ rows: counted, ...rest }), {
    onResults: {
      before({ operation, partitions }) {
        if (operation === 'put') asked.put += 1;
        if (operation === 'batchGet') asked.batchGet += partitions.length;
      },
    },
  });
  await engine.ingest(
    streamRecords([Array.from({ length: PAGES }, (_, n) => visit(pageOf(n), 1))]),
  );
  await engine.ingest(streamRecords([visit('0', 60)], { first: 1 }));
  return { engine, asked, evaluations: () => evaluations };
}

const ALL = { site: 'all', pages: PAGES, visits: PAGES };

describe('rows that are made one by one', () => {
  it('are written in rounds that go on where the one before stopped, without being made again', async () => {
    const { engine, evaluations } = await manyPages();
    const written: number[] = [];
    for (let hasMore = true; hasMore; ) {
      const report = await engine.close('schedule', ONE_PART);
      written.push(report.rowsWritten);
      hasMore = report.hasMore;
    }
    expect(written.slice(0, 3)).toEqual([AT_ONCE, AT_ONCE, PAGES - 2 * AT_ONCE + 1]);
    expect(evaluations()).toBe(1);
    expect(engine.rows('all-visits')).toMatchObject([ALL]);
  });

  it('are gone on with by another function, which makes them again and passes those that are written', async () => {
    const { engine, asked, evaluations } = await manyPages();
    while ((await engine.cold.close('schedule', ONE_PART)).hasMore);
    expect(evaluations()).toBe(3);
    expect(asked.put).toBe(PAGES + 1);
    expect(engine.rows().length).toBe(PAGES);
    expect(engine.rows('all-visits')).toMatchObject([ALL]);
  });

  it('begin behind the last one that is written where each is of a group, and are summed up all the same', async () => {
    const base = pagesJob();
    let made = 0;
    const job: WindowJob = {
      ...base,
      aggregate: tally(({ page }: { page: string }) => page, {}) as WindowJob['aggregate'],
      rowsFollowGroups: true,
      *result(groups) {
        for (const { id, rows } of groups as Iterable<TallyGroup<never>>) {
          made += 1;
          const [{ count }] = [...rows] as [TallyRow<never>];
          yield { page: String(id), visits: count, kind: 'seen' };
        }
      },
    };
    const engine = new TestEngine(job);
    const pages = Array.from({ length: PAGES }, (_, n) => visit(pageOf(n), 1));
    await engine.ingest(streamRecords([pages]));
    await engine.ingest(streamRecords([visit('0', 60)], { first: 1 }));
    let rounds = 1;
    while ((await engine.cold.close('schedule', ONE_PART)).hasMore) rounds += 1;
    expect(rounds).toBeGreaterThanOrEqual(PAGES / AT_ONCE);
    // A row is made ahead to know whether one is left.
    expect(made).toBeLessThanOrEqual(PAGES + rounds);
    expect(engine.rows().length).toBe(PAGES);
    expect(engine.rows('all-visits')).toMatchObject([ALL]);
  });

  it('are not taken from the round before where the window got other content meanwhile', async () => {
    const { engine } = await manyPages();
    await engine.close('schedule', ONE_PART);
    while ((await engine.cold.close('schedule')).hasMore);
    // The window is corrected, and another function begins to write it, as far as the first one had come.
    const late = Array.from({ length: PAGES }, (_, n) => visit(pageOf(n), 2));
    await engine.ingest(streamRecords([late], { first: 2 }));
    await engine.cold.close('schedule', ONE_PART);
    while ((await engine.close('schedule', ONE_PART)).hasMore);
    expect(engine.rows().every(({ visits, revision }) => visits === 2 && revision === 1)).toBe(
      true,
    );
    expect(engine.rows('all-visits')).toMatchObject([{ ...ALL, visits: 2 * PAGES, revision: 1 }]);
  });

  it('are looked for in the first part alone where a window closes for the first time', async () => {
    const { engine, asked } = await manyPages();
    await engine.close('schedule');
    expect(asked).toEqual({ put: PAGES + 1, batchGet: AT_ONCE + 1 });
  });

  it('cost no write where they say what they should, but are all looked at, when the window is corrected', async () => {
    const { engine, asked } = await manyPages();
    await engine.close('schedule');
    Object.assign(asked, { put: 0, batchGet: 0 });
    await engine.ingest(streamRecords([visit(pageOf(7), 3)], { first: 2 }));
    expect(await engine.close('schedule')).toMatchObject({ rowsWritten: 2 });
    expect(asked).toEqual({ put: 2, batchGet: PAGES + 1 });
  });

  it('are listed by what they are alike in', async () => {
    const { engine } = await manyPages();
    await engine.ingest(streamRecords([visit(pageOf(7), 3)], { first: 2 }));
    await engine.close('schedule');
    const [seen, often] = [pageOf(6), pageOf(7)].map((page) =>
      [...engine.results.items()].find((row) => row['page'] === page),
    );
    const end = String(seen?.['windowEnd']);
    expect(seen).toMatchObject({ windowGroup: `${end}#seen`, groupMember: pageOf(6) });
    expect(often).toMatchObject({ windowGroup: `${end}#often+seen`, groupMember: pageOf(7) });
  });

  it('are refused out of order, since some could be passed over', async () => {
    const { engine } = await manyPages({
      *rows(totals) {
        yield* [...inOrder(totals)].reverse();
      },
    });
    const refused = await engine.close('schedule').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(JobDefinitionError);
    expect(String(refused)).toContain('gives its row 2 behind one whose key is not before');
  });
});

describe('rows that later content takes away', () => {
  /** The two pages with most visits. */
  const topTwo = (totals: IdTotals) =>
    [...totals]
      .sort(([a, x], [b, y]) => y - x || Number(a) - Number(b))
      .slice(0, 2)
      .map(([page, visits]) => ({ page: String(page), visits, kind: 'top' }));
  const declared = { rows: topTwo, takesRowsAway: true };

  async function corrected() {
    const engine = new TestEngine(pagesJob(declared));
    await engine.ingest(
      streamRecords([visit('1', 1), visit('2', 1), visit('9', 1), visit('1', 60)]),
    );
    await engine.cold.close('schedule');
    expect(shown(engine)).toEqual(['1: 1', '2: 1']);
    await engine.ingest(streamRecords([visit('9', 2), visit('9', 3), visit('1', 3)], { first: 4 }));
    return engine;
  }
  const shown = (engine: TestEngine<WindowJob>) =>
    engine
      .rows()
      .map(({ page, visits, withdrawn }) => `${page}: ${withdrawn ? 'withdrawn' : visits}`);

  it('are withdrawn, and come back with what they say then', async () => {
    const engine = await corrected();
    await engine.cold.close('schedule');
    expect(shown(engine)).toEqual(['1: 2', '2: withdrawn', '9: 3']);
    const gone = [...engine.results.items()].find(({ page }) => page === '2');
    expect(gone).toMatchObject({ revision: 1, final: false });
    expect(gone).not.toHaveProperty('windowGroup');
    await engine.ingest(
      streamRecords(
        Array.from({ length: 4 }, () => visit('2', 4)),
        { first: 9 },
      ),
    );
    await engine.cold.close('schedule');
    expect(shown(engine)).toEqual(['1: withdrawn', '2: 5', '9: 3']);
  });

  it('are withdrawn where the run that wrote them died before it was done', async () => {
    let swaps = 0;
    const engine = new TestEngine(pagesJob(declared), {
      onState: {
        before({ operation, items }) {
          if (operation !== 'put' || items[0]?.['sk'] !== 'closing') return;
          swaps += 1;
          if (swaps === 2) throw new RetryableError('the process died');
        },
      },
    });
    await engine.ingest(
      streamRecords([visit('1', 1), visit('2', 1), visit('9', 1), visit('1', 60)]),
    );
    await expect(engine.cold.close('schedule')).rejects.toThrow('the process died');
    await engine.ingest(streamRecords([visit('9', 2), visit('9', 3)], { first: 4 }));
    engine.clock.advance(seconds(61));
    await engine.cold.close('schedule');
    expect(shown(engine)).toEqual(['1: 1', '2: withdrawn', '9: 3']);
  });

  it('are withdrawn where a run that lost its lease lists and puts them meanwhile', async () => {
    const isList = (items: readonly Item[]) => String(items[0]?.['pk']).endsWith('#rows');
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let next: 'pauses' | 'overtakes' | 'goes on' = 'pauses';
    const engine = new TestEngine(pagesJob(declared), {
      onState: {
        async before({ operation, items }) {
          if (operation !== 'put' || !isList(items)) return;
          if (next === 'pauses') {
            next = 'overtakes';
            // The first run has read that there is no list, and sleeps until the second one has read the same.
            first.resolve();
            await second.promise;
          } else if (next === 'overtakes') {
            next = 'goes on';
            second.resolve();
            await setImmediate();
          }
        },
      },
    });
    await engine.ingest(
      streamRecords([visit('1', 1), visit('2', 1), visit('9', 1), visit('1', 60)]),
    );
    const overtaken = engine.cold.close('schedule');
    await first.promise;
    engine.clock.advance(seconds(61));
    await engine.ingest(streamRecords([visit('9', 2), visit('9', 3), visit('1', 3)], { first: 4 }));
    const outcomes = await Promise.all([engine.cold.close('schedule'), overtaken]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['closed', 'fenced']);
    expect(shown(engine)).toEqual(['1: 2', '2: withdrawn', '9: 3']);
  });

  it('leave a list that does not grow with corrections', async () => {
    const engine = await corrected();
    await engine.cold.close('schedule');
    const [list] = [...engine.state.items()].filter(({ pk }) => String(pk).endsWith('#rows'));
    expect(JSON.parse(inflateRawSync(list?.['keys'] as Uint8Array).toString())).toEqual(['9', '1']);
  });
});
