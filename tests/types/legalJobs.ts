/** What compiles: types flow from the source's schema through the aggregate into the result. */
import { expectTypeOf } from 'vitest';
import * as z from 'zod';
import {
  combine,
  count,
  countBy,
  distinct,
  duration,
  epochMilliseconds,
  grouped,
  type IdTotals,
  id,
  job,
  max,
  minutes,
  oneOf,
  parameterized,
  seconds,
  source,
  sum,
  tumbling,
  type WindowJob,
  wholeNumber,
} from '../../shared/index.ts';
import type { Duration } from '../../shared/model/time.ts';
import type { TimeWindow } from '../../shared/model/window.ts';

const purchases = source({
  stream: 'purchases',
  schema: z.object({ userId: id(), amount: z.int(), time: epochMilliseconds() }),
  eventTime: (event) => event.time,
  partitionKey: (event) => event.userId,
});
interface Purchase {
  userId: string;
  amount: number;
  time: number;
}

export const spending = job({
  name: 'spending',
  version: 1,
  source: purchases,
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: minutes(10),
  filter: (event) => {
    expectTypeOf(event).toEqualTypeOf<Purchase>();
    return event.amount > 0;
  },
}).window({
  assign: tumbling({ size: minutes(1) }),
  allowedLateness: seconds(0),
  late: 'sideOutput',
  aggregate: combine({
    purchases: count(),
    spent: sum((event: Purchase) => event.amount),
    most: max((event: Purchase) => event.amount),
    buyers: distinct((event: Purchase) => event.userId),
    perUser: grouped(
      (event: Purchase) => event.userId,
      countBy((event: Purchase) => String(event.amount)),
    ),
  }),
  table: { name: 'spending', partitionKey: 'shop' },
  result: (totals, window) => {
    expectTypeOf(totals.purchases).toEqualTypeOf<number>();
    expectTypeOf(totals.spent).toEqualTypeOf<number>();
    expectTypeOf(totals.most).toEqualTypeOf<number | undefined>();
    expectTypeOf(totals.buyers).toEqualTypeOf<number>();
    expectTypeOf(totals.perUser).toEqualTypeOf<ReadonlyMap<string, IdTotals>>();
    expectTypeOf(window).toEqualTypeOf<TimeWindow>();
    return [{ shop: 'all', spent: totals.spent }];
  },
});

/** A row may be an interface, and leave attributes away. */
interface Spent {
  readonly shop: string;
  readonly spent: number;
  readonly most?: number;
  readonly last?: { readonly amount?: number };
}
const rows = (spent: number): Spent[] => [
  { shop: 'all', spent, ...(spent > 0 ? { most: 1 } : {}) },
];
export const spentRows = job({
  name: 'spent-rows',
  version: 1,
  source: purchases,
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: minutes(10),
}).window({
  assign: tumbling({ size: minutes(1) }),
  allowedLateness: seconds(0),
  late: 'sideOutput',
  aggregate: sum((event: Purchase) => event.amount),
  table: { name: 'spent-rows', partitionKey: 'shop' },
  result: rows,
  headline: { show: ({ most = 0 }) => most },
});

export const family = parameterized(
  {
    top: wholeNumber(5, { min: 1, max: 100 }, 'how many'),
    size: duration('1h', 'how long'),
    distinct: oneOf(['exact', 'hyperloglog'], 'how viewers are counted'),
  },
  (values) => {
    expectTypeOf(values.top).toEqualTypeOf<number>();
    expectTypeOf(values.size).toEqualTypeOf<Duration>();
    expectTypeOf(values.distinct).toEqualTypeOf<'exact' | 'hyperloglog'>();
    return spending as unknown as WindowJob;
  },
);
