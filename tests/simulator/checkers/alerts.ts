/**
 * Every alert of the oracle's is there exactly once, equal in content, and none more. None is seen before its cause
 * was committed, and none is ever changed or taken away.
 */
import type { Item } from '../../../shared/ports/table.ts';
import { type Checker, type Evidence, type Results, resultsWith } from '../evidence.ts';
import type { ExpectedEmission } from '../oracle/windows.ts';
import { causeOf, emissionsByTable } from './causes.ts';
import { partOf } from './partOf.ts';
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
    const problem = listProblem(row, table);
    if (problem) return `alert ${name} ${problem}`;
  }
  const [unexpected] = stored.keys();
  return unexpected === undefined ? undefined : `alert ${unexpected} should not be there`;
}

/** The time by which the rows of a table are listed; where none is here, they are not. */
const LISTED_BY: Readonly<Record<string, string>> = {
  'login-alerts': 'lastFail',
  'ad-blacklist': 'blockedAt',
  'checkouts-timed-out': 'timedOutAt',
};

function listProblem(row: Item, table: Results): string | undefined {
  const { listed, listedAt } = row;
  const by = LISTED_BY[table.name];
  const part = partOf(`${row[keyOf(table)]}${row[String(table.sortKey)]}`);
  const [should, shouldAt] = by === undefined ? [] : [part, row[by]];
  if (listed === should && listedAt === shouldAt) return undefined;
  return `is listed in ${listed} at ${listedAt}, should be in ${should} at ${shouldAt}`;
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

const ENGINE_ATTRIBUTES = ['engine', 'stamp', 'expiresAt', 'listed', 'listedAt'];

/** What lists it is part of it. */
const answerOf = (row: Item): Item => without(row, ['engine', 'stamp', 'expiresAt']);

const keyOf = ({ partitionKey }: Results): string => partitionKey;

const nameOf = (row: Item, table: Results): string =>
  `${row[table.partitionKey]} ${row[String(table.sortKey)]}`;
