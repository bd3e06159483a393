/**
 * Every alert of the oracle's is there exactly once, equal in content, and none more. None is seen before its cause
 * was committed, and none is ever changed or taken away.
 */
import type { Item } from '../../../shared/ports/table.ts';
import { type Checker, type Evidence, type Results, resultsWith } from '../evidence.ts';
import type { ExpectedEmission } from '../oracle/windows.ts';
import { causeOf, emissionsByTable } from './causes.ts';
import { isSame, without } from './plain.ts';

export const alerts: Checker = (evidence) => {
  const byTable = emissionsByTable(evidence);
  for (const [i, table] of resultsWith(evidence, 'alerts').entries()) {
    // Where a key's past was forgotten, the same thing may have been found again: under the same name.
    const expected = Map.groupBy(byTable[i] ?? [], ({ alert }) => `${alert.key} ${alert.id}`);
    const problem = rowsProblem(table, expected) ?? changesProblem(evidence, table, expected);
    if (problem) return `${table.name}: ${problem}`;
  }
  return undefined;
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
    if (!emissions.some((each) => isCommitted(evidence, causeOf(evidence, each), at))) {
      return `alert ${name} was written by ${by} at ${at}, before its cause was committed`;
    }
  }
  return undefined;
}

const isCommitted = (
  { commits }: Evidence,
  isCause: ReturnType<typeof causeOf>,
  at: number,
): boolean => commits.some((commit) => commit.at <= at && isCause(commit));

const ENGINE_ATTRIBUTES = ['engine', 'stamp', 'expiresAt'];

const answerOf = (row: Item): Item => without(row, ENGINE_ATTRIBUTES);

const keyOf = ({ partitionKey }: Results): string => partitionKey;

const nameOf = (row: Item, table: Results): string =>
  `${row[table.partitionKey]} ${row[String(table.sortKey)]}`;
