/** Who has a tag on a day: counts from the day's row, users from the index, set by set. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type AudienceAnswer, audienceAnswer } from '../../../../functions/api/contract/answers.ts';
import { groupAttributes } from '../../../../shared/job/lists.ts';
import type { RowsReader, RowsRequest } from '../../../../shared/ports/rowsReader.ts';
import type { Item } from '../../../../shared/ports/table.ts';
import { type MemoryApi, type MemoryApiOptions, memoryApi } from '../../../support/memoryApi.ts';

const PROFILES = { name: 'user-profile', partitionKey: 'userId', groupedBy: 'tags' };
const DAY_MS = 86_400_000;
/** 2017-11-26 in Shanghai. */
const END = '2017-11-26T16:00:00.000Z';
const endOn = (days: number) => new Date(Date.parse(END) + days * DAY_MS).toISOString();

/** By the names of sets: who has just these tags. */
type Sets = Readonly<Record<string, readonly string[]>>;
const SETS: Sets = {
  'visitor+zzz': [],
  'buyer+daytime': ['a', 'b', 'c'],
  'buyer+daytime+heavy': ['d'],
  'buyer+evening': ['aa', 'ab'],
};
const BUYERS = ['a', 'b', 'c', 'd', 'aa', 'ab'];

let api: MemoryApi;
beforeEach(() => {
  api = memoryApi();
});

const windowOf = (windowEnd: string) => ({
  windowStart: new Date(Date.parse(windowEnd) - DAY_MS).toISOString(),
  windowEnd,
  revision: 0,
  final: true,
});

function tagRow(windowEnd: string, sets: Sets, others: Item = {}): Item {
  const having = Object.entries(sets).filter(([set]) => set.split('+').includes('buyer'));
  return {
    tag: 'buyer',
    ...windowOf(windowEnd),
    users: having.reduce((sum, [, users]) => sum + users.length, 0),
    share: 0.25,
    tagSets: Object.fromEntries(having.map(([set, users]) => [set, users.length])),
    ...others,
  };
}

/** A day's users, and the row of its buyers. */
async function day(windowEnd: string, sets: Sets = SETS, others: Item = {}): Promise<void> {
  await api.put('user-tags', [tagRow(windowEnd, sets, others)]);
  const rows = Object.entries(sets).flatMap(([set, users]) =>
    users.map((userId) => ({ userId, tags: set.split('+') })),
  );
  await api.put(
    'user-profile',
    rows.map((row) => ({
      ...row,
      ...windowOf(windowEnd),
      ...groupAttributes(PROFILES, row, windowEnd),
    })),
  );
}

const ask = async (query = ''): Promise<AudienceAnswer> =>
  audienceAnswer.parse(await api.json(`/v1/audience?tag=buyer${query}`));

/** Every page, each behind the one before it. */
async function pagesOf(query: string): Promise<readonly (readonly string[])[]> {
  const pages: (readonly string[])[] = [];
  for (let next: string | undefined = ''; next !== undefined; ) {
    const { members } = await ask(`${query}${next === '' ? '' : `&cursor=${next}`}`);
    pages.push(members.userIds);
    next = members.next;
  }
  return pages;
}

describe('an audience', () => {
  it('is told by the row of its day, with the day before and its users', async () => {
    await day(endOn(-1), { 'buyer+daytime': ['x'] });
    await day(END, SETS, { users: 7, share: 0.5, final: false });
    expect(await ask('&day=2017-11-26')).toEqual({
      tag: 'buyer',
      day: '2017-11-26',
      windowEnd: END,
      final: false,
      // As the row has it, whatever the index lists.
      users: 7,
      share: 0.5,
      tagSets: { 'buyer+daytime': 3, 'buyer+daytime+heavy': 1, 'buyer+evening': 2 },
      previous: { day: '2017-11-25', users: 1, share: 0.25 },
      members: { userIds: BUYERS },
    });
  });

  it('is that of the newest day where none is given, and has none before it where there is none', async () => {
    for (const days of [-2, 0]) await day(endOn(days));
    expect(await ask()).toMatchObject({ day: '2017-11-26', previous: null });
    expect(await ask('&day=2017-11-24')).toMatchObject({ day: '2017-11-24', windowEnd: endOn(-2) });
  });

  it.each([
    ['&day=2017-11-25', 'there are no users of 2017-11-25'],
    ['&day=0000-01-01', 'there are no users of 0000-01-01'],
    ['&day=9999-12-31', 'there are no users of 9999-12-31'],
  ])('is not there with %s', async (query, problem) => {
    await day(END);
    await expect(ask(query)).rejects.toThrow(new RegExp(`: 404 .*${problem}`, 's'));
  });

  it('is not there before the first day', async () => {
    await expect(ask()).rejects.toThrow(/404 .*there is no day with users yet/s);
  });

  it.each([
    ['', '400 .*tag is missing; give one of buyer, daytime'],
    ['tag=nobody', '400 .*give one of buyer, daytime'],
    ['tag=buyer&day=2017-11-31', '400 .*give a day such as'],
    ['tag=buyer&limit=1001', '400 .*limit is'],
    ['tag=buyer&cursor=x', '400 .*cursor is none of this list'],
  ])('is refused for %j', async (query, problem) => {
    await expect(api.text(`/v1/audience?${query}`)).rejects.toThrow(new RegExp(problem, 's'));
  });

  it.each([
    ['UTC', '2017-11-26T00:00:00.000Z', '2017-11-25'],
    // Of 23 hours, and of 25.
    ['America/New_York', '2026-03-09T04:00:00.000Z', '2026-03-08'],
    ['America/New_York', '2026-11-02T05:00:00.000Z', '2026-11-01'],
  ])('goes by the days of the zone %s', async (zone, end, date) => {
    api = memoryApi({ environment: { TIDEMARK_USER_PROFILE_ZONE: zone } });
    await day(end);
    expect(await ask(`&day=${date}`)).toMatchObject({ day: date, windowEnd: end });
    expect(await ask()).toMatchObject({ day: date });
  });
});

describe('the users of an audience', () => {
  const options: readonly MemoryApiOptions[] = [{}, { pageRowsMax: 1 }, { pageRowsMax: 2 }];

  it.each(options)('come page by page, none twice and none left out: %j', async (some) => {
    api = memoryApi(some);
    await day(endOn(-1), { 'buyer+daytime': ['not', 'these'] });
    await day(END);
    for (let limit = 1; limit <= BUYERS.length + 1; limit += 1) {
      const pages = await pagesOf(`&limit=${limit}`);
      expect(pages.flat()).toEqual(BUYERS);
      expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(limit);
    }
  });

  it('are read with a bounded number of queries, however many sets there are', async () => {
    const sets = Object.fromEntries(
      Array.from({ length: 70 }, (_, n) => [`buyer+${String(n).padStart(2, '0')}`, [`u${n}`]]),
    );
    await day(END, sets);
    const asked: RowsRequest[] = [];
    const { rows } = api.options;
    const counted: RowsReader = {
      ...rows,
      page(request) {
        asked.push(request);
        return rows.page(request);
      },
    };
    const first = audienceAnswer.parse(
      await api.json('/v1/audience?tag=buyer&limit=1000', { rows: counted }),
    );
    expect(asked.filter(({ index }) => index === 'groups')).toHaveLength(32);
    expect(first.members.userIds).toHaveLength(32);
    expect((await pagesOf('&limit=1000')).map(({ length }) => length)).toEqual([32, 32, 6]);
  });

  it('are those of the day that the first page was of, also when a newer one has come', async () => {
    await day(END);
    const { members } = await ask('&limit=2');
    await day(endOn(1), { 'buyer+daytime': ['new'] });
    const rest = await ask(`&cursor=${members.next}`);
    expect(rest).toMatchObject({ day: '2017-11-26', members: { userIds: BUYERS.slice(2) } });
    expect((await ask()).members.userIds).toEqual(['new']);
  });

  it('go on with the next set where a correction has taken one away', async () => {
    await day(END);
    const { members } = await ask('&limit=2');
    await api.put('user-tags', [tagRow(END, { 'buyer+evening': ['aa', 'ab'] })]);
    expect((await ask(`&cursor=${members.next}`)).members.userIds).toEqual(['aa', 'ab']);
  });

  it('have a cursor that is of no other day and no other tag', async () => {
    await day(endOn(-1));
    await day(END);
    const { members } = await ask('&limit=2');
    const cursor = `&cursor=${members.next}`;
    await expect(ask(`&day=2017-11-25${cursor}`)).rejects.toThrow(/400 .*cursor is none/s);
    await expect(api.text(`/v1/audience?tag=heavy${cursor}`)).rejects.toThrow(
      /400 .*cursor is none/s,
    );
    expect((await ask(`&day=2017-11-26${cursor}`)).members.userIds).toHaveLength(4);
  });

  it('are as many as fit an answer, however long their ids are', async () => {
    const ids = Array.from({ length: 900 }, (_, n) => `${n}`.padEnd(1_000, '\u0000'));
    await day(END, { buyer: ids });
    const { members } = await ask('&limit=1000');
    // Each character is six in JSON, and seven where that is a text in JSON.
    expect(members.userIds.length).toBeLessThan(320);
    expect(members.next).toBeDefined();
  });
});
