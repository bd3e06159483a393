/** Events per hour and `userId`, of which only the first so many of a day count: what is too much to be true is blocked. */
import {
  count,
  dayIn,
  days,
  duration,
  eventTime,
  grouped,
  isoTime,
  job,
  minutes,
  parameterized,
  tumbling,
  wholeNumber,
} from '../../shared/index.ts';
import { type NewStreamEvent, newStream } from '../window/events.ts';

const dayOf = dayIn('UTC');
const day = (event: NewStreamEvent): string => dayOf(eventTime(event.timestamp));

export const newJob = parameterized(
  {
    limit: wholeNumber(3, { min: 1, max: 1_000_000 }, 'how many events pass in a day'),
    size: duration('1h', 'length of a window', { min: '1ms' }),
    lateness: duration('0s', 'how long a closed window still takes events'),
    outOfOrderness: duration('5s', 'how far the watermark trails the greatest event time'),
  },
  ({ limit, size, lateness, outOfOrderness }) =>
    job({
      name: 'new-job',
      version: 1,
      source: newStream,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
    })
      .gate({
        key: (event) => JSON.stringify([event.userId, day(event)]),
        initial: 0,
        decidedBy: [limit],
        stateRetention: days(7),
        table: {
          name: 'new-job-blocked',
          partitionKey: 'userId',
          sortKey: 'day',
          listedBy: 'blockedAt',
        },
        decide(passed, event) {
          if (passed < limit) return { verdict: 'pass', state: passed + 1 };
          if (passed > limit) return { verdict: 'filter', state: passed };
          // One above the limit: blocked for the day, whatever comes.
          const blockedAt = isoTime(eventTime(event.timestamp));
          const alert = { userId: event.userId, day: day(event), blockedAt };
          return { verdict: 'filter', state: passed + 1, alerts: [alert] };
        },
      })
      .window({
        assign: tumbling({ size }),
        allowedLateness: lateness,
        late: 'sideOutput',
        aggregate: grouped((event: NewStreamEvent) => event.userId, count()),
        table: { name: 'new-job', partitionKey: 'userId' },
        result: (groups) => [...groups].map(([userId, events]) => ({ userId, events })),
        headline: { show: ({ userId, events }) => ({ [userId]: events }) },
      }),
);
