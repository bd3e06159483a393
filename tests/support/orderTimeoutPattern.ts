/** The example of docs/patterns.md, word for word: `orderTimeoutPattern.test.ts` compares them. */
import { type OrderEvent, orders } from '../../functions/orderTimeout/events.ts';
import { days, isoTime, job, minutes, seconds, sequence } from '../../shared/index.ts';

export const orderTimeoutPattern = job({
  name: 'order-timeout-pattern',
  version: 1,
  source: orders,
  maxOutOfOrderness: seconds(10),
  maxFutureSkew: minutes(10),
}).pattern({
  key: (event) => event.orderId,
  match: sequence<OrderEvent>('create', ({ type }) => type === 'create')
    .followedBy('pay', ({ type }) => type === 'pay')
    .within(minutes(15)),
  stateRetention: days(7),
  alerts: {
    table: { name: 'paid-orders', partitionKey: 'orderId', sortKey: 'createdAt' },
    row({ events }, orderId) {
      const [createdAt = '', paidAt = ''] = events.map(({ at }) => isoTime(at));
      return { orderId, createdAt, paidAt };
    },
  },
  timedOut: {
    table: { name: 'timed-out-orders', partitionKey: 'orderId', sortKey: 'createdAt' },
    row({ events, at }, orderId) {
      const [createdAt = ''] = events.map((event) => isoTime(event.at));
      return { orderId, createdAt, timedOutAt: isoTime(at) };
    },
  },
});
