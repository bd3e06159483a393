/**
 * Jobs that nothing here knows: windows of any shape, two versions, patterns with a table of what timed out, keys that are
 * personal.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TableAnswer, tablesAnswer } from '../../../../functions/api/contract/answers.ts';
import { loginFail } from '../../../../functions/loginFail/job.ts';
import { parameterized, sliding, tumbling } from '../../../../shared/index.ts';
import type { JobFamily } from '../../../../shared/job/job.ts';
import { eventTime, isoTime, milliseconds } from '../../../../shared/model/time.ts';
import type { WindowAssigner } from '../../../../shared/model/window.ts';
import type { Item } from '../../../../shared/ports/table.ts';
import { visitsJob } from '../../../support/jobs.ts';
import { type MemoryApi, memoryApi } from '../../../support/memoryApi.ts';
import { orderTimeoutPattern } from '../../../support/orderTimeoutPattern.ts';

interface Page {
  readonly rows: readonly Item[];
  readonly next?: string;
}

const asFamily = (family: { readonly name: string }) => family as unknown as JobFamily;
const visits = (assign: WindowAssigner, table = 'visits', version = 1) => {
  const job = { ...visitsJob({ assign, version }) };
  return asFamily(parameterized({}, () => ({ ...job, table: { ...job.table, name: table } })));
};
const textOf = (ms: number) => isoTime(eventTime(ms));

async function allPages(api: MemoryApi, path: string): Promise<{ rows: Item[]; pages: number }> {
  const rows: Item[] = [];
  let pages = 0;
  for (let next: string | undefined = ''; next !== undefined; pages += 1) {
    const page: Page = await api.json(`${path}${next === '' ? '' : `&cursor=${next}`}`);
    rows.push(...page.rows);
    next = page.next;
  }
  return { rows, pages };
}

/** Times around the epoch, so that some are before it; of any offset, and of sizes that are no multiple of the slide. */
const shape = fc
  .record({
    slide: fc.integer({ min: 1, max: 20 }),
    more: fc.integer({ min: 0, max: 50 }),
    offset: fc.integer({ min: 0, max: 19 }),
    kind: fc.constantFrom('tumbling', 'sliding'),
  })
  .map(({ slide, more, offset, kind }) => {
    const [second, at] = [1_000, milliseconds((offset % slide) * 1_000)];
    return kind === 'tumbling'
      ? tumbling({ size: milliseconds(slide * second), offset: at })
      : sliding({
          size: milliseconds((slide + more) * second),
          slide: milliseconds(slide * second),
          offset: at,
        });
  });

describe('windows of any job', () => {
  it('are thinned out to each window at a multiple of the step, whatever their size, slide and offset', async () => {
    const asked = fc.record({
      at: fc.integer({ min: -250, max: 250 }),
      span: fc.integer({ min: 1, max: 300 }),
      every: fc.integer({ min: 1, max: 4 }),
      latest: fc.integer({ min: 1, max: 12 }),
      gaps: fc.array(fc.integer({ min: -10, max: 10 }), { maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, asked, async (assign, { at, span, every, latest, gaps }) => {
        const api = memoryApi({ families: [visits(assign)], pageRowsMax: 3 });
        const phase = assign.offset + assign.size;
        const ends = Array.from({ length: 21 }, (_, n) => n - 10)
          .filter((n) => !gaps.includes(n))
          .map((n) => phase + n * assign.slide);
        await api.put(
          'visits',
          ends.map((end) => ({ site: 'all', windowEnd: textOf(end) })),
        );
        const step = every * assign.slide;
        // A multiple, counted from where windows of the job end.
        const isMeant = (end: number) => (end - (phase % assign.slide)) % step === 0;
        const found = async (query: string) => {
          const path = `/v1/tables/visits?key=all&step=${step / 1_000}s&${query}`;
          return (await api.json<Page>(path)).rows.map(({ windowEnd }) => windowEnd);
        };
        const newestFirst = ends.toReversed();

        const bound = at * 1_000;
        const newest = newestFirst.find((end) => end <= bound);
        const last = newestFirst.filter((end) => isMeant(end) && end <= bound);
        // As many multiples back from the newest window, whether or not there is one at each.
        const oldest = (newest ?? 0) - latest * step;
        const some = last.filter((end) => end > oldest);
        expect(await found(`latest=${latest}&at=${textOf(bound)}`)).toEqual(some.map(textOf));

        const [from, to] = [bound, bound + span * 1_000];
        const within = newestFirst.filter((end) => isMeant(end) && end >= from && end < to);
        const range = `from=${textOf(from)}&to=${textOf(to)}`;
        expect(await found(range)).toEqual(within.map(textOf));
      }),
      { numRuns: 150 },
    );
  });

  it('go on behind a cursor within what was asked for, whoever mixes up cursors', async () => {
    const api = memoryApi({ families: [visits(tumbling({ size: milliseconds(1_000) }))] });
    const rows = Array.from({ length: 1_500 }, (_, n) => ({
      site: 'all',
      windowEnd: textOf(n * 1_000),
    }));
    await api.put('visits', rows);
    const path = '/v1/tables/visits?key=all';
    const { next } = await api.json<Page>(`${path}&from=1970-01-01T00:00:00Z`);
    const { rows: older } = await allPages(api, `${path}&to=1970-01-01T00:00:10Z&cursor=${next}`);
    expect(older.map(({ windowEnd }) => windowEnd)).toEqual(
      Array.from({ length: 10 }, (_, n) => textOf((9 - n) * 1_000)),
    );
    const whole = await allPages(api, `${path}&from=1970-01-01T00:00:00Z`);
    expect([whole.rows.length, whole.pages]).toEqual([1_500, 2]);
  });
});

describe('tables of any job', () => {
  const tumblingMinute = tumbling({ size: milliseconds(60_000) });
  const families = [
    visits(tumblingMinute),
    visits(tumblingMinute, 'visits-two', 2),
    asFamily(parameterized({}, () => orderTimeoutPattern)),
    loginFail,
  ];
  const tableOf = async (api: MemoryApi, name: string): Promise<TableAnswer | undefined> =>
    tablesAnswer.parse(await api.json('/v1/tables')).tables.find((table) => table.name === name);

  it('say whose they are: of two versions, the second goes by its id', async () => {
    const api = memoryApi({ families });
    expect(await tableOf(api, 'visits')).toMatchObject({ job: 'visits', rows: 'windows' });
    expect(await tableOf(api, 'visits-two')).toMatchObject({ job: 'visits@2', rows: 'windows' });
    await api.put('visits-two', [{ site: 'all', windowEnd: textOf(0), visits: 3 }]);
    const { rows } = await api.json<Page>('/v1/tables/visits-two?key=all');
    expect(rows).toEqual([{ site: 'all', windowEnd: textOf(0), visits: 3 }]);
  });

  it('without a headline or a time to be listed by want a key', async () => {
    const api = memoryApi({ families });
    await expect(api.json('/v1/tables/visits')).rejects.toThrow(
      'key is missing; give a site of visits',
    );
    for (const name of ['paid-orders', 'timed-out-orders']) {
      expect(await tableOf(api, name)).toMatchObject({ rows: 'facts', isListed: false });
      await expect(api.json(`/v1/tables/${name}`)).rejects.toThrow(
        'key is missing; give a orderId',
      );
      await api.put(
        name,
        [1, 2].map((n) => ({ orderId: 'o', createdAt: textOf(n), n })),
      );
      const { rows } = await api.json<Page>(`/v1/tables/${name}?key=o&limit=1`);
      expect(rows.map(({ n }) => n)).toEqual([2]);
    }
  });

  it('show their headline, though keys are personal, and all others by pseudonyms', async () => {
    const job = visitsJob({ assign: tumblingMinute });
    const table = { ...job.table, personal: ['site'] };
    const headline = { of: 'all', show: () => 1 };
    const api = memoryApi({
      families: [asFamily(parameterized({}, () => ({ ...job, table, headline })))],
    });
    await api.put(
      'visits',
      ['all', 'somebody'].map((site) => ({ site, windowEnd: textOf(0), n: 1 })),
    );
    const options = { pseudonymKey: 'k'.repeat(32) };
    const read = (query: string) => api.json<Page>(`/v1/tables/visits${query}`, options);
    const [shown] = (await read('')).rows;
    expect(shown).toMatchObject({ n: 1, site: expect.stringMatching(/^[\w-]{20,}$/) });
    expect((await read('?key=somebody')).rows).toEqual([]);
    expect((await read(`?key=${shown?.['site']}`)).rows).toEqual([shown]);
  });

  it('find rows of the longest keys by their pseudonyms', async () => {
    const api = memoryApi({ families });
    const userId = 'u'.repeat(2_048);
    const row = { userId, alertId: 'a', lastFail: textOf(0), listed: '0', listedAt: textOf(0) };
    await api.put('login-alerts', [row]);
    const options = { pseudonymKey: 'k'.repeat(32) };
    const { rows } = await api.json<Page>('/v1/tables/login-alerts', options);
    const found = await api.json<Page>(
      `/v1/tables/login-alerts?key=${rows[0]?.['userId']}`,
      options,
    );
    expect(found.rows).toEqual(rows);
  });
});

describe('pages of a list that changes', () => {
  const row = (n: number, at: number, part: number): Item => ({
    orderId: `o${n}`,
    status: 'timedOut',
    problem: `timedOut#${part}`,
    problemAt: textOf(at * 60_000),
  });
  const change = fc.record({
    add: fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 })), {
      maxLength: 3,
    }),
    remove: fc.array(fc.nat(60), { maxLength: 3 }),
  });

  it('have each row that stays once, none twice, and an end', async () => {
    const rows = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 })),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.array(change),
        fc.integer({ min: 1, max: 9 }),
        async (first, changes, limit) => {
          const api = memoryApi({ pageRowsMax: 3 });
          const put = (at: readonly (readonly [number, number])[], from: number) =>
            api.put(
              'order-status',
              at.map(([minute, part], n) => row(from + n, minute, part)),
            );
          await put(first, 0);
          const table = api.tables.get('order-status');
          const seen: unknown[] = [];
          const removed = new Set<unknown>();
          let pages = 0;
          for (let next: string | undefined = ''; next !== undefined; pages += 1) {
            const cursor = next === '' ? '' : `&cursor=${next}`;
            const page: Page = await api.json(`/v1/orders?limit=${limit}${cursor}`);
            seen.push(...page.rows.map(({ orderId }) => orderId));
            next = page.next;
            const { add = [], remove = [] } = changes[pages] ?? {};
            await put(add, 1_000 * (pages + 1));
            for (const n of remove) {
              table?.remove({ pk: `o${n}`, sk: '' });
              removed.add(`o${n}`);
            }
          }
          expect(new Set(seen).size).toBe(seen.length);
          const stayed = first.map((_, n) => `o${n}`).filter((id) => !removed.has(id));
          expect(seen).toEqual(expect.arrayContaining(stayed));
        },
      ),
      { numRuns: 100 },
    );
  });
});
