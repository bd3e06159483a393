/**
 * When all is done, the rows are the oracle's: none missing, none more, the content equal. (What has expired is left to other
 * checkers.)
 */
import type { Item } from '../../../shared/ports/table.ts';
import { ofWindows, type WindowEvidence } from './byKind.ts';
import { isSame, without } from './plain.ts';

export const finalRows = ofWindows((evidence) => {
  const stored = new Map(evidence.table.rows.map((row) => [nameOf(row, evidence), row]));
  const should = [...evidence.expected.rows].flatMap(([end, rows]) =>
    rows.map((row) => ({ ...row, end })),
  );
  for (const { key, content, end } of should) {
    const name = `${key} ${new Date(end).toISOString()}`;
    const row = stored.get(name);
    stored.delete(name);
    if (end <= evidence.expiredBefore) continue;
    if (!row) return `row ${name} is missing`;
    const problem = contentProblem(row, key, content, end, evidence);
    if (problem) return `row ${name}: ${problem}`;
  }
  const [unexpected] = stored.keys();
  return unexpected === undefined ? undefined : `row ${unexpected} should not be there`;
});

const nameOf = (row: Item, { table }: WindowEvidence): string =>
  `${row[table.partitionKey]} ${row['windowEnd']}`;

function contentProblem(
  row: Item,
  key: string,
  content: object,
  end: number,
  { analysis, table }: WindowEvidence,
): string | undefined {
  const answer = without(row, ['revision', 'final', 'fence']);
  const expected = {
    [table.partitionKey]: key,
    windowStart: new Date(end - analysis.size).toISOString(),
    windowEnd: new Date(end).toISOString(),
    ...content,
  };
  if (isSame(answer, expected)) return undefined;
  return `is ${JSON.stringify(answer)}, should be ${JSON.stringify(expected)}`;
}
