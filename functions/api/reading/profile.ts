/** What the newest days of a user come to, taken together. */
import type * as z from 'zod';
import { topN } from '../../../shared/aggregates/topN.ts';
import { days } from '../../../shared/model/time.ts';
import type { UserAnswer } from '../contract/answers.ts';
import type { profileRow } from '../contract/rows.ts';

/** A row of `user-profile`. */
export type DailyProfile = z.infer<typeof profileRow>;

/** An interest of a week ago counts half as much as one of the newest day. */
const HALF_LIFE = days(7);
const INTERESTS_MAX = 10;
const DECIMALS = 10_000;

/** @param daily the newest first; null where there is none */
export function profileOver(daily: readonly DailyProfile[]): UserAnswer['profile'] {
  const [newest] = daily;
  if (newest === undefined) return null;
  const counts = { pv: 0, cart: 0, fav: 0, buy: 0 };
  for (const { counts: own } of daily) {
    for (const name of BEHAVIORS) counts[name] += own[name];
  }
  return {
    days: daily.length,
    counts,
    topCategories: interestsOver(daily, newest),
    hours: newest.hours.map((_, hour) =>
      daily.reduce((sum, { hours }) => sum + (hours[hour] ?? 0), 0),
    ),
    firstSeen: daily.map(({ firstSeen }) => firstSeen).reduce((a, b) => (b < a ? b : a)),
    lastSeen: daily.map(({ lastSeen }) => lastSeen).reduce((a, b) => (b > a ? b : a)),
    tags: newest.tags,
  };
}

const BEHAVIORS = ['pv', 'cart', 'fav', 'buy'] as const;

/** Ranked as they are told, so that who sees equal scores sees them by id. */
function interestsOver(daily: readonly DailyProfile[], newest: DailyProfile) {
  const scores = new Map<string, number>();
  for (const { topCategories, windowEnd } of daily) {
    const age = Date.parse(newest.windowEnd) - Date.parse(windowEnd);
    const weight = 0.5 ** (age / HALF_LIFE);
    for (const { id, score } of topCategories) {
      scores.set(id, (scores.get(id) ?? 0) + score * weight);
    }
  }
  const told = [...scores].map(
    ([id, score]) => [id, Math.round(score * DECIMALS) / DECIMALS] as const,
  );
  return topN(new Map(told), INTERESTS_MAX).map(({ rank, id, count }) => ({
    rank,
    id,
    score: count,
  }));
}
