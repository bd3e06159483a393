/** Consecutive failed logins of one user within a short time. */
import type { Login } from '../truth.ts';
import { isoTime, type PatternAnalysis, type Taken } from './analysis.ts';

export function failedLogins(options: {
  failures: number;
  within: number;
  outOfOrderness: number;
  maxFutureSkew: number;
}): PatternAnalysis<Login> {
  const { failures, within, outOfOrderness, maxFutureSkew } = options;
  return {
    kind: 'pattern',
    outOfOrderness,
    maxFutureSkew,
    reach: within + outOfOrderness,
    horizon: within,
    moments: (at) => [at, at + within],
    accepts: () => true,
    keyOf: (login) => login.userId,
    remembers: (logins) => logins.at(-1)?.event.outcome === 'fail',
    alerts: (logins) =>
      logins.flatMap((last, i) => {
        const run = logins.slice(Math.max(0, i - failures + 1), i + 1);
        const [first] = run;
        const isMatch =
          run.length === failures &&
          first !== undefined &&
          run.every(({ event }) => event.outcome === 'fail') &&
          last.event.timestamp - first.event.timestamp < within;
        return isMatch ? [{ alert: alertOf(run, first, last), by: last }] : [];
      }),
  };
}

function alertOf(run: readonly Taken<Login>[], first: Taken<Login>, last: Taken<Login>) {
  const firstFail = isoTime(first.event.timestamp);
  const lastFail = isoTime(last.event.timestamp);
  return {
    key: last.event.userId,
    id: `${lastFail}#${firstFail}#${last.position}`,
    content: {
      firstFail,
      lastFail,
      failures: run.length,
      ips: [...new Set(run.map(({ event }) => event.ip))],
    },
  };
}
