/** Rows of all tables as they might be stored, at times that meet each other. */
import fc from 'fast-check';
import { latestAttributes, problemAttributes } from '../../../../shared/job/lists.ts';
import { eventTime, isoTime } from '../../../../shared/model/time.ts';
import type { Item } from '../../../../shared/ports/table.ts';

const START_MS = 1_511_658_000_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** Of three hours, so that times meet each other and the borders of hours. */
export const MINUTES_MAX = 3 * 60;
export const timeAt = (minute: number): string => isoTime(eventTime(START_MS + minute * MINUTE_MS));

export const minute = fc.integer({ min: 0, max: MINUTES_MAX });
const CHANNELS = Array.from({ length: 15 }, (_, n) => `c${n}`);

const windowsAt = (minutes: readonly number[], row: (minute: number) => Item): Item[] =>
  minutes.map((each) => ({
    windowStart: timeAt(each - 60),
    windowEnd: timeAt(each),
    revision: 0,
    // Some of each kind, and the newest ones of either.
    final: each % 3 !== 0,
    ...row(each),
  }));

const ends = (maxLength: number) => fc.uniqueArray(minute, { maxLength });
const ranked = { ranking: [], events: 1, keys: 1 };
const counts = { CLICK: 1, DOWNLOAD: 0, INSTALL: 0 };

/** What each channel brought in a window. */
const channelsAt = (end: number): Record<string, number> =>
  Object.fromEntries(
    CHANNELS.slice(0, end % 16).map((name, n) => [name, ((n * 7 + end) % 11) + 1]),
  );

function promotionAt(minutes: readonly number[]): Item[] {
  const total = windowsAt(minutes, (end) => ({
    channel: 'total',
    counts,
    total: 1,
    channels: channelsAt(end),
  }));
  const each = CHANNELS.flatMap((channel) =>
    windowsAt(
      minutes.filter((end) => channel in channelsAt(end)),
      (end) => ({ channel, counts, total: channelsAt(end)[channel] ?? 0 }),
    ),
  );
  return [...total, ...each];
}

const ALERTS = {
  name: 'login-alerts',
  partitionKey: 'userId',
  sortKey: 'alertId',
  listedBy: 'lastFail',
};
const BLOCKS = {
  name: 'ad-blacklist',
  partitionKey: 'userId',
  sortKey: 'adDay',
  listedBy: 'blockedAt',
};

export function alertAt(at: number, n: number): Item {
  const time = timeAt(at);
  const row = {
    userId: `u${n % 3}`,
    alertId: `${n}`,
    firstFail: time,
    lastFail: time,
    failures: 2,
    ips: [],
  };
  return { ...row, ...latestAttributes(ALERTS, row) };
}

export function blockAt(at: number, n: number): Item {
  const row = {
    userId: `u${n % 3}`,
    adDay: `${n}`,
    adId: 'a',
    day: '2017-11-26',
    blockedAt: timeAt(at),
    limit: 1,
  };
  return { ...row, ...latestAttributes(BLOCKS, row) };
}

const STATUSES = {
  order: ['timedOut', 'paidLate', 'conflict', 'paid'],
  transaction: ['unmatchedPay', 'unmatchedReceipt', 'conflict', 'matched'],
} as const;

/** Of the last status in its list, no problem. */
export function statusAt(key: 'orderId' | 'txId', statuses: readonly string[]) {
  return (at: number, n: number): Item => {
    const status = statuses[n % statuses.length] ?? '';
    const id = `${n}`;
    const isProblem = n % statuses.length < statuses.length - 1;
    const problem = { status, at: eventTime(START_MS + at * MINUTE_MS) };
    return { [key]: id, status, ...(isProblem ? problemAttributes(problem, id) : {}) };
  };
}

export const stored = fc
  .record({
    'hot-items': ends(12),
    'hot-pages': ends(12),
    pvuv: ends(40),
    'app-promotion': ends(4),
    'ad-clicks': ends(12),
    'login-alerts': fc.array(minute, { maxLength: 40 }),
    'ad-blacklist': fc.array(minute, { maxLength: 40 }),
    'order-status': fc.array(minute, { maxLength: 60 }),
    reconciliation: fc.array(minute, { maxLength: 60 }),
  })
  .map((at) => ({
    'hot-items': [
      ...windowsAt(at['hot-items'], () => ({ board: 'items:pv', ...ranked })),
      ...windowsAt([MINUTES_MAX + 1], () => ({ board: 'items:buy', ...ranked })),
    ],
    'hot-pages': windowsAt(at['hot-pages'], () => ({ board: 'pages', ...ranked })),
    pvuv: windowsAt(at.pvuv, () => ({ site: 'all', pv: 1, uv: 1 })),
    'app-promotion': promotionAt(at['app-promotion']),
    'ad-clicks': windowsAt(at['ad-clicks'], () => ({ province: 'total', count: 1 })),
    'login-alerts': at['login-alerts'].map(alertAt),
    'ad-blacklist': at['ad-blacklist'].map(blockAt),
    'order-status': at['order-status'].map(statusAt('orderId', STATUSES.order)),
    reconciliation: at.reconciliation.map(statusAt('txId', STATUSES.transaction)),
  }));
