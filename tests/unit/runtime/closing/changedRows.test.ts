/** What a correction looks at where rows follow groups: the rows of those that came, and all where it cannot know. */
import { beforeEach, describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { seconds, type TallyGroup, type TallyRow, tally } from '../../../../shared/index.ts';
import type { WindowJob } from '../../../../shared/job/windowJob.ts';
import { type Duration, minutes } from '../../../../shared/model/time.ts';
import { TestEngine } from '../../../support/engine.ts';
import { untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { streamRecords } from '../../../support/records.ts';

const PAGES = 1_300;
/** More than are written together. */
const MANY = 700;
const ONE_PART = () => false;
const pageOf = (n: number) => (n % 2 === 0 ? String(n * 3) : `page ${n}`);

/** How often each page was visited in a minute, and all of them. */
function pagesJob(allowedLateness: Duration): WindowJob {
  return {
    ...untyped(visitsJob({ allowedLateness })),
    aggregate: tally(({ page }: { page: string }) => page, {}) as WindowJob['aggregate'],
    table: { name: 'visits', partitionKey: 'page' },
    rowsFollowGroups: true,
    *result(groups) {
      for (const { id, rows } of groups as Iterable<TallyGroup<never>>) {
        const [{ count }] = [...rows] as [TallyRow<never>];
        yield { page: String(id), visits: count };
      }
    },
    summary: {
      table: { name: 'all-visits', partitionKey: 'site' },
      init: () => ({ visits: 0 }),
      add(into, { visits }) {
        (into as { visits: number }).visits += visits as number;
      },
      result: (sums) => [{ site: 'all', ...(sums as { visits: number }) }],
    },
  };
}

const asked = { put: 0, looked: 0 };
let diesAtSwap = false;
let records = 0;

beforeEach(() => {
  diesAtSwap = false;
  records = 0;
});

/** An engine whose window of the first minute has closed, with a visit to each page. */
async function closedWindow(allowedLateness: Duration = minutes(10)) {
  const engine = new TestEngine(pagesJob(allowedLateness), {
    onResults: {
      before({ operation, partitions }) {
        if (operation === 'put') asked.put += 1;
        if (operation === 'batchGet') asked.looked += partitions.length;
      },
    },
    onState: {
      before({ operation, items }) {
        if (!diesAtSwap || operation !== 'put') return;
        if (items[0]?.['sk'] === 'closing' && items[0]?.['leaseUntil'] === 0) {
          throw new RetryableError('the process died');
        }
      },
    },
  });
  await visits(engine, PAGES, 1);
  await put(engine, [visit('0', 60)]);
  while ((await engine.close('schedule')).hasMore);
  Object.assign(asked, { put: 0, looked: 0 });
  return engine;
}

const visits = (engine: TestEngine<WindowJob>, pages: number, at: number, from = 0) =>
  put(
    engine,
    Array.from({ length: pages }, (_, n) => visit(pageOf(from + n), at)),
  );

/** One record. */
async function put(engine: TestEngine<WindowJob>, events: readonly ReturnType<typeof visit>[]) {
  await engine.ingest(streamRecords([events], { first: records }));
  records += 1;
}

/** Of the first minute. */
const rowsOf = (engine: TestEngine<WindowJob>) =>
  engine.rows().filter(({ windowStart }) => String(windowStart).endsWith(':00:00.000Z'));

const shown = (engine: TestEngine<WindowJob>): Map<unknown, unknown> =>
  new Map(rowsOf(engine).map(({ page, visits: count }) => [page, count]));
const sum = (engine: TestEngine<WindowJob>) => engine.rows('all-visits')[0]?.['visits'];

function expected(corrected: number): Map<unknown, unknown> {
  return new Map(Array.from({ length: PAGES }, (_, n) => [pageOf(n), n < corrected ? 2 : 1]));
}

describe('a correction where rows follow groups', () => {
  it('looks at the rows of what came, and at no others', async () => {
    const engine = await closedWindow();
    await visits(engine, 3, 2);
    expect(await engine.close('schedule')).toMatchObject({ rowsWritten: 4 });
    // The sum of all is a row as well.
    expect(asked).toEqual({ put: 4, looked: 4 });
    expect(shown(engine)).toEqual(expected(3));
    expect(sum(engine)).toBe(PAGES + 3);
  });

  it('puts rows of groups that are new', async () => {
    const engine = await closedWindow();
    await visits(engine, 1, 2, PAGES);
    await engine.close('schedule');
    expect(asked).toEqual({ put: 2, looked: 2 });
    expect(shown(engine)).toEqual(expected(0).set(pageOf(PAGES), 1));
  });

  it('is gone on with, and still knows which rows they are', async () => {
    const engine = await closedWindow();
    await visits(engine, MANY, 2);
    while ((await engine.close('schedule', ONE_PART)).hasMore);
    expect(asked).toEqual({ put: MANY + 1, looked: MANY + 1 });
    expect(shown(engine)).toEqual(expected(MANY));
  });

  it('is gone on with by another function, which looks at all that are left', async () => {
    const engine = await closedWindow();
    await visits(engine, MANY, 2);
    while ((await engine.cold.close('schedule', ONE_PART)).hasMore);
    expect(asked.put).toBe(MANY + 1);
    expect(asked.looked).toBeGreaterThan(MANY + 1);
    expect(shown(engine)).toEqual(expected(MANY));
    expect(sum(engine)).toBe(PAGES + MANY);
  });

  it('looks at all rows once they become final', async () => {
    const engine = await closedWindow(minutes(1));
    await visits(engine, 1, 2);
    await put(engine, [visit('0', 600)]);
    while ((await engine.close('schedule')).hasMore);
    expect(rowsOf(engine).every(({ final }) => final === true)).toBe(true);
    expect(shown(engine)).toEqual(expected(1));
  });

  it('is not gone on with where the window becomes final, and another function stopped at the same row', async () => {
    const engine = await closedWindow(minutes(1));
    const [one, other] = [engine.cold, engine.cold];
    // Ids that are numbers come first, so the first part of the corrected rows is that of all rows.
    const numbers = Array.from({ length: PAGES / 2 }, (_, n) => visit(pageOf(2 * n), 2));
    await put(engine, numbers);
    expect(await one.close('schedule', ONE_PART)).toMatchObject({ hasMore: true });
    while ((await other.close('schedule')).hasMore);
    await put(engine, [visit('0', 600)]);
    expect(await other.close('schedule', ONE_PART)).toMatchObject({ hasMore: true });
    while ((await one.close('schedule')).hasMore);
    expect(rowsOf(engine).every(({ final }) => final === true)).toBe(true);
    expect(sum(engine)).toBe(PAGES + numbers.length);
  });

  it('is made anew where the run died that made it, of all that came', async () => {
    const engine = await closedWindow();
    await visits(engine, 2, 2);
    diesAtSwap = true;
    await expect(engine.cold.close('schedule')).rejects.toThrow('the process died');
    diesAtSwap = false;
    engine.clock.advance(seconds(61));
    await visits(engine, 1, 3, 2);
    while ((await engine.cold.close('schedule')).hasMore);
    expect(shown(engine)).toEqual(expected(3));
    expect(sum(engine)).toBe(PAGES + 3);
  });
});
