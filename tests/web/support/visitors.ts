/** The visitors of the shop whose evening `story.ts` tells: hours of the funnel, two days of the audience, and users. */
import type {
  AudienceAnswer,
  FunnelPage,
  UserAnswer,
} from '../../../functions/api/contract/answers.ts';
import type { TagRow } from '../../../web/charts/audience.ts';
import { blocksAt, iso, loginsAt, NEWEST, wave } from './story.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Midnight of the shop before its evening. */
const NEWEST_DAY = Date.parse('2017-11-25T16:00:00.000Z');
const DAYS = 2;

type Funnel = FunnelPage['rows'][number];
type Tag = AudienceAnswer['tag'];

const CATEGORIES = ['4756105', '2355072', '4145813', '982926', '3607361'];
/** It has had a row until two hours ago. */
export const OVERTAKEN = '1320293';

const hourEnds = (at: number, latest: number): number[] => {
  const newest = Math.floor(Math.min(at, NEWEST) / HOUR) * HOUR;
  return Array.from({ length: latest }, (_, i) => newest - i * HOUR);
};

export function funnelOf(categoryId: string, at: number, latest: number): FunnelPage {
  const ends = hourEnds(at, latest + 2).filter(
    (end) => categoryId !== OVERTAKEN || end <= NEWEST - 2 * HOUR,
  );
  const isAll = categoryId === 'all';
  if (!isAll && ![...CATEGORIES, OVERTAKEN].includes(categoryId)) return { rows: [] };
  return { rows: ends.slice(0, latest).map((end) => funnelRow(categoryId, end)) };
}

function viewersOf(categoryId: string, end: number): number {
  const place = CATEGORIES.indexOf(categoryId);
  const size = categoryId === 'all' ? 31_000 : 1_800 / (1 + Math.abs(place) / 3);
  return Math.round(size * (0.8 + 0.2 * wave(place + 2, end, 7 * HOUR)));
}

function funnelRow(categoryId: string, end: number): Funnel {
  const viewers = viewersOf(categoryId, end);
  const carters = Math.round(viewers * 0.083);
  const counts = CATEGORIES.map((id) => ({ id, count: viewersOf(id, end) }));
  const ranking = counts
    .sort((a, b) => b.count - a.count)
    .map(({ id, count }, i) => ({ rank: i + 1, id, count }));
  return {
    ...{ categoryId, windowStart: iso(end - HOUR), windowEnd: iso(end), revision: 0 },
    ...{ final: true, viewers, carters },
    ...{ favers: Math.round(viewers * 0.047), buyers: Math.round(viewers * 0.034) },
    ...{ viewToCart: 0.0423, cartToBuy: 0.1207 },
    viewToBuy: end > NEWEST - HOUR ? 0.0061 : 0.0058,
    ...(categoryId === 'all' ? { categories: 2_972, ranking } : {}),
  };
}

/** By all the tags that a user has: how many had just these on the newest day, and on the day before. */
const SETS: Readonly<Record<string, readonly [number, number]>> = {
  'buyer+daytime+decisive': [182, 160],
  'buyer+decisive+evening': [1_410, 1_390],
  'buyer+evening+explorer+heavy': [61, 40],
  'buyer+focused+morning': [212, 260],
  'evening+explorer+hesitant': [934, 1_020],
  'focused+hesitant+morning': [407, 380],
  'hesitant+nightOwl': [655, 601],
  'daytime+visitor': [4_699, 4_210],
  'evening+visitor': [7_120, 6_050],
  'explorer+morning+visitor': [1_166, 990],
};

const day = (i: number): string => iso(NEWEST_DAY - i * DAY - 1).slice(0, 10);
const has = (set: string, tag: Tag): boolean => set.split('+').includes(tag);
const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0);

const setsOf = (tag: Tag, i: number): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(SETS).flatMap(([set, counts]) => (has(set, tag) ? [[set, counts[i] ?? 0]] : [])),
  );

function told(tag: Tag, i: number) {
  const users = sum(Object.values(setsOf(tag, i)));
  const all = sum(Object.values(SETS).map((counts) => counts[i] ?? 0));
  return { day: day(i), users, share: Math.round((users / all) * 10_000) / 10_000 };
}

/** As the table `user-tags` holds them. */
export function tagRowsOf(tag: Tag, at: number, latest: number) {
  const rows = Array.from({ length: DAYS }, (_, i): TagRow & { tag: Tag; users: number } => ({
    ...{ tag, windowStart: iso(NEWEST_DAY - (i + 1) * DAY), windowEnd: iso(NEWEST_DAY - i * DAY) },
    ...{ revision: 0, final: true, users: told(tag, i).users, tagSets: setsOf(tag, i) },
  }));
  return { rows: rows.filter(({ windowEnd }) => Date.parse(windowEnd) <= at).slice(0, latest) };
}

/** A cursor is how many came before. */
export function audienceOf(query: URLSearchParams): AudienceAnswer | undefined {
  const tag = query.get('tag') as Tag;
  const i = query.has('day') ? [0, 1].findIndex((each) => day(each) === query.get('day')) : 0;
  if (i < 0) return undefined;
  const own = told(tag, i);
  const from = Number(query.get('cursor') ?? 0);
  const to = Math.min(own.users, from + Number(query.get('limit') ?? 100));
  const userIds = Array.from({ length: to - from }, (_, n) => `${100_035 + (from + n) * 7}`);
  return {
    ...{ tag, ...own, windowEnd: iso(NEWEST_DAY - i * DAY), final: true, tagSets: setsOf(tag, i) },
    previous: i === 0 ? told(tag, 1) : null,
    members: { userIds, ...(to < own.users ? { next: String(to) } : {}) },
  };
}

/** Of a user with alerts, with a block, or with days; of nobody nothing. */
export function userOf(userId: string): UserAnswer {
  const alerts = { rows: loginsAt(NEWEST).rows.filter((row) => row.userId === userId) };
  const blocks = { rows: blocksAt(NEWEST).rows.filter((row) => row.userId === userId) };
  const daily = { rows: userId === 'nobody' ? [] : [dayOf(userId, 0), dayOf(userId, 1)] };
  const [newest, before] = daily.rows;
  if (!newest || !before) return { userId, profile: null, daily, alerts, blocks };
  const { topCategories, tags, lastSeen } = newest;
  const hours = newest.hours.map((n, hour) => n + (before.hours[hour] ?? 0));
  const counts = { pv: 61, cart: 7, fav: 3, buy: 2 };
  return {
    userId,
    profile: {
      ...{ days: DAYS, counts, topCategories, hours },
      ...{ firstSeen: before.firstSeen, lastSeen, tags },
    },
    ...{ daily, alerts, blocks },
  };
}

function dayOf(userId: string, i: number): UserAnswer['daily']['rows'][number] {
  const end = NEWEST_DAY - i * DAY;
  const hours = Array.from({ length: 24 }, (_, hour) =>
    hour < 8 ? 0 : Math.round(6 * wave(i, hour * HOUR, 13 * HOUR)),
  );
  return {
    ...{ userId, windowStart: iso(end - DAY), windowEnd: iso(end), revision: i, final: true },
    counts: { pv: 34 - 7 * i, cart: 4 - i, fav: 1 + i, buy: 1 },
    ...{ items: 21 - i, categories: 5, hours },
    topCategories: CATEGORIES.map((id, n) => ({ rank: n + 1, id, score: 31 - n * 6.25 })),
    ...{ firstSeen: iso(end - 15 * HOUR), lastSeen: iso(end - HOUR - 240_000) },
    tags: i === 0 ? ['buyer', 'evening', 'explorer'] : ['buyer', 'evening'],
  };
}
