/** Bursts: so many events of one `userId` in quick succession. */
import {
  days,
  duration,
  isoTime,
  job,
  type Match,
  minutes,
  parameterized,
  sequence,
  wholeNumber,
} from '../../shared/index.ts';
import { type NewStreamEvent, newStream } from '../window/events.ts';

export const newJob = parameterized(
  {
    events: wholeNumber(3, { min: 1, max: 100 }, 'how many events make an alert'),
    within: duration('10s', 'the last comes less than this after the first', { min: '1ms' }),
    outOfOrderness: duration('5s', 'how far the watermark trails the greatest event time'),
  },
  ({ events, within, outOfOrderness }) =>
    job({
      name: 'new-job',
      version: 1,
      source: newStream,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
    }).pattern({
      key: (event) => event.userId,
      match: sequence<NewStreamEvent>('event', () => true)
        .times(events)
        .consecutive()
        .within(within),
      stateRetention: days(7),
      alerts: {
        table: {
          name: 'new-job',
          partitionKey: 'userId',
          sortKey: 'alertId',
          listedBy: 'lastAt',
        },
        row: alertOf,
      },
    }),
);

/** Named by its events, so that the same match is the same row whoever finds it, and however often. */
function alertOf({ events }: Match<NewStreamEvent>, userId: string) {
  const times = events.map(({ at }) => isoTime(at));
  const firstAt = times[0] ?? '';
  const lastAt = times.at(-1) ?? '';
  return {
    userId,
    alertId: `${lastAt}#${firstAt}#${events.at(-1)?.position}`,
    firstAt,
    lastAt,
    events: events.length,
  };
}
