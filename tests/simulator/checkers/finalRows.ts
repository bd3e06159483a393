/**
 * When all is done, the rows are the oracle's: none missing, none more, the content equal. A row that was withdrawn is none. (What has
 * expired is left to other checkers.)
 */
import type { Item } from '../../../shared/ports/table.ts';
import type { RowContent } from '../analyses/analysis.ts';
import { ofWindows, type WindowEvidence } from './byKind.ts';
import { isSame, without } from './plain.ts';

export const finalRows = ofWindows((evidence) => {
  const rows = evidence.table.rows.filter((row) => row['withdrawn'] !== true);
  const stored = new Map(rows.map((row) => [nameOf(row, evidence), row]));
  const should = [...evidence.expected.windows].flatMap(([end, events]) =>
    evidence.answers.rows(events).map((row) => ({ ...row, end })),
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
  const unexpected = [...stored].find(([, row]) => isJudged(row, evidence));
  return unexpected && `row ${unexpected[0]} should not be there`;
});

const nameOf = (row: Item, { table }: WindowEvidence): string =>
  `${row[table.partitionKey]} ${row['windowEnd']}`;

/** What came too late for a correction did not take a row away either. */
const isJudged = (row: Item, { answers, expiredBefore }: WindowEvidence): boolean =>
  !answers.takesRowsAway || Date.parse(String(row['windowEnd'])) > expiredBefore;

function contentProblem(
  row: Item,
  key: string,
  content: RowContent,
  end: number,
  { analysis, table, answers: { groupedBy } }: WindowEvidence,
): string | undefined {
  const answer = without(row, ['revision', 'final', 'fence']);
  const windowEnd = new Date(end).toISOString();
  const group = groupedBy && (content[groupedBy] as readonly string[]);
  const expected = {
    [table.partitionKey]: key,
    windowStart: new Date(end - analysis.size).toISOString(),
    windowEnd,
    ...content,
    ...(group ? { windowGroup: `${windowEnd}#${group.join('+')}`, groupMember: key } : {}),
  };
  if (isSame(answer, expected)) return undefined;
  return `is ${JSON.stringify(answer)}, should be ${JSON.stringify(expected)}`;
}
