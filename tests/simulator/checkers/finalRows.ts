/**
 * When all is done, the rows are the oracle's: none missing, none more, the content equal. (What has expired is left to other
 * checkers.)
 */
import { isDeepStrictEqual } from 'node:util';
import type { Item } from '../../../shared/ports/table.ts';
import type { Checker, Evidence } from '../evidence.ts';

export const finalRows: Checker = (evidence) => {
  const stored = new Map(evidence.rows.map((row) => [nameOf(row, evidence), row]));
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
};

const nameOf = (row: Item, { partitionKey }: Evidence): string =>
  `${row[partitionKey]} ${row['windowEnd']}`;

function contentProblem(
  row: Item,
  key: string,
  content: object,
  end: number,
  { analysis, partitionKey }: Evidence,
): string | undefined {
  const { revision: _revision, final: _final, fence: _fence, ...answer } = row;
  const expected = {
    [partitionKey]: key,
    windowStart: new Date(end - analysis.size).toISOString(),
    windowEnd: new Date(end).toISOString(),
    ...content,
  };
  if (isDeepStrictEqual(plain(answer), plain(expected))) return undefined;
  return `is ${JSON.stringify(answer)}, should be ${JSON.stringify(expected)}`;
}

/** Without prototypes and freezing, so that only content is compared. */
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));
