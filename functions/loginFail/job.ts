/** Somebody is guessing a password: failed logins of one user in quick succession. */
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
import { type Login, logins } from './events.ts';

export const loginFail = parameterized(
  {
    failures: wholeNumber(2, { min: 1, max: 100 }, 'how many failed logins make an alert'),
    within: duration('2s', 'the last comes less than this after the first'),
    outOfOrderness: duration('3s', 'how far the watermark trails the greatest event time'),
  },
  ({ failures, within, outOfOrderness }) =>
    job({
      name: 'login-fail',
      version: 2,
      source: logins,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
    }).pattern({
      key: (login) => login.userId,
      match: sequence<Login>('fail', ({ outcome }) => outcome === 'fail')
        .times(failures)
        .consecutive()
        .within(within),
      stateRetention: days(7),
      alerts: {
        table: {
          name: 'login-alerts',
          partitionKey: 'userId',
          sortKey: 'alertId',
          listedBy: 'lastFail',
          personal: ['userId', 'ips'],
        },
        row: alertOf,
      },
    }),
);

/** Named by its events, so that the same match is the same row whoever finds it, and however often. */
function alertOf({ events }: Match<Login>, userId: string) {
  const times = events.map(({ at }) => isoTime(at));
  const firstFail = times[0] ?? '';
  const lastFail = times.at(-1) ?? '';
  return {
    userId,
    alertId: `${lastFail}#${firstFail}#${events.at(-1)?.position}`,
    firstFail,
    lastFail,
    failures: events.length,
    ips: [...new Set(events.map(({ event }) => event.ip))],
  };
}
