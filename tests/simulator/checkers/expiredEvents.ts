/**
 * Events are only ever found expired where corrections are short-lived; each missing one is counted. One that is counted may
 * be in a row all the same: of a run that died before it said how far it came, while the next one took in less.
 */
import type { Item } from '../../../shared/ports/table.ts';
import type { Evidence } from '../evidence.ts';
import { ofWindows } from './byKind.ts';

export const expiredEvents = ofWindows(({ expiredEvents: expired, analysis, table, ...rest }) => {
  if (rest.expiredBefore === Number.NEGATIVE_INFINITY) {
    return expired === 0 ? undefined : `${expired} events expired, none may`;
  }
  const isCountable = analysis.size === analysis.slide && table.rows.every((row) => 'pv' in row);
  if (!isCountable) return undefined;
  const is = table.rows.reduce((total, row) => total + Number(row['pv']), 0);
  const should = [...rest.expected.windows.values()].reduce((total, e) => total + e.length, 0);
  const isRight =
    is + expired === should ||
    (is <= should && is + expired > should && hasRowsOfDead(rest, table.rows));
  return isRight ? undefined : `rows hold ${is} events, ${expired} expired, together not ${should}`;
});

/** Whether a row is of a run that did not come to its swap. */
function hasRowsOfDead(
  { closingChanges }: Pick<Evidence, 'closingChanges'>,
  rows: readonly Item[],
): boolean {
  const swapped = closingChanges.flatMap(({ after }) =>
    after?.['leaseUntil'] === 0 ? [after['fence']] : [],
  );
  return rows.some((row) => !swapped.includes(row['fence']));
}
