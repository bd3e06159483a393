/** Events are only ever found expired where corrections are short-lived; each missing one is counted. */
import { ofWindows } from './byKind.ts';

export const expiredEvents = ofWindows(({ expiredEvents: expired, analysis, table, ...rest }) => {
  if (rest.expiredBefore === Number.NEGATIVE_INFINITY) {
    return expired === 0 ? undefined : `${expired} events expired, none may`;
  }
  const isCountable = analysis.size === analysis.slide && table.rows.every((row) => 'pv' in row);
  if (!isCountable) return undefined;
  const is = table.rows.reduce((total, row) => total + Number(row['pv']), 0);
  const should = [...rest.expected.windows.values()].reduce((total, e) => total + e.length, 0);
  return is + expired === should
    ? undefined
    : `rows hold ${is} events, ${expired} expired, together not ${should}`;
});
