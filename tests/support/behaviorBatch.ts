/**
 * What users did, analysed by plain loops over all events at once: profiles with their tags, and the funnel. Written from the text of
 * the analyses, it uses nothing of the engine, so that it can be wrong only by itself.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface Act {
  readonly userId: string;
  readonly itemId: string;
  readonly categoryId: string;
  readonly behavior: 'pv' | 'cart' | 'fav' | 'buy';
  readonly timestamp: number;
}

export type Row = Readonly<Record<string, unknown>>;

/** The course's file: user, item, category, behaviour, seconds. */
export function actsIn(path: string): Act[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
  return lines.map((line) => {
    const [userId = '', itemId = '', categoryId = '', behavior = '', seconds = ''] = line
      .trim()
      .split(',');
    const timestamp = Number(seconds) * 1_000;
    return { userId, itemId, categoryId, behavior: behavior as Act['behavior'], timestamp };
  });
}

/** Date and hour that a clock in the zone shows. */
function clockIn(zone: string): (ms: number) => { date: string; hour: number } {
  const options = { dateStyle: 'short', timeStyle: 'short', timeZone: zone } as const;
  const format = new Intl.DateTimeFormat('sv-SE', options);
  return (ms) => {
    const text = format.format(ms);
    return { date: text.slice(0, 10), hour: Number(text.slice(11, 13)) };
  };
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const numberOf = (date: string): number => Date.parse(date) / DAY_MS;

/** Of a window of whole days: the first moments of its first date, and of the first date behind it. */
function daysAround(zone: string, first: number, count: number) {
  const clock = clockIn(zone);
  const beginOf = (day: number): string => {
    let [before, there] = [(day - 2) * DAY_MS, (day + 2) * DAY_MS];
    while (there - before > MINUTE_MS) {
      const middle = Math.floor((before + there) / 2 / MINUTE_MS) * MINUTE_MS;
      if (numberOf(clock(middle).date) >= day) there = middle;
      else before = middle;
    }
    return iso(there);
  };
  return { windowStart: beginOf(first), windowEnd: beginOf(first + count) };
}

const TAGS = [
  'visitor',
  'hesitant',
  'buyer',
  'decisive',
  'focused',
  'explorer',
  'nightOwl',
  'morning',
  'daytime',
  'evening',
  'heavy',
];
const SCORES = { pv: 1, fav: 2, cart: 3, buy: 5 };

interface ProfileOptions {
  readonly zone?: string;
  /** Of a window: so many whole days of the zone, or so many hours of UTC. */
  readonly size?: { readonly days: number } | { readonly hours: number };
  readonly top?: number;
}

/** The rows of `user-profile` and `user-tags`. */
export function profilesOf(
  acts: readonly Act[],
  { zone = 'Asia/Shanghai', size = { days: 1 }, top = 5 }: ProfileOptions = {},
): { profiles: Row[]; tags: Row[] } {
  const clock = clockIn(zone);
  const windows = new Map<number, Map<string, [Act, number][]>>();
  for (const act of acts) {
    const { date, hour } = clock(act.timestamp);
    const [at, length] =
      'days' in size ? [numberOf(date), size.days] : [act.timestamp, size.hours * HOUR_MS];
    const first = Math.floor(at / length) * length;
    const users = windows.get(first) ?? new Map<string, [Act, number][]>();
    windows.set(first, users);
    const own = users.get(act.userId) ?? [];
    users.set(act.userId, own);
    own.push([act, hour]);
  }
  const profiles: Row[] = [];
  const tags: Row[] = [];
  for (const [first, users] of windows) {
    const window =
      'days' in size
        ? daysAround(zone, first, size.days)
        : { windowStart: iso(first), windowEnd: iso(first + size.hours * HOUR_MS) };
    const sets: string[][] = [];
    for (const [userId, own] of users) {
      const profile = profileOf(own, top);
      sets.push(profile.tags);
      profiles.push({ userId, ...window, ...profile });
    }
    for (const tag of TAGS) tags.push({ tag, ...window, ...tagRow(tag, sets) });
  }
  return { profiles, tags };
}

function tagRow(tag: string, sets: readonly string[][]): Row {
  const tagSets: Record<string, number> = {};
  let users = 0;
  for (const set of sets) {
    if (!set.includes(tag)) continue;
    users += 1;
    tagSets[set.join('+')] = (tagSets[set.join('+')] ?? 0) + 1;
  }
  return { users, share: fourDecimals(users, sets.length), tagSets };
}

function profileOf(own: readonly [Act, number][], top: number) {
  const counts = { pv: 0, cart: 0, fav: 0, buy: 0 };
  const scores = new Map<string, number>();
  const views = new Map<string, number>();
  const items = new Set<string>();
  const hours: number[] = new Array(24).fill(0);
  let [firstSeen, lastSeen] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [{ behavior, categoryId, itemId, timestamp }, hour] of own) {
    counts[behavior] += 1;
    scores.set(categoryId, (scores.get(categoryId) ?? 0) + SCORES[behavior]);
    if (behavior === 'pv') views.set(categoryId, (views.get(categoryId) ?? 0) + 1);
    items.add(itemId);
    hours[hour] = (hours[hour] as number) + 1;
    if (timestamp < firstSeen) firstSeen = timestamp;
    if (timestamp > lastSeen) lastSeen = timestamp;
  }
  const ranked = ranking(scores);
  const viewsOfFirst = views.get(ranked[0]?.[0] ?? '') ?? 0;
  return {
    counts,
    items: items.size,
    categories: scores.size,
    topCategories: ranked.slice(0, top).map(([id, score], i) => ({ rank: i + 1, id, score })),
    hours,
    firstSeen: iso(firstSeen),
    lastSeen: iso(lastSeen),
    tags: tagsOf(counts, viewsOfFirst, hours).sort(),
  };
}

function tagsOf(
  { pv, cart, fav, buy }: Record<Act['behavior'], number>,
  viewsOfFirst: number,
  hours: readonly number[],
): string[] {
  const tags: string[] = [];
  if (cart + fav + buy === 0) tags.push('visitor');
  if (cart + fav > 0 && buy === 0) tags.push('hesitant');
  if (buy > 0) tags.push('buyer');
  if (buy > 0 && pv <= 5 * buy) tags.push('decisive');
  if (pv >= 5 && viewsOfFirst * 100 >= pv * 60) tags.push('focused');
  if (pv >= 5 && viewsOfFirst * 100 <= pv * 20) tags.push('explorer');
  tags.push(partOfDay(hours));
  if (pv + cart + fav + buy >= 50) tags.push('heavy');
  return tags;
}

function partOfDay(hours: readonly number[]): string {
  const parts = { nightOwl: 0, morning: 0, daytime: 0, evening: 0 };
  for (const [hour, count] of hours.entries()) {
    if (hour < 6 || hour >= 23) parts.nightOwl += count;
    else if (hour < 11) parts.morning += count;
    else if (hour < 18) parts.daytime += count;
    else parts.evening += count;
  }
  const most = Math.max(...Object.values(parts));
  return Object.entries(parts).find(([, count]) => count === most)?.[0] ?? '';
}

interface FunnelOptions {
  readonly sizeMs?: number;
  readonly top?: number;
}

type Did = Record<Act['behavior'], Set<string>>;
const nobody = (): Did => ({ pv: new Set(), cart: new Set(), fav: new Set(), buy: new Set() });

/** The rows of `funnel`. */
export function funnelOf(
  acts: readonly Act[],
  { sizeMs = HOUR_MS, top = 50 }: FunnelOptions = {},
): Row[] {
  const windows = new Map<number, { all: Did; categories: Map<string, Did> }>();
  for (const { timestamp, categoryId, behavior, userId } of acts) {
    const start = Math.floor(timestamp / sizeMs) * sizeMs;
    const window = windows.get(start) ?? { all: nobody(), categories: new Map<string, Did>() };
    windows.set(start, window);
    const category = window.categories.get(categoryId) ?? nobody();
    window.categories.set(categoryId, category);
    category[behavior].add(userId);
    window.all[behavior].add(userId);
  }
  return [...windows].flatMap(([start, { all, categories }]) => {
    const times = { windowStart: iso(start), windowEnd: iso(start + sizeMs) };
    return funnelRows(all, categories, top).map((row) => ({ ...times, ...row }));
  });
}

/** Of one window. */
function funnelRows(all: Did, categories: ReadonlyMap<string, Did>, top: number): Row[] {
  const viewers = new Map<string, number>();
  for (const [id, { pv }] of categories) if (id !== 'all' && pv.size > 0) viewers.set(id, pv.size);
  const ranked = ranking(viewers).slice(0, top);
  const shown = ranked.map(([id, count], i) => ({ rank: i + 1, id, count }));
  return [
    { categoryId: 'all', ...funnelRow(all), categories: viewers.size, ranking: shown },
    ...ranked.map(([categoryId]) => ({
      categoryId,
      ...funnelRow(categories.get(categoryId) ?? nobody()),
    })),
  ];
}

function funnelRow({ pv, cart, fav, buy }: Did): Row {
  return {
    viewers: pv.size,
    carters: cart.size,
    favers: fav.size,
    buyers: buy.size,
    ...rate('viewToCart', pv, cart),
    ...rate('cartToBuy', cart, buy),
    ...rate('viewToBuy', pv, buy),
  };
}

/** How many of those who did one thing also did the other; nothing where nobody did the one. */
function rate(name: string, from: ReadonlySet<string>, to: ReadonlySet<string>): Row {
  if (from.size === 0) return {};
  let both = 0;
  for (const user of from) if (to.has(user)) both += 1;
  return { [name]: fourDecimals(both, from.size) };
}

/** Halves up, without a fraction in between. */
const fourDecimals = (part: number, whole: number): number =>
  Math.floor((20_000 * part + whole) / (2 * whole)) / 10_000;

/** Most first; then whole numbers, as numbers, then other ids by code point. */
const ranking = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([a, x], [b, y]) => y - x || compareIds(a, b));

const INTEGER = /^(0|-?[1-9][0-9]*)$/;

function compareIds(a: string, b: string): number {
  if (INTEGER.test(a) !== INTEGER.test(b)) return INTEGER.test(a) ? -1 : 1;
  if (INTEGER.test(a)) return Math.sign(Number(BigInt(a) - BigInt(b)));
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
