/** What a user's day comes to: counts, what they like, when they are there, and what kind of visitor that makes them. */
import {
  type CompactId,
  compactId,
  type EventTime,
  eventTime,
  type IdCounts,
  isoTime,
  type TallyGroup,
  topN,
} from '../../shared/index.ts';
import { TAGS, type Tag } from './tagNames.ts';

/** What tells the events of a user apart. */
export type Fact = 'item' | 'category' | 'behavior' | 'hour';

type Behavior = 'pv' | 'cart' | 'fav' | 'buy';

/** How much of an interest in a category an event shows. */
const SCORES: Readonly<Record<Behavior, number>> = { pv: 1, fav: 2, cart: 3, buy: 5 };

export interface Profile {
  readonly userId: string;
  /** Of events. */
  readonly counts: Readonly<Record<Behavior, number>>;
  /** Distinct ones. */
  readonly items: number;
  readonly categories: number;
  readonly topCategories: readonly {
    readonly rank: number;
    readonly id: string;
    readonly score: number;
  }[];
  /** Events in each hour of the day. */
  readonly hours: readonly number[];
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly tags: readonly Tag[];
}

/** Parts of a day by their hours; the first of those with as many events is taken. */
const DAY_PARTS: readonly { readonly tag: Tag; readonly hours: readonly number[] }[] = [
  { tag: 'nightOwl', hours: [23, 0, 1, 2, 3, 4, 5] },
  { tag: 'morning', hours: [6, 7, 8, 9, 10] },
  { tag: 'daytime', hours: [11, 12, 13, 14, 15, 16, 17] },
  { tag: 'evening', hours: [18, 19, 20, 21, 22] },
];

const DECISIVE_VIEWS_MAX = 5;
const INTEREST_VIEWS_MIN = 5;
const FOCUSED_SHARE_MIN = 0.6;
const EXPLORER_SHARE_MAX = 0.2;
const HEAVY_EVENTS_MIN = 50;

/**
 * Goes through a user's rows once: somebody whom many share, such as all guests, has very many.
 * @param rows those of an item one behind the other
 * @param top how many categories are listed
 */
export function profileOf({ id, rows }: TallyGroup<Fact>, top: number): Profile {
  const counts = { pv: 0, cart: 0, fav: 0, buy: 0 };
  const hours = new Array<number>(HOURS).fill(0);
  const scores: IdCounts = new Map();
  const views: IdCounts = new Map();
  let items = 0;
  let lastItem: CompactId | undefined;
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { behavior, category, item, hour, count, least, greatest } of rows) {
    const did = behavior as Behavior;
    counts[did] += count;
    hours[hour as number] = (hours[hour as number] as number) + count;
    scores.set(category, (scores.get(category) ?? 0) + count * SCORES[did]);
    if (did === 'pv') views.set(category, (views.get(category) ?? 0) + count);
    if (item !== lastItem) items += 1;
    lastItem = item;
    first = Math.min(first, least);
    last = Math.max(last, greatest);
  }
  const ranking = topN(scores, top);
  const profile = {
    userId: String(id),
    counts,
    items,
    categories: scores.size,
    topCategories: ranking.map(({ rank, id, count }) => ({ rank, id, score: count })),
    hours,
    firstSeen: shown(first),
    lastSeen: shown(last),
  };
  const viewsOfFirst = views.get(compactId(ranking[0]?.id ?? '')) ?? 0;
  return { ...profile, tags: tagsOf(profile, viewsOfFirst) };
}

const HOURS = 24;

const shown = (time: number): string => isoTime(eventTime(time) as EventTime);

function tagsOf({ counts, hours }: Omit<Profile, 'tags'>, viewsOfFirst: number): Tag[] {
  const { pv, cart, fav, buy } = counts;
  const is: Partial<Record<Tag, boolean>> = {
    visitor: cart + fav + buy === 0,
    hesitant: cart + fav > 0 && buy === 0,
    buyer: buy > 0,
    decisive: buy > 0 && pv <= DECISIVE_VIEWS_MAX * buy,
    focused: pv >= INTEREST_VIEWS_MIN && viewsOfFirst >= FOCUSED_SHARE_MIN * pv,
    explorer: pv >= INTEREST_VIEWS_MIN && viewsOfFirst <= EXPLORER_SHARE_MAX * pv,
    heavy: pv + cart + fav + buy >= HEAVY_EVENTS_MIN,
    [dayPartOf(hours)]: true,
  };
  return TAGS.filter((tag) => is[tag] === true);
}

function dayPartOf(hours: readonly number[]): Tag {
  const sums = DAY_PARTS.map(({ tag, hours: own }) => ({
    tag,
    events: own.reduce((sum, hour) => sum + (hours[hour] as number), 0),
  }));
  return sums.reduce((best, part) => (part.events > best.events ? part : best)).tag;
}
