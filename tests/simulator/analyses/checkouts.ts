/** Orders that are paid within some time, one alert for each create that a pay follows, and those that are given up. */
import type { OrderEvent } from '../truth.ts';
import { isoTime, type PatternAnalysis, type Taken } from './analysis.ts';

export function checkouts(options: {
  within: number;
  outOfOrderness: number;
  maxFutureSkew: number;
}): PatternAnalysis<OrderEvent> {
  const { within, outOfOrderness, maxFutureSkew } = options;
  /** Each create, and the first pay after it, if that comes in time. */
  const begun = (events: readonly Taken<OrderEvent>[]) =>
    events.flatMap((create, i) => {
      if (create.event.type !== 'create') return [];
      const due = create.event.timestamp + within;
      const pay = events.slice(i + 1).find(({ event }) => event.type === 'pay');
      return [{ create, due, pay: pay && pay.event.timestamp < due ? pay : undefined }];
    });
  return {
    kind: 'pattern',
    outOfOrderness,
    maxFutureSkew,
    reach: within + outOfOrderness,
    horizon: within,
    moments: (at) => [at, at + within, at + within],
    accepts: () => true,
    keyOf: (event) => event.orderId,
    remembers: (events, next) => begun(events).some(({ due, pay }) => !pay && due > next),
    alerts: (events) =>
      begun(events).flatMap(({ create, pay }) =>
        pay ? [{ alert: rowOf(create, { paidAt: isoTime(pay.event.timestamp) }), by: pay }] : [],
      ),
    begun: (events) =>
      begun(events).map(({ create, due, pay }) => ({
        by: create,
        due,
        ended: pay,
        timedOut: pay ? undefined : rowOf(create, { timedOutAt: isoTime(due) }),
      })),
  };
}

function rowOf({ event, position }: Taken<OrderEvent>, ending: Record<string, string>) {
  const createdAt = isoTime(event.timestamp);
  return {
    key: event.orderId,
    id: `${createdAt}#${position}`,
    content: { createdAt, ...ending },
  };
}
