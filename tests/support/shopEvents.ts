/**
 * Some hours of a small shop, by stream: enough for a few windows, alerts and problems of every kind. Ids may be what one
 * likes.
 */
import type { StreamName } from '../../shared/model/lane.ts';

/** 2017-11-26T01:00:00Z */
export const SHOP_START_MS = 1_511_658_000_000;
const MINUTE_MS = 60_000;

export interface ShopOptions {
  /** Of items, pages, channels, provinces, users, orders and transactions: what every id begins with. */
  readonly prefix?: string;
  /** How many minutes the shop is open. */
  readonly minutes?: number;
  /** Orders that are not paid, one after the other from the start. */
  readonly unpaid?: number;
}

/** An event and the stream that it goes to. */
export type ShopEvent = readonly [stream: StreamName, event: object];

/** In order of time. */
export function shopEvents({
  prefix = '',
  minutes = 90,
  unpaid = 3,
}: ShopOptions = {}): ShopEvent[] {
  const id = (text: string | number) => `${prefix}${text}`;
  const all: [number, ShopEvent][] = [];
  const add = (minute: number, stream: StreamName, event: object, ms = 0) => {
    const timestamp = SHOP_START_MS + minute * MINUTE_MS + ms;
    all.push([timestamp, [stream, { ...event, timestamp }]]);
  };
  for (let minute = 0; minute < minutes; minute += 1) {
    const item = id(minute % 7);
    const userId = id(`u${minute % 11}`);
    const behavior = minute % 5 === 0 ? 'buy' : 'pv';
    add(minute, 'user-behavior', { userId, itemId: item, categoryId: id('c1'), behavior });
    add(minute, 'user-behavior', { userId, itemId: item, categoryId: id('c2'), behavior: 'pv' }, 1);
    add(minute, 'page-views', { ip: '198.51.100.7', method: 'GET', url: `/${item}` });
    add(minute, 'app-marketing', { userId, channel: id(minute % 3), behavior: 'CLICK' });
    add(minute, 'app-marketing', { userId, channel: id(0), behavior: 'INSTALL' }, 1);
    const province = id(`p${minute % 4}`);
    add(minute, 'ad-clicks', { userId, adId: id('a1'), province, city: 'city' });
  }
  for (let n = 0; n < 105; n += 1) {
    const click = { userId: id('farm'), adId: id('a2'), province: id('p0'), city: 'city' };
    add(20, 'ad-clicks', click, n);
  }
  for (let n = 0; n < 4; n += 1) {
    const login = { userId: id('victim'), ip: `203.0.113.${n}`, outcome: 'fail' };
    add(30, 'logins', login, n * 500);
  }
  for (let n = 0; n < unpaid; n += 1) {
    add(n % 30, 'orders', { orderId: id(`unpaid${n}`), type: 'create' });
  }
  add(10, 'orders', { orderId: id('paid'), type: 'create' });
  add(12, 'orders', { orderId: id('paid'), type: 'pay', txId: id('tx-paid') });
  add(12, 'receipts', { txId: id('tx-paid'), channel: 'alipay' }, 2_000);
  add(40, 'receipts', { txId: id('tx-alone'), channel: 'wechat' });
  return all.toSorted(([a], [b]) => a - b).map(([, event]) => event);
}
