/** What kind of visitor each user is, of one window's events; and how many users have each tag. */
import type { Behavior } from '../truth.ts';
import type { ExpectedRow, RowContent } from './analysis.ts';
import { compareIds } from './compareIds.ts';

const AN_HOUR = 3_600_000;

const BEHAVIORS = ['pv', 'cart', 'fav', 'buy'];
const POINTS: Record<string, number> = { pv: 1, fav: 2, cart: 3, buy: 5 };
const ALL_TAGS = [
  ...['visitor', 'hesitant', 'buyer', 'decisive', 'focused', 'explorer'],
  ...['nightOwl', 'morning', 'daytime', 'evening', 'heavy'],
];

interface Options {
  /** How many categories are listed. */
  readonly top: number;
  /** How far the clocks of the zone are ahead of UTC, ms. */
  readonly ahead: number;
}

/** Of every user a row. */
export const profiles =
  (options: Options) =>
  (events: readonly Behavior[]): ExpectedRow[] =>
    [...Map.groupBy(events, ({ userId }) => userId)].map(([key, some]) => ({
      key,
      content: profileOf(some, options),
    }));

/** Of every tag a row, also of one that nobody has. */
export const tagsOfAll =
  (options: Options) =>
  (events: readonly Behavior[]): ExpectedRow[] => {
    const users = profiles(options)(events).map(({ content }) => content['tags'] as string[]);
    return ALL_TAGS.map((key) => {
      const having = users.filter((tags) => tags.includes(key));
      const sets = [...Map.groupBy(having, (tags) => tags.join('+'))];
      return {
        key,
        content: {
          users: having.length,
          share: fourDecimals(having.length / users.length),
          tagSets: Object.fromEntries(sets.map(([set, some]) => [set, some.length])),
        },
      };
    });
  };

export const fourDecimals = (share: number): number => Math.round(share * 10_000) / 10_000;

function profileOf(events: readonly Behavior[], { top, ahead }: Options): RowContent {
  const times = events.map(({ timestamp }) => timestamp);
  const counts = Object.fromEntries(BEHAVIORS.map((name) => [name, of(events, name).length]));
  const hours = events.map(({ timestamp }) => hourOf(timestamp, ahead));
  const scores = [...Map.groupBy(events, ({ categoryId }) => categoryId)]
    .map(([id, some]) => ({ id, score: sum(some.map(({ behavior }) => POINTS[behavior] ?? 0)) }))
    .sort((a, b) => b.score - a.score || compareIds(a.id, b.id));
  return {
    counts,
    items: new Set(events.map(({ itemId }) => itemId)).size,
    categories: scores.length,
    topCategories: scores.slice(0, top).map((each, i) => ({ rank: i + 1, ...each })),
    hours: Array.from({ length: 24 }, (_, hour) => hours.filter((each) => each === hour).length),
    firstSeen: new Date(Math.min(...times)).toISOString(),
    lastSeen: new Date(Math.max(...times)).toISOString(),
    tags: [...visitorTags(events, scores[0]?.id), partOfDay(hours)].sort(),
  };
}

function visitorTags(events: readonly Behavior[], favorite: string | undefined): string[] {
  const views = of(events, 'pv');
  const buys = of(events, 'buy').length;
  const wishes = of(events, 'cart').length + of(events, 'fav').length;
  const tags: string[] = [];
  if (buys + wishes === 0) tags.push('visitor');
  if (buys === 0 && wishes > 0) tags.push('hesitant');
  if (buys > 0) tags.push('buyer');
  if (buys > 0 && views.length / buys <= 5) tags.push('decisive');
  if (views.length >= 5) {
    const share = views.filter(({ categoryId }) => categoryId === favorite).length / views.length;
    if (share >= 0.6) tags.push('focused');
    if (share <= 0.2) tags.push('explorer');
  }
  if (events.length >= 50) tags.push('heavy');
  return tags;
}

/** The first of those that most events are in. */
function partOfDay(hours: readonly number[]): string {
  const between = (from: number, to: number): number =>
    hours.filter((hour) => hour >= from && hour < to).length;
  const parts: (readonly [tag: string, events: number])[] = [
    ['nightOwl', between(23, 24) + between(0, 6)],
    ['morning', between(6, 11)],
    ['daytime', between(11, 18)],
    ['evening', between(18, 23)],
  ];
  const most = Math.max(...parts.map(([, events]) => events));
  return (parts.find(([, events]) => events === most) as (typeof parts)[number])[0];
}

const hourOf = (at: number, ahead: number): number => new Date(at + ahead).getUTCHours();

const of = (events: readonly Behavior[], name: string): readonly Behavior[] =>
  events.filter(({ behavior }) => behavior === name);

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** Where the hour of an event at this time begins and ends, in a zone. */
export function hourBounds(at: number, ahead: number): number[] {
  const begin = Math.floor((at + ahead) / AN_HOUR) * AN_HOUR - ahead;
  return [begin, begin + AN_HOUR];
}
