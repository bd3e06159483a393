/**
 * When all is done, there is a row for each key, it says what the oracle says, and the index lists it if it is a problem.
 * (A row whose time to live has passed may be gone.)
 */
import type { Item } from '../../../shared/ports/table.ts';
import { ofStatuses } from './byKind.ts';
import { partOf } from './partOf.ts';
import { isSame, without } from './plain.ts';

export const statusRows = ofStatuses(({ table, expected, storedSince }) => {
  const stored = new Map(table.rows.map((row) => [String(row[table.partitionKey]), row]));
  for (const [key, { content, lastArrival }] of expected.rows) {
    const row = stored.get(key);
    stored.delete(key);
    if (!row && lastArrival < storedSince) continue;
    if (!row) return `row ${key} is missing`;
    const answer = without(row, [table.partitionKey, ...ENGINE_ATTRIBUTES]);
    if (!isSame(answer, content)) {
      return `row ${key} is ${JSON.stringify(answer)}, should be ${JSON.stringify(content)}`;
    }
    const problem = indexProblem(key, row);
    if (problem) return `row ${key} ${problem}`;
  }
  const [unexpected] = stored.keys();
  return unexpected === undefined ? undefined : `row ${unexpected} should not be there`;
});

const ENGINE_ATTRIBUTES = ['engine', 'expiresAt', 'problem', 'problemAt'];
const PROBLEMS = [
  'timedOut',
  'paidLate',
  'paidWithoutCreate',
  'conflict',
  'unmatchedPay',
  'unmatchedReceipt',
  'gone',
];

function indexProblem(key: string, { status, problem }: Item): string | undefined {
  const isListed = problem !== undefined;
  if (isListed !== PROBLEMS.includes(String(status))) return `is listed as ${problem}`;
  const should = `${status}#${partOf(key)}`;
  return isListed && problem !== should ? `is listed as ${problem}, not ${should}` : undefined;
}
