/** Who is there: a user, or an address, is gone when no login came for so long. Each login puts that off. */
import type { Login } from '../truth.ts';
import { isoTime, type StatusAnalysis } from './analysis.ts';

export function presence(options: {
  by: 'userId' | 'ip';
  rows?: StatusAnalysis['rows'];
  wait: number;
  outOfOrderness: number;
  maxFutureSkew: number;
}): StatusAnalysis<Login> {
  const { by, wait, outOfOrderness, maxFutureSkew, rows = 'all' } = options;
  return {
    kind: 'status',
    isKeyed: by === 'userId',
    rows,
    problems: ['gone'],
    outOfOrderness,
    maxFutureSkew,
    reach: 2 * wait,
    horizon: wait,
    moments: (at) => [at, at + wait, at - wait],
    accepts: () => true,
    keyOf: (login) => login[by],
    row(logins, watermark) {
      const times = logins.map(({ timestamp }) => timestamp);
      const goneAt = Math.max(...times) + wait;
      return {
        since: isoTime(Math.min(...times)),
        until: isoTime(goneAt),
        status: watermark < goneAt ? 'present' : 'gone',
      };
    },
    dueAt: (row) => (row['status'] === 'gone' ? Date.parse(String(row['until'])) : undefined),
  };
}
