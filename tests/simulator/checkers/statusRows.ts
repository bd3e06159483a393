/**
 * When all is done, there is a row for each key that has to have one, it says what the oracle says, and the index lists it if it is a
 * problem. (A row whose time to live has passed may be gone.)
 */
import type { Item } from '../../../shared/ports/table.ts';
import type { ExpectedStatusRow } from '../oracle/statuses.ts';
import { ofStatuses, type StatusEvidence } from './byKind.ts';
import { partOf } from './partOf.ts';
import { isSame, without } from './plain.ts';

export const statusRows = ofStatuses((evidence) => {
  const { table, expected } = evidence;
  const stored = new Map(table.rows.map((row) => [String(row[table.partitionKey]), row]));
  for (const [key, should] of expected.rows) {
    const problem = rowProblem(evidence, key, should, stored.get(key));
    if (problem) return `row ${key} ${problem}`;
    stored.delete(key);
  }
  const [unexpected] = stored.keys();
  return unexpected === undefined ? undefined : `row ${unexpected} should not be there`;
});

function rowProblem(
  { analysis, table, storedSince }: StatusEvidence,
  key: string,
  { content, lastArrival, isNeeded, others }: ExpectedStatusRow,
  row: Item | undefined,
): string | undefined {
  if (!row) return isNeeded && lastArrival >= storedSince ? 'is missing' : undefined;
  const answer = without(row, [table.partitionKey, ...ENGINE_ATTRIBUTES]);
  const allowed = isNeeded ? [content] : others;
  if (!allowed.some((each) => isSame(answer, each))) {
    return `is ${JSON.stringify(answer)}, should be ${allowed.map((each) => JSON.stringify(each)).join(' or ')}`;
  }
  return indexProblem(analysis.problems, key, row);
}

const ENGINE_ATTRIBUTES = ['engine', 'fence', 'expiresAt', 'problem', 'problemAt'];

function indexProblem(
  problems: readonly string[],
  key: string,
  { status, problem }: Item,
): string | undefined {
  const isListed = problem !== undefined;
  if (isListed !== problems.includes(String(status))) return `is listed as ${problem}`;
  const should = `${status}#${partOf(key)}`;
  return isListed && problem !== should ? `is listed as ${problem}, not ${should}` : undefined;
}
