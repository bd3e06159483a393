/** The overview at any time is what somebody finds who looks at all stored rows one by one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overview as overviewSchema } from '../../../../functions/api/contract/answers.ts';
import { eventTime, isoTime } from '../../../../shared/model/time.ts';
import type { Item } from '../../../../shared/ports/table.ts';
import { type MemoryApi, memoryApi } from '../../../support/memoryApi.ts';
import {
  alertAt,
  blockAt,
  HOUR_MS,
  MINUTE_MS,
  MINUTES_MAX,
  minute,
  statusAt,
  stored,
  timeAt,
} from './storedRows.ts';

type Stored = Readonly<Record<string, readonly Item[]>>;

async function apiOver(rows: Stored): Promise<MemoryApi> {
  const api = memoryApi({ pageRowsMax: 7 });
  for (const [table, items] of Object.entries(rows)) await api.put(table, items);
  return api;
}

const timeOf = (row: Item): string =>
  String(row['listedAt'] ?? row['problemAt'] ?? row['windowEnd']);
const newestFirst = (rows: readonly Item[]) =>
  rows.toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));

/** Naive, and of all rows. */
function expected(rows: Stored, at: string) {
  const upTo = (table: string, isMeant: (row: Item) => boolean = () => true) =>
    newestFirst((rows[table] ?? []).filter((row) => isMeant(row) && timeOf(row) <= at));
  const windows = {
    hotItems: upTo('hot-items', ({ board }) => board === 'items:pv').slice(0, 2),
    hotPages: upTo('hot-pages').slice(0, 2),
    traffic: upTo('pvuv').slice(0, 24),
    promotion: upTo('app-promotion', ({ channel }) => channel === 'total').slice(0, 2),
    adClicks: upTo('ad-clicks').slice(0, 2),
  };
  const isProblem = (row: Item) => 'problem' in row;
  const lists = {
    blacklist: upTo('ad-blacklist'),
    loginAlerts: upTo('login-alerts'),
    orders: upTo('order-status', isProblem),
    transactions: upTo('reconciliation', isProblem),
  };
  const shown = Object.values(windows).flat();
  const settled = [...shown.filter(({ final }) => final), ...Object.values(lists).flat()];
  const now = (settled.length > 0 ? settled : shown).map(timeOf).sort().at(-1) ?? null;
  const after = now === null ? '' : isoTime(eventTime(Date.parse(now) - HOUR_MS));
  const within = (some: readonly Item[]) =>
    some.filter((row) => timeOf(row) > after && timeOf(row) <= (now ?? ''));
  const [newest] = windows.promotion;
  const most = Object.entries((newest?.['channels'] ?? {}) as Record<string, number>)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 12);
  return {
    now,
    windows,
    lists,
    channels: most.map(([, total]) => total),
    counted: {
      unpaidOrders: within(lists.orders).filter(({ status }) => status === 'timedOut').length,
      problems: within(lists.orders).length + within(lists.transactions).length,
      loginAlerts: within(lists.loginAlerts).length,
      blocks: within(lists.blacklist).length,
    },
  };
}

const LISTED_BY = {
  blacklist: 'blockedAt',
  loginAlerts: 'lastFail',
  orders: 'problemAt',
  transactions: 'problemAt',
} as const;

/** Naive, and of all rows: the partitions that screens read, and how long their windows are in minutes. */
function spanOf(rows: Stored) {
  const read = [
    ['hot-items', 'board', 'items:pv', 60],
    ['hot-pages', 'board', 'pages', 10],
    ['pvuv', 'site', 'all', 60],
    ['app-promotion', 'channel', 'total', 60],
    ['ad-clicks', 'province', 'total', 60],
  ] as const;
  const partitions = read.map(([table, name, key, size]) => ({
    size,
    found: newestFirst((rows[table] ?? []).filter((row) => row[name] === key)),
  }));
  const all = partitions.flatMap(({ found }) => found.map(timeOf)).sort();
  const final = partitions.flatMap(({ found, size }) => {
    const [newest] = found;
    if (newest === undefined) return [];
    if (newest['final'] === true) return [timeOf(newest)];
    const before = isoTime(eventTime(Date.parse(timeOf(newest)) - size * MINUTE_MS));
    const older = found.filter((row) => timeOf(row) <= before).slice(0, 3);
    return older.filter((row) => row['final'] === true).map(timeOf);
  });
  const to = final.sort().at(-1) ?? all.at(-1);
  return all.length === 0 ? null : { from: all[0], to };
}

describe('the overview', () => {
  it('is what all rows up to a time say, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(stored, minute, async (rows, at) => {
        const api = await apiOver(rows);
        const time = timeAt(at);
        const found = overviewSchema.parse(await api.json(`/v1/overview?at=${time}`));
        const { now, windows, lists, channels, counted } = expected(rows, time);
        expect(found.now).toBe(now);
        for (const [name, { count, isMore }] of Object.entries(found.lastHour)) {
          expect([name, count, isMore]).toEqual([
            name,
            counted[name as keyof typeof counted],
            false,
          ]);
        }
        const { promotion, ...others } = windows;
        const endsOf = (some: readonly unknown[]) => some.map((row) => timeOf(row as Item));
        for (const [name, some] of Object.entries(others)) {
          expect([name, endsOf(found[name as keyof typeof others].rows)]).toEqual([
            name,
            endsOf(some),
          ]);
        }
        expect(endsOf(found.promotion.windows)).toEqual(endsOf(promotion));
        expect(found.promotion.channels.map(({ total }) => total)).toEqual(channels);
        expect(new Set(endsOf(found.promotion.channels)).size).toBeLessThanOrEqual(1);
        for (const [name, by] of Object.entries(LISTED_BY) as [keyof typeof LISTED_BY, string][]) {
          const times = found[name].rows.map(
            (row) => (row as unknown as Record<string, string>)[by],
          );
          expect([name, times]).toEqual([name, lists[name].slice(0, 10).map(timeOf)]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('without a time stands at the newest final window, and tells how far windows reach at any time', async () => {
    await fc.assert(
      fc.asyncProperty(stored, minute, async (rows, at) => {
        const api = await apiOver(rows);
        const get = async (path: string) => overviewSchema.parse(await api.json(path));
        const live = await get('/v1/overview');
        const span = spanOf(rows);
        expect(live.span).toEqual(span);
        expect((await get(`/v1/overview?at=${timeAt(at)}`)).span).toEqual(span);
        const to = Date.parse(span?.to ?? timeAt(0));
        const there = await get(`/v1/overview?at=${isoTime(eventTime(to))}`);
        const { hotItems, traffic, promotion, adClicks } = there;
        expect(live).toMatchObject({ hotItems, traffic, promotion, adClicks });
        // They still take requests for a minute.
        const later = await get(`/v1/overview?at=${isoTime(eventTime(to + MINUTE_MS))}`);
        expect(live.hotPages).toEqual(later.hotPages);
        const last = await get(`/v1/overview?at=${timeAt(2 * MINUTES_MAX)}`);
        const { blacklist, loginAlerts, orders, transactions } = last;
        expect(live).toMatchObject({ blacklist, loginAlerts, orders, transactions });
      }),
      { numRuns: 15 },
    );
  });

  it.each([499, 500, 501])('counts up to 500 rows of each kind: %i', async (length) => {
    const minutes = Array.from({ length }, () => 30);
    const timedOut = statusAt('orderId', ['timedOut', 'paid']);
    const api = await apiOver({
      'login-alerts': minutes.map(alertAt),
      'ad-blacklist': minutes.map(blockAt),
      'order-status': minutes.map((at, n) => timedOut(at, 2 * n)),
    });
    const { lastHour } = overviewSchema.parse(await api.json('/v1/overview'));
    const counted = { count: Math.min(500, length), isMore: length > 500 };
    expect(lastHour).toEqual({
      unpaidOrders: counted,
      problems: counted,
      loginAlerts: counted,
      blocks: counted,
    });
  });
});
