/** A row that a correction has taken away is no result: no route shows it, and none is shorter for it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { funnelPage } from '../../../../functions/api/contract/answers.ts';
import type { Item } from '../../../../shared/ports/table.ts';
import { type MemoryApi, memoryApi } from '../../../support/memoryApi.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2017-11-26T00:00:00Z');
const timeAt = (hour: number) => new Date(START_MS + hour * HOUR_MS).toISOString();
const window = (categoryId: string, hour: number) => ({
  categoryId,
  windowStart: timeAt(hour - 1),
  windowEnd: timeAt(hour),
  revision: 1,
  final: true,
  fence: 1,
});
const counted = (categoryId: string, hour: number): Item => ({
  ...window(categoryId, hour),
  viewers: 3,
  carters: 2,
  favers: 1,
  buyers: 0,
  viewToCart: 0.5,
});

/** Hours 1 to 12, of which three are results. */
const RESULTS = [2, 7, 9];
let api: MemoryApi;
beforeEach(async () => {
  api = memoryApi();
  await api.put(
    'funnel',
    Array.from({ length: 12 }, (_, n) =>
      RESULTS.includes(n + 1) ? counted('c', n + 1) : { ...window('c', n + 1), withdrawn: true },
    ),
  );
});

const DAY = `from=${timeAt(0)}&to=${timeAt(24)}`;

describe('a withdrawn row', () => {
  it.each([
    ['/v1/funnel/c?latest=1', [9]],
    ['/v1/funnel/c?latest=2', [9, 7]],
    ['/v1/funnel/c?latest=50', [9, 7, 2]],
    [`/v1/funnel/c?latest=1&at=${timeAt(6)}`, [2]],
    [`/v1/funnel/c?${DAY}`, [9, 7, 2]],
    [`/v1/funnel/c?${DAY}&step=1h`, [9, 7, 2]],
    ['/v1/tables/funnel?key=c', [9]],
    ['/v1/tables/funnel?key=c&latest=3', [9, 7, 2]],
  ])('is not there for %s', async (path, hours) => {
    const page = funnelPage.parse(await api.json(path));
    expect(page.rows.map(({ windowEnd }) => windowEnd)).toEqual(hours.map(timeAt));
  });

  it('is not there where all are', async () => {
    await api.put(
      'funnel',
      RESULTS.map((hour) => ({ ...window('c', hour), withdrawn: true })),
    );
    for (const query of ['latest=1', DAY, 'latest=5&step=1h']) {
      expect(await api.json(`/v1/funnel/c?${query}`)).toEqual({ rows: [] });
    }
  });
});

describe('a funnel', () => {
  it('is that of all categories where none is named', async () => {
    const ranking = [{ rank: 1, id: 'c', count: 3 }];
    await api.put('funnel', [{ ...counted('all', 9), categories: 40, ranking }]);
    const { rows } = funnelPage.parse(await api.json('/v1/funnel'));
    expect(rows).toMatchObject([{ categoryId: 'all', categories: 40, ranking, viewToCart: 0.5 }]);
    expect(rows[0]).not.toHaveProperty('cartToBuy');
  });
});

describe('tables of very many rows', () => {
  it('want a key, and what sums them up is shown without one', async () => {
    await expect(api.text('/v1/tables/user-profile')).rejects.toThrow(/400 .*key is missing/);
    await expect(api.text('/v1/tables/user-profile?latest=3')).rejects.toThrow(/key is missing/);
    const row = { tag: 'buyer', windowEnd: timeAt(16), users: 3, share: 0.5, tagSets: {} };
    await api.put('user-tags', [row, { ...row, tag: 'visitor' }]);
    expect(await api.json('/v1/tables/user-tags')).toEqual({ rows: [row] });
    const { tables } = await api.json<{ tables: Item[] }>('/v1/tables');
    const headlineOf = (name: string) =>
      tables.find((table) => table['name'] === name)?.['headline'];
    expect(['user-profile', 'user-tags', 'funnel'].map(headlineOf)).toEqual([
      undefined,
      'buyer',
      'all',
    ]);
  });
});

describe('the span of a screen', () => {
  const spanOf = async () =>
    (await api.json<{ span: { from: string; to: string } }>('/v1/overview')).span;
  const tag = (end: number, final: boolean) => ({
    tag: 'buyer',
    windowEnd: timeAt(end),
    final,
    users: 1,
    share: 1,
    tagSets: {},
  });
  const all = (end: number, final: boolean) => ({ ...counted('all', end), final });

  it('does not end with a day that nobody has seen the end of', async () => {
    await api.put('funnel', [all(3, false), all(4, false)]);
    await api.put('user-tags', [tag(16, false)]);
    expect(await spanOf()).toEqual({ from: timeAt(3), to: timeAt(4) });
  });

  it('ends with a day where there is nothing else', async () => {
    await api.put('user-tags', [tag(16, false)]);
    expect(await spanOf()).toEqual({ from: timeAt(16), to: timeAt(16) });
  });

  it('ends with a day that is final', async () => {
    await api.put('funnel', [all(15, true), all(17, false)]);
    await api.put('user-tags', [tag(16, true)]);
    expect((await spanOf()).to).toBe(timeAt(16));
  });
});
