/** How many events there are of each `userId`, hour by hour. */
import {
  count,
  duration,
  grouped,
  job,
  minutes,
  parameterized,
  tumbling,
} from '../../shared/index.ts';
import { type NewStreamEvent, newStream } from './events.ts';

export const newJob = parameterized(
  {
    size: duration('1h', 'length of a window', { min: '1ms' }),
    lateness: duration('0s', 'how long a closed window still takes events'),
    outOfOrderness: duration('5s', 'how far the watermark trails the greatest event time'),
  },
  ({ size, lateness, outOfOrderness }) =>
    job({
      name: 'new-job',
      version: 1,
      source: newStream,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
    }).window({
      assign: tumbling({ size }),
      allowedLateness: lateness,
      late: 'sideOutput',
      aggregate: grouped((event: NewStreamEvent) => event.userId, count()),
      table: { name: 'new-job', partitionKey: 'userId' },
      result: (groups) => [...groups].map(([userId, events]) => ({ userId, events })),
      headline: { show: ({ userId, events }) => ({ [userId]: events }) },
    }),
);
