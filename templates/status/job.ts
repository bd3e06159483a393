/** Who has gone quiet: one row per `userId` that says when something happened last. */
import {
  days,
  duration,
  type EventTime,
  eventTime,
  hasReached,
  isoTime,
  job,
  later,
  latest,
  minutes,
  parameterized,
} from '../../shared/index.ts';
import { type NewStreamEvent, newStream } from '../window/events.ts';

export const newJob = parameterized(
  {
    quietAfter: duration('30min', 'how long nothing may happen', { min: '1ms' }),
    outOfOrderness: duration('5s', 'how far the watermark trails the greatest event time'),
  },
  ({ quietAfter, outOfOrderness }) => {
    const quietAt = (last: EventTime) => later(last, quietAfter);
    return job({
      name: 'new-job',
      version: 1,
      source: newStream,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
    }).status({
      key: (event) => event.userId,
      initial: eventTime(0),
      merge: (last: EventTime, event: NewStreamEvent) => latest(last, eventTime(event.timestamp)),
      timers: (last) => [quietAt(last)],
      view(last, watermark) {
        const row = { lastAt: isoTime(last) };
        if (!hasReached(watermark, quietAt(last))) return { status: 'active', row };
        return { status: 'quiet', at: quietAt(last), row };
      },
      statuses: { active: 'fine', quiet: 'problem' },
      waits: [quietAfter],
      stateRetention: days(30),
      table: { name: 'new-job', partitionKey: 'userId' },
    });
  },
);
