/** Events of the keyed jobs' streams for property tests: few keys, close times, ids that only look alike. */
import fc from 'fast-check';
import type { AdClick } from '../../functions/adBlacklist/events.ts';
import type { Login } from '../../functions/loginFail/events.ts';
import type { OrderEvent, Receipt } from '../../functions/orderReconcile/events.ts';
import { CLOCK_START } from './clock.ts';

/** An hour before the test clock begins. */
export const KEYED_START: number = CLOCK_START - 3_600_000;

/** Text that joins badly, such as with `#` or as JSON without care. */
const oddId = fc.constantFrom('a', 'b', 'a#b', '#', '1', '01', '"', '",', ',"', '\\', '[', '😀');

export type TimeOf = fc.Arbitrary<number>;

/** On a grid of half the second, so that events tie and sit on boundaries. */
export const gridTime = (seconds: number): TimeOf =>
  fc.nat({ max: seconds * 2 }).map((half) => KEYED_START + half * 500);

export const adClick = (time: TimeOf, ids: fc.Arbitrary<string> = oddId): fc.Arbitrary<AdClick> =>
  fc.record({
    userId: ids,
    adId: ids,
    province: fc.constantFrom('beijing', 'hebei', '上海'),
    city: fc.constant('c'),
    timestamp: time,
  });

export const login = (time: TimeOf, ids: fc.Arbitrary<string> = oddId): fc.Arbitrary<Login> =>
  fc.record({
    userId: ids,
    ip: fc.constantFrom('home', 'bar'),
    outcome: fc.constantFrom('fail', 'fail', 'fail', 'success'),
    timestamp: time,
  });

/** Mostly one transaction an order, so that conflicts are not all there is. */
export const orderEvent = (time: TimeOf, orders: fc.Arbitrary<string>): fc.Arbitrary<OrderEvent> =>
  fc.oneof(
    fc.record({ type: fc.constant('create' as const), orderId: orders, timestamp: time }),
    fc
      .tuple(orders, fc.constantFrom('', '', '', '', "'"), time)
      .map(([orderId, other, timestamp]) => ({
        type: 'pay' as const,
        orderId,
        txId: `tx${orderId}${other}`,
        timestamp,
      })),
  );

/** Of the transactions of `orderEvent`. */
export const receipt = (time: TimeOf, orders: fc.Arbitrary<string>): fc.Arbitrary<Receipt> =>
  fc
    .tuple(orders, fc.constantFrom('wechat', 'wechat', 'wechat', 'alipay'), time)
    .map(([order, channel, timestamp]) => ({ txId: `tx${order}`, channel, timestamp }));
