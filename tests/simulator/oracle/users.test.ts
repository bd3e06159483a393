/** What the simulator expects of profiles and of the funnel, on inputs so small that it can be told by hand. */
import { describe, expect, it } from 'vitest';
import { funnels } from '../analyses/funnel.ts';
import { hourBounds, profiles, tagsOfAll } from '../analyses/profiles.ts';
import type { Behavior } from '../truth.ts';

const AN_HOUR = 3_600_000;
const MIDNIGHT = Date.UTC(2020, 0, 1);
/** Clocks show an hour more than UTC. */
const OPTIONS = { top: 2, ahead: AN_HOUR };

const did = (
  userId: string,
  behavior: string,
  {
    category = 'c',
    item = 'i',
    hour = 12,
  }: { category?: string; item?: string; hour?: number } = {},
): Behavior => ({
  userId,
  behavior,
  categoryId: category,
  itemId: item,
  timestamp: MIDNIGHT + (hour - 1) * AN_HOUR,
});

const times = (count: number, event: Behavior): Behavior[] => Array<Behavior>(count).fill(event);

const tagsOf = (...events: Behavior[]): unknown => profiles(OPTIONS)(events)[0]?.content['tags'];

describe('the profiles that are expected', () => {
  it('tell what a user did, and when', () => {
    const events = [
      did('u', 'pv', { category: '10', hour: 9 }),
      did('u', 'buy', { category: '10', item: 'j', hour: 9 }),
      did('u', 'cart', { category: '9', hour: 10 }),
      did('u', 'cart', { category: '9', hour: 10 }),
      did('u', 'fav', { category: 'x', hour: 11 }),
    ];
    const [row] = profiles(OPTIONS)(events);
    expect(row?.key).toBe('u');
    expect(row?.content).toMatchObject({
      counts: { pv: 1, cart: 2, fav: 1, buy: 1 },
      items: 2,
      categories: 3,
      // Both have 6 points: the lesser number comes first.
      topCategories: [
        { rank: 1, id: '9', score: 6 },
        { rank: 2, id: '10', score: 6 },
      ],
      firstSeen: '2020-01-01T08:00:00.000Z',
      lastSeen: '2020-01-01T10:00:00.000Z',
      tags: ['buyer', 'decisive', 'morning'],
    });
    const hours = row?.content['hours'] as number[];
    expect([hours.length, hours[9], hours[10], hours[11]]).toEqual([24, 2, 2, 1]);
  });

  it.each([
    [['daytime', 'visitor'], [did('u', 'pv')]],
    [['daytime', 'hesitant'], [did('u', 'fav')]],
    // What was bought comes first, and was never viewed.
    [
      ['buyer', 'daytime', 'decisive', 'explorer'],
      [did('u', 'buy'), ...views(1, 5)],
    ],
    [
      ['buyer', 'daytime', 'focused'],
      [did('u', 'buy'), ...views(1, 6)],
    ],
    [
      ['daytime', 'focused', 'visitor'],
      [...views(1, 3), ...views(2, 1)],
    ],
    [['daytime', 'explorer', 'visitor'], views(5, 1)],
    [['evening', 'visitor'], [did('u', 'pv', { hour: 22 })]],
    [['nightOwl', 'visitor'], [did('u', 'pv', { hour: 23 })]],
    // As many in each: the earlier part of the list.
    [
      ['nightOwl', 'visitor'],
      [did('u', 'pv', { hour: 6 }), did('u', 'pv', { hour: 5 })],
    ],
    [['daytime', 'focused', 'heavy', 'visitor'], times(50, did('u', 'pv'))],
  ])('have the tags %j', (tags, events) => {
    expect(tagsOf(...events)).toEqual(tags);
  });

  it('count for every tag who has it, and what else', () => {
    const rows = tagsOfAll(OPTIONS)([
      did('u', 'pv'),
      did('v', 'pv'),
      did('w', 'fav', { hour: 20 }),
    ]);
    expect(rows).toHaveLength(11);
    expect(rows.find(({ key }) => key === 'visitor')?.content).toEqual({
      users: 2,
      share: 0.6667,
      tagSets: { 'daytime+visitor': 2 },
    });
    expect(rows.find(({ key }) => key === 'heavy')?.content).toEqual({
      users: 0,
      share: 0,
      tagSets: {},
    });
  });

  it('have hours that begin where the clocks of the zone say', () => {
    const [from, to] = hourBounds(MIDNIGHT, 5.75 * AN_HOUR);
    expect([from, to]).toEqual([MIDNIGHT - 0.75 * AN_HOUR, MIDNIGHT + 0.25 * AN_HOUR]);
  });
});

/** In so many categories so many views each. */
function views(categories: number, each: number): Behavior[] {
  return Array.from({ length: categories }, (_, i) =>
    times(each, did('u', 'pv', { category: `c${i}` })),
  ).flat();
}

describe('the funnel that is expected', () => {
  it('counts users once, and of a step those who did the step before as well', () => {
    const [all] = funnels(1)([
      did('u', 'pv'),
      did('u', 'pv'),
      did('v', 'pv'),
      did('w', 'pv'),
      did('v', 'cart'),
      did('x', 'cart'),
      did('x', 'buy'),
    ]);
    expect(all).toEqual({
      key: 'all',
      content: {
        viewers: 3,
        carters: 2,
        favers: 0,
        buyers: 1,
        viewToCart: 0.3333,
        cartToBuy: 0.5,
        viewToBuy: 0,
        categories: 1,
        ranking: [{ rank: 1, id: 'c', count: 3 }],
      },
    });
  });

  it('says nothing of a part of nobody', () => {
    expect(funnels(1)([did('u', 'buy')])).toEqual([
      {
        key: 'all',
        content: { viewers: 0, carters: 0, favers: 0, buyers: 1, categories: 0, ranking: [] },
      },
    ]);
  });

  it('has rows of the categories with most viewers, and none of one that is called all', () => {
    const events = ['all', 'b', '10', '9'].flatMap((category) => [
      did('u', 'pv', { category }),
      ...(category === 'b' ? [did('v', 'pv', { category })] : []),
    ]);
    expect(funnels(2)(events).map(({ key }) => key)).toEqual(['all', 'b', '9']);
    expect(funnels(2)(events)[0]?.content['categories']).toBe(3);
  });
});
