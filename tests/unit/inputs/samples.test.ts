/** What the sample of each stream shows, and how they tell one evening together. */
import { describe, expect, it } from 'vitest';
import { adClicks } from '../../../functions/adBlacklist/events.ts';
import { appMarketing } from '../../../functions/appPromotion/events.ts';
import { userBehavior } from '../../../functions/hotItems/events.ts';
import { pageViews } from '../../../functions/hotPages/events.ts';
import { logins } from '../../../functions/loginFail/events.ts';
import { receipts } from '../../../functions/orderReconcile/events.ts';
import { orders } from '../../../functions/orderTimeout/events.ts';
import type { Source } from '../../../shared/job/source.ts';
import { between, disorderOf, HOUR_MS, MINUTE_MS, minuteOf, START_MS } from './eveningTimes.ts';
import { sampleRead } from './sampleRead.ts';

describe('all streams together', () => {
  it.each([userBehavior, pageViews, appMarketing, adClicks, logins, orders, receipts])(
    'tell the same two hours from the first minute on: $stream',
    (source) => {
      const { events } = sampleRead(source as Source<{ readonly timestamp: number }>);
      for (let minute = 0; minute < 118; minute += 2) {
        expect(between(events, minute, minute + 2).length, `minute ${minute}`).toBeGreaterThan(5);
      }
      // The last orders are paid later, some of them very late.
      expect(Math.max(...events.map(minuteOf))).toBeLessThan(150);
      expect(Math.max(...events.slice(0, 20).map(minuteOf))).toBeLessThan(5);
    },
  );
});

describe('user behaviour', () => {
  const { events } = sampleRead(userBehavior);

  it('takes two hours, but for what a few phones report of the same day', () => {
    const { spanMs } = disorderOf(between(events, 0, 120));
    expect(Math.abs(spanMs - 2 * HOUR_MS)).toBeLessThan(MINUTE_MS);
    const before = between(events, Number.NEGATIVE_INFINITY, 0);
    expect(before.length).toBe(18);
    expect(new Set(before.map(({ timestamp }) => shanghaiDay(timestamp)))).toEqual(
      new Set(['2026-03-02']),
    );
  });

  it('has an item that nobody knows, climbs to the first place, and is forgotten', () => {
    const placeFrom = (from: number, to: number) => {
      const counts = countsBy(between(events, from, to), ({ itemId }) => itemId);
      return [...counts].sort((a, b) => b[1] - a[1]).findIndex(([itemId]) => itemId === '2004242');
    };
    const placesOfHours = [25, 40, 50, 60].map((end) => placeFrom(0, end));
    expect(placesOfHours).toEqual(placesOfHours.toSorted((a, b) => b - a));
    expect(placesOfHours[0]).toBeGreaterThan(1);
    expect(placesOfHours.at(-1)).toBe(0);
    expect(between(events, 0, 10).filter(({ itemId }) => itemId === '2004242').length).toBeLessThan(
      5,
    );
    expect(placeFrom(112, 120)).toBe(-1);
  });

  it('is out of order by a few seconds, and has stragglers that miss their hour', () => {
    const { outOfOrder, behindBy } = disorderOf(events);
    expect(outOfOrder).toBeGreaterThan(0.03);
    expect(outOfOrder).toBeLessThan(0.07);
    expect(behindBy(HOUR_MS)).toBeGreaterThan(0);
    expect(behindBy(5_000)).toBeLessThan(40);
  });

  it('has a few items that are far more popular than the rest', () => {
    const counts = countsBy(events, ({ itemId }) => itemId);
    expect(counts.size).toBeGreaterThan(3_000);
    const sorted = [...counts.values()].sort((a, b) => b - a);
    expect(sorted[0]).toBeGreaterThan(20 * (sorted[100] ?? 0));
  });
});

describe('page views', () => {
  const { events } = sampleRead(pageViews);

  it('take two hours, and a few miss all of their windows', () => {
    const { spanMs, outOfOrder, behindBy } = disorderOf(events);
    expect(Math.abs(spanMs - 2 * HOUR_MS)).toBeLessThan(MINUTE_MS);
    expect(outOfOrder).toBeLessThan(0.3);
    expect(behindBy(1_000) / events.length).toBeLessThan(0.03);
    expect(behindBy(12 * MINUTE_MS)).toBeGreaterThan(0);
    expect(behindBy(12 * MINUTE_MS)).toBeLessThan(10);
  });

  it('are for pages, for what pages are made of, and for the sale while it lasts', () => {
    const styling = events.filter(({ url }) => /\.(css|js|png|ico)$/.test(url));
    expect(styling.length / events.length).toBeCloseTo(0.33, 1);
    expect(countsBy(events, ({ method }) => method).get('GET')).toBeLessThan(events.length);
    const sale = events.filter(({ url }) => url === '/sale').map(({ timestamp }) => timestamp);
    expect(sale.length).toBeGreaterThan(150);
    expect(Math.min(...sale)).toBeGreaterThanOrEqual(START_MS + 60 * MINUTE_MS);
    expect(Math.max(...sale)).toBeLessThan(START_MS + 75 * MINUTE_MS);
    const during = countsBy(between(events, 62, 72), ({ url }) => url);
    expect([...during].sort((a, b) => b[1] - a[1])[0]?.[0]).toBe('/sale');
  });
});

describe('app marketing', () => {
  const { events } = sampleRead(appMarketing);

  it('arrives within two hours, and a few of it miss all of their windows', () => {
    const { outOfOrder, behindBy } = disorderOf(events);
    const { spanMs } = disorderOf(between(events, 0, 120));
    expect(Math.abs(spanMs - 2 * HOUR_MS)).toBeLessThan(MINUTE_MS);
    expect(outOfOrder).toBeLessThan(0.1);
    expect(behindBy(HOUR_MS)).toBeGreaterThan(0);
    expect(behindBy(5_000)).toBeLessThan(20);
  });

  it('has every behaviour in every channel', () => {
    const counts = countsBy(events, ({ channel, behavior }) => `${channel} ${behavior}`);
    expect(counts.size).toBe(5 * 4);
  });

  it('has a campaign that brings the least channel to the first place', () => {
    const shareIn = (from: number, to: number) => {
      const some = between(events, from, to);
      return some.filter(({ channel }) => channel === 'huawei').length / some.length;
    };
    expect(shareIn(0, 25)).toBeLessThan(0.15);
    expect(shareIn(25, 70)).toBeGreaterThan(0.5);
    expect(shareIn(70, 120)).toBeLessThan(0.15);
  });
});

describe('ad clicks', () => {
  const { events } = sampleRead(adClicks);
  const clicksOf = (clicks: typeof events) =>
    countsBy(
      clicks,
      ({ userId, adId, timestamp }) => `${userId} ${adId} ${shanghaiDay(timestamp)}`,
    );

  it('take two hours', () => {
    expect(Math.abs(disorderOf(events).spanMs - 2 * HOUR_MS)).toBeLessThan(MINUTE_MS);
  });

  it('come from two farms, each with well over 100 clicks on a day', () => {
    const over = [...clicksOf(events)].filter(([, clicks]) => clicks > 130);
    expect(over.map(([key]) => key).sort()).toEqual([
      '161501 1738 2026-03-02',
      '937166 1715 2026-03-02',
    ]);
    const first = events.filter(({ userId }) => userId === '937166');
    expect(first.map(minuteOf).sort((a, b) => a - b)[100]).toBeLessThan(30);
  });

  it('usually come over midnight, and the second farm clicks little on the next day', () => {
    const usual = sampleRead(adClicks, { course: 'usual' }).events;
    expect(countsBy(usual, ({ timestamp }) => shanghaiDay(timestamp)).size).toBe(2);
    const nextDay = clicksOf(usual).get('161501 1738 2026-03-03') ?? 0;
    expect(nextDay).toBeGreaterThan(20);
    expect(nextDay).toBeLessThan(100);
  });

  it('are few from everybody else', () => {
    const others = events.filter(({ userId }) => userId !== '937166' && userId !== '161501');
    expect(Math.max(...clicksOf(others).values())).toBeLessThan(20);
  });

  it('miss all of their windows in a few cases', () => {
    expect(disorderOf(events).behindBy(65 * MINUTE_MS)).toBeGreaterThan(0);
    expect(disorderOf(events).behindBy(5_000)).toBeLessThan(40);
  });
});

describe('logins', () => {
  const { events } = sampleRead(logins);

  it('take two hours, mostly within 3 s of order', () => {
    const { spanMs, behindBy } = disorderOf(events);
    expect(Math.abs(spanMs - 2 * HOUR_MS)).toBeLessThan(10 * MINUTE_MS);
    expect(behindBy(3_000)).toBeGreaterThan(0);
    expect(behindBy(3_000)).toBeLessThan(20);
  });

  it('mostly succeed, and have bursts of failures within two seconds of each other', () => {
    const fails = events.filter(({ outcome }) => outcome === 'fail');
    expect(fails.length / events.length).toBeGreaterThan(0.08);
    expect(fails.length / events.length).toBeLessThan(0.2);
    let quick = 0;
    for (const attempts of Map.groupBy(fails, ({ userId }) => userId).values()) {
      const times = attempts.map(({ timestamp }) => timestamp).sort((a, b) => a - b);
      quick += times.filter((time, i) => time - (times[i - 1] ?? 0) < 2_000).length;
    }
    expect(quick).toBeGreaterThan(50);
    expect(quick).toBeLessThan(400);
  });

  it('has a list of accounts attacked one after another, for a minute each', () => {
    const attacked = between(events, 30, 33).filter(({ outcome }) => outcome === 'fail');
    const counts = countsBy(attacked, ({ userId }) => userId);
    const many = [...counts].filter(([, fails]) => fails > 50);
    expect(many.map(([userId]) => userId)).toEqual(['102718', '101828', '101459']);
    for (const [userId] of many) {
      const times = attacked.filter((each) => each.userId === userId).map(minuteOf);
      expect(Math.max(...times) - Math.min(...times)).toBeLessThan(1.1);
    }
  });
});

const shanghaiDay = (ms: number): string => new Date(ms + 8 * HOUR_MS).toISOString().slice(0, 10);

function countsBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}
