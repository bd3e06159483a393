/**
 * Every alert of the oracle's is there exactly once, equal in content, and none more. None is seen before its cause
 * was committed, and none is ever changed or taken away.
 */
import type { Item } from '../../../shared/ports/table.ts';
import { type Checker, type Evidence, type Results, resultsWith } from '../evidence.ts';
import type { ExpectedEmission } from '../oracle/windows.ts';
import { isSame, without } from './plain.ts';

export const alerts: Checker = (evidence) => {
  const [table] = resultsWith(evidence, 'alerts');
  if (!table || evidence.expected.kind === 'status') return undefined;
  // Where a key's past was forgotten, the same thing may have been found again: under the same name.
  const expected = Map.groupBy(evidence.expected.alerts, ({ alert }) => `${alert.key} ${alert.id}`);
  return rowsProblem(table, expected) ?? changesProblem(evidence, table, expected);
};

function rowsProblem(
  table: Results,
  expected: ReadonlyMap<string, readonly ExpectedEmission[]>,
): string | undefined {
  const stored = new Map(table.rows.map((row) => [nameOf(row, table), row]));
  for (const [name, emissions] of expected) {
    const row = stored.get(name);
    stored.delete(name);
    if (!row) return `alert ${name} is missing`;
    const answer = without(row, [...ENGINE_ATTRIBUTES, keyOf(table), String(table.sortKey)]);
    if (!emissions.some(({ alert }) => isSame(answer, alert.content))) {
      const should = emissions.map(({ alert }) => JSON.stringify(alert.content)).join(' or ');
      return `alert ${name} is ${JSON.stringify(answer)}, should be ${should}`;
    }
  }
  const [unexpected] = stored.keys();
  return unexpected === undefined ? undefined : `alert ${unexpected} should not be there`;
}

function changesProblem(
  evidence: Evidence,
  table: Results,
  expected: ReadonlyMap<string, readonly ExpectedEmission[]>,
): string | undefined {
  for (const { before, after, at, by } of table.changes) {
    if (!after) return `alert ${JSON.stringify(before)} was deleted by ${by}`;
    const name = nameOf(after, table);
    const emissions = expected.get(name) ?? [];
    if (before && emissions.length < 2 && !isSame(answerOf(before), answerOf(after))) {
      return `alert ${name} was changed by ${by} at ${at}`;
    }
    if (!emissions.some((each) => isCommitted(evidence, each.by, at))) {
      return `alert ${name} was written by ${by} at ${at}, before its cause was committed`;
    }
  }
  return undefined;
}

/** A gate's cause once it was read, a pattern's once it was released. */
function isCommitted(
  { commits, expected }: Evidence,
  { lane, position, event }: ExpectedEmission['by'],
  at: number,
): boolean {
  return commits.some(
    (commit) =>
      commit.lane === lane &&
      commit.at <= at &&
      (expected.kind === 'pattern'
        ? commit.watermark > event.timestamp
        : isAtOrAfter(commit.to, position)),
  );
}

function isAtOrAfter(a: string, b: string): boolean {
  const [aSequence, aIndex] = a.split('/').map(BigInt) as [bigint, bigint];
  const [bSequence, bIndex] = b.split('/').map(BigInt) as [bigint, bigint];
  return aSequence > bSequence || (aSequence === bSequence && aIndex >= bIndex);
}

const ENGINE_ATTRIBUTES = ['engine', 'stamp', 'expiresAt'];

const answerOf = (row: Item): Item => without(row, ENGINE_ATTRIBUTES);

const keyOf = ({ partitionKey }: Results): string => partitionKey;

const nameOf = (row: Item, table: Results): string =>
  `${row[table.partitionKey]} ${row[String(table.sortKey)]}`;
