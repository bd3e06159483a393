/** How much traffic there is: page views and distinct viewers per hour, or per day of a zone. */
import {
  combine,
  count,
  days,
  distinct,
  duration,
  hyperLogLog,
  job,
  minutes,
  oneOf,
  parameterized,
  timeZone,
  tumbling,
} from '../../shared/index.ts';
import { type UserBehavior, userBehavior } from './events.ts';

const userId = (event: UserBehavior): string => event.userId;

export const pvuv = parameterized(
  {
    size: duration('1h', 'length of a window'),
    zone: timeZone('UTC', 'where a day begins and ends, of windows of whole days'),
    lateness: duration('0s', 'how long a closed window still takes events'),
    outOfOrderness: duration('0s', 'how far the watermark trails the greatest event time'),
    distinct: oneOf(
      ['exact', 'hyperloglog'],
      'how viewers are counted; hyperloglog errs by 0.81 %',
    ),
  },
  ({ size, zone, lateness, outOfOrderness, distinct: method }) => {
    const head = job({
      name: 'pvuv',
      version: 1,
      source: userBehavior,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
      filter: (event) => event.behavior === 'pv',
    });
    const shared = {
      assign: tumbling(size % days(1) === 0 ? { size, zone } : { size }),
      allowedLateness: lateness,
      late: 'sideOutput',
      table: { name: 'pvuv', partitionKey: 'site' },
      // An estimate of viewers is a real number.
      result: ({ pv, uv }: { pv: number; uv: number }) => [{ site: 'all', pv, uv: Math.round(uv) }],
      headline: { of: 'all', show: ({ pv, uv }: { pv: number; uv: number }) => ({ pv, uv }) },
    } as const;
    return method === 'exact'
      ? head.window({ ...shared, aggregate: combine({ pv: count(), uv: distinct(userId) }) })
      : head.window({ ...shared, aggregate: combine({ pv: count(), uv: hyperLogLog(userId) }) });
  },
);
