/** A user's page: the newest days taken together. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { UserAnswer } from '../../../../functions/api/contract/answers.ts';
import { userAnswer } from '../../../../functions/api/contract/answers.ts';
import type { Item } from '../../../../shared/ports/table.ts';
import { type MemoryApi, memoryApi } from '../../../support/memoryApi.ts';

const DAY_MS = 86_400_000;
/** The end of the newest day. */
const NEWEST_MS = Date.parse('2017-11-30T16:00:00Z');
const timeOf = (ms: number) => new Date(ms).toISOString();
const hoursWith = (hour: number, events: number) =>
  Array.from({ length: 24 }, (_, n) => (n === hour ? events : 0));

interface Day {
  readonly age: number;
  readonly scores?: Readonly<Record<string, number>>;
  readonly hour?: number;
  readonly others?: Item;
}

function dayOf({ age, scores = {}, hour = 10, others = {} }: Day): Item {
  const end = NEWEST_MS - age * DAY_MS;
  return {
    userId: 'u',
    windowStart: timeOf(end - DAY_MS),
    windowEnd: timeOf(end),
    revision: 0,
    final: true,
    fence: 1,
    windowGroup: `${timeOf(end)}#visitor`,
    groupMember: 'u',
    counts: { pv: 3, cart: 2, fav: 1, buy: age },
    items: 1,
    categories: 1,
    topCategories: Object.entries(scores).map(([id, score], n) => ({ rank: n + 1, id, score })),
    hours: hoursWith(hour, 6),
    firstSeen: timeOf(end - 20 * 3_600_000),
    lastSeen: timeOf(end - 10 * 3_600_000),
    tags: age === 0 ? ['morning', 'visitor'] : ['buyer'],
    ...others,
  };
}

let api: MemoryApi;
beforeEach(() => {
  api = memoryApi();
});

async function pageOf(days: readonly Day[], query = ''): Promise<UserAnswer> {
  await api.put('user-profile', days.map(dayOf));
  return userAnswer.parse(await api.json(`/v1/users/u${query}`));
}
const scoresOf = ({ profile }: UserAnswer) =>
  profile?.topCategories.map(({ rank, id, score }) => `${rank}. ${id}: ${score}`);

describe('the profile of a user', () => {
  it('adds the counts and the hours of the newest days, and has the tags of the newest one', async () => {
    const { profile, daily } = await pageOf([{ age: 0 }, { age: 1, hour: 11 }, { age: 3 }]);
    expect(profile).toEqual({
      days: 3,
      counts: { pv: 9, cart: 6, fav: 3, buy: 4 },
      topCategories: [],
      hours: hoursWith(10, 12).with(11, 6),
      firstSeen: timeOf(NEWEST_MS - 3 * DAY_MS - 20 * 3_600_000),
      lastSeen: timeOf(NEWEST_MS - 10 * 3_600_000),
      tags: ['morning', 'visitor'],
    });
    expect(daily.rows.map(({ windowEnd }) => windowEnd)).toEqual([
      '2017-11-30T16:00:00.000Z',
      '2017-11-29T16:00:00.000Z',
      '2017-11-27T16:00:00.000Z',
    ]);
  });

  it('is of seven days, or of as many as are asked for, counted by those that there are', async () => {
    const days = Array.from({ length: 40 }, (_, n) => ({ age: 2 * n }));
    const seven = await pageOf(days);
    expect([seven.profile?.days, seven.profile?.counts.pv]).toEqual([7, 21]);
    expect((await pageOf([], '?days=1')).daily.rows).toHaveLength(1);
    expect((await pageOf([], '?days=31')).profile?.days).toBe(31);
    await expect(api.text('/v1/users/u?days=32')).rejects.toThrow(/400 .*from 1 to 31/);
    await expect(api.text('/v1/users/u?days=0')).rejects.toThrow(/400 /);
  });

  it('counts what somebody liked a week before half as much', async () => {
    const page = await pageOf(
      [
        { age: 0, scores: { a: 3, b: 10 } },
        { age: 7, scores: { a: 16 } },
        { age: 14, scores: { a: 4, c: 2 } },
        { age: 1, scores: { d: 1 } },
      ],
      '?days=31',
    );
    // 3 + 16 / 2 + 4 / 4; 10; 1 / 2 ^ (1 / 7); 2 / 4.
    expect(scoresOf(page)).toEqual(['1. a: 12', '2. b: 10', '3. d: 0.9057', '4. c: 0.5']);
  });

  it('measures age from the newest day of the user, not from any other time', async () => {
    expect(scoresOf(await pageOf([{ age: 21, scores: { a: 3 } }]))).toEqual(['1. a: 3']);
  });

  it('lists ten categories, those with one score by id', async () => {
    const scores = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [`${12 - n}`, n === 0 ? 9 : 1]),
    );
    const page = await pageOf([{ age: 0, scores: { ...scores, b: 1 } }]);
    expect(scoresOf(page)).toEqual([
      '1. 12: 9',
      ...Array.from({ length: 9 }, (_, n) => `${n + 2}. ${n + 1}: 1`),
    ]);
  });

  it('is null of somebody who did nothing, whose lists are empty', async () => {
    expect(userAnswer.parse(await api.json('/v1/users/nobody'))).toEqual({
      userId: 'nobody',
      profile: null,
      daily: { rows: [] },
      alerts: { rows: [] },
      blocks: { rows: [] },
    });
  });
});
