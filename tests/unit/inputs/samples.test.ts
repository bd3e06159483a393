/** What the sample of each stream shows. */
import { describe, expect, it } from 'vitest';
import { adClicks } from '../../../functions/adBlacklist/events.ts';
import { appMarketing } from '../../../functions/appPromotion/events.ts';
import { userBehavior } from '../../../functions/hotItems/events.ts';
import { pageViews } from '../../../functions/hotPages/events.ts';
import { logins } from '../../../functions/loginFail/events.ts';
import { receipts } from '../../../functions/orderReconcile/events.ts';
import { orders } from '../../../functions/orderTimeout/events.ts';
import { sampleRead } from './sampleRead.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

interface Disorder {
  /** Of all events: behind one that came before. */
  readonly outOfOrder: number;
  /** How many are further behind than so. */
  behindBy(ms: number): number;
  readonly spanMs: number;
}

function disorderOf(events: readonly { readonly timestamp: number }[]): Disorder {
  let greatest = Number.NEGATIVE_INFINITY;
  const behind = events.map(({ timestamp }) => {
    greatest = Math.max(greatest, timestamp);
    return greatest - timestamp;
  });
  const least = events.reduce((min, { timestamp }) => Math.min(min, timestamp), greatest);
  return {
    outOfOrder: behind.filter((ms) => ms > 0).length / events.length,
    behindBy: (ms) => behind.filter((each) => each > ms).length,
    spanMs: greatest - least,
  };
}

describe('user behaviour', () => {
  const { events } = sampleRead(userBehavior);

  it('takes three hours', () => {
    expect(Math.abs(disorderOf(events).spanMs - 3 * HOUR_MS)).toBeLessThan(MINUTE_MS);
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

  it('take 20 minutes, and a few miss all of their windows', () => {
    const { spanMs, outOfOrder, behindBy } = disorderOf(events);
    expect(Math.abs(spanMs - 20 * MINUTE_MS)).toBeLessThan(MINUTE_MS);
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
    expect(sale.length).toBeGreaterThan(200);
    expect(Math.max(...sale) - Math.min(...sale)).toBeLessThan(5 * MINUTE_MS);
  });
});

describe('app marketing', () => {
  const { events } = sampleRead(appMarketing);

  it('arrives within 20 minutes, and a few of it miss all of their windows', () => {
    const recent = events.filter(({ timestamp }) => timestamp >= Date.UTC(2026, 2, 2, 12, 20));
    const { spanMs, outOfOrder, behindBy } = disorderOf(events);
    expect(Math.abs(disorderOf(recent).spanMs - 20 * MINUTE_MS)).toBeLessThan(MINUTE_MS);
    expect(spanMs).toBeLessThan(2 * HOUR_MS);
    expect(outOfOrder).toBeLessThan(0.1);
    expect(behindBy(HOUR_MS)).toBeGreaterThan(0);
    expect(behindBy(5_000)).toBeLessThan(20);
  });

  it('has every behaviour in every channel', () => {
    const counts = countsBy(events, ({ channel, behavior }) => `${channel} ${behavior}`);
    expect(counts.size).toBe(5 * 4);
  });
});

describe('ad clicks', () => {
  const { events } = sampleRead(adClicks);
  const clicksOf = (clicks: typeof events) =>
    countsBy(
      clicks,
      ({ userId, adId, timestamp }) => `${userId} ${adId} ${shanghaiDay(timestamp)}`,
    );

  it('take three hours over midnight', () => {
    expect(Math.abs(disorderOf(events).spanMs - 3 * HOUR_MS)).toBeLessThan(MINUTE_MS);
    expect(countsBy(events, ({ timestamp }) => shanghaiDay(timestamp)).size).toBe(2);
  });

  it('come from two farms: each over 100 clicks on a day, the second with few on the next', () => {
    const over = [...clicksOf(events)].filter(([, clicks]) => clicks > 100);
    expect(over.map(([key]) => key).sort()).toEqual([
      '161501 1738 2026-03-02',
      '937166 1715 2026-03-02',
    ]);
    const nextDay = clicksOf(events).get('161501 1738 2026-03-03') ?? 0;
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

  it('take three hours, mostly within 3 s of order', () => {
    const { spanMs, behindBy } = disorderOf(events);
    expect(Math.abs(spanMs - 3 * HOUR_MS)).toBeLessThan(10 * MINUTE_MS);
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
});

describe('orders and receipts', () => {
  const orderEvents = sampleRead(orders).events;
  const receiptEvents = sampleRead(receipts).events;
  const creates = new Map(
    orderEvents.flatMap((event) => (event.type === 'create' ? [[event.orderId, event]] : [])),
  );
  const pays = orderEvents.flatMap((event) => (event.type === 'pay' ? [event] : []));
  const payOf = new Map(pays.map((pay) => [pay.txId, pay]));
  const receiptOf = new Map(receiptEvents.map((receipt) => [receipt.txId, receipt]));
  const share = (count: number) => count / creates.size;

  it('take three hours and the time to pay', () => {
    for (const events of [orderEvents, receiptEvents]) {
      expect(disorderOf(events).spanMs).toBeGreaterThan(2.9 * HOUR_MS);
      expect(disorderOf(events).spanMs).toBeLessThan(3.5 * HOUR_MS);
    }
  });

  it('leave one order in 100 unpaid, some paid late, some paid without create', () => {
    const paid = new Set(pays.map(({ orderId }) => orderId));
    const unpaid = [...creates.keys()].filter((orderId) => !paid.has(orderId));
    expect(share(unpaid.length)).toBeCloseTo(0.01, 2);
    const late = pays.filter(
      ({ orderId, timestamp }) =>
        timestamp - (creates.get(orderId)?.timestamp ?? timestamp) >= 15 * MINUTE_MS,
    );
    expect(share(late.length)).toBeCloseTo(0.01, 2);
    const notCreated = pays.filter(({ orderId }) => !creates.has(orderId));
    expect(notCreated.length).toBeGreaterThan(2);
    expect(notCreated.length).toBeLessThan(20);
  });

  it('hold orders that two transactions pay, and payments that are sent twice', () => {
    const transactions = Map.groupBy([...payOf.values()], ({ orderId }) => orderId);
    const twice = [...transactions.values()].filter((each) => each.length > 1);
    expect(twice.length).toBeGreaterThan(0);
    expect(twice.length).toBeLessThan(10);
    expect(pays.length - payOf.size).toBeGreaterThan(10);
  });

  it('agree on the same seed: nearly every payment has its receipt', () => {
    const missing = [...payOf.keys()].filter((txId) => !receiptOf.has(txId));
    const alone = [...receiptOf.keys()].filter((txId) => !payOf.has(txId));
    for (const odd of [missing, alone]) {
      expect(odd.length).toBeGreaterThan(3);
      expect(odd.length).toBeLessThan(30);
    }
  });

  it('have their receipts in time but for a few', () => {
    const deltas = [...payOf].flatMap(([txId, pay]) => {
      const receipt = receiptOf.get(txId);
      return receipt ? [receipt.timestamp - pay.timestamp] : [];
    });
    const inTime = deltas.filter((ms) => ms >= -3_000 && ms <= 5_000);
    expect(deltas.length - inTime.length).toBeGreaterThan(20);
    expect(deltas.length - inTime.length).toBeLessThan(60);
  });
});

const shanghaiDay = (ms: number): string => new Date(ms + 8 * HOUR_MS).toISOString().slice(0, 10);

function countsBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}
