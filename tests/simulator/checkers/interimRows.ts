/**
 * What a row says on the way is never more than what it says in the end, and `revision` grows when the
 * content changes and only then. Rows are never deleted; where more events may leave one out, it may be withdrawn, and then it says
 * nothing else.
 */
import type { Item } from '../../../shared/ports/table.ts';
import type { StreamEvent } from '../truth.ts';
import { ofWindows, type WindowEvidence } from './byKind.ts';
import { isSame, without } from './plain.ts';

export const interimRows = ofWindows((evidence) => {
  for (const { before, after, at, by } of evidence.table.changes) {
    const problem = after ? rowProblem(evidence, before, after) : 'was deleted';
    if (problem) return `row ${JSON.stringify(after ?? before)} by ${by} at ${at}: ${problem}`;
  }
  return undefined;
});

function rowProblem(
  evidence: WindowEvidence,
  before: Item | undefined,
  after: Item,
): string | undefined {
  const end = Date.parse(String(after['windowEnd']));
  const events = evidence.expected.windows.get(end);
  if (!events) return 'no event is in this window';
  const problem =
    after['withdrawn'] === true
      ? withdrawalProblem(evidence, after)
      : excess(evidence, after, events);
  return problem ?? revisionProblem(before, after);
}

function withdrawalProblem({ answers, table }: WindowEvidence, row: Item): string | undefined {
  if (!answers.takesRowsAway) return 'was withdrawn';
  const others = without(answerOf(row), [
    table.partitionKey,
    ...['windowStart', 'windowEnd', 'withdrawn'],
  ]);
  return isSame(others, {}) ? undefined : 'was withdrawn and says more';
}

/** Whether the row claims more than all of the window's events give. */
function excess(
  evidence: WindowEvidence,
  row: Item,
  events: readonly StreamEvent[],
): string | undefined {
  const { table, answers } = evidence;
  const final = answers.rows(events).find(({ key }) => key === row[table.partitionKey]);
  if (!final && answers.takesRowsAway) return rankingExcess(evidence, row, events);
  if (!final) return 'no event is on this board';
  for (const [name, value] of Object.entries(final.content)) {
    if (answers.mayShrink?.includes(name)) continue;
    const claimed = row[name];
    if (typeof value === 'number' && !(Number(claimed) <= value)) {
      return `${name} is ${claimed}, and in the end ${value}`;
    }
  }
  return rankingExcess(evidence, row, events);
}

function rankingExcess(
  { analysis }: WindowEvidence,
  row: Item,
  events: readonly StreamEvent[],
): string | undefined {
  const ranking = (row['ranking'] ?? []) as { id: string; count: number }[];
  for (const { id, count } of ranking) {
    const all = events.filter(
      (event) => analysis.accepts(event) && Object.values(event).includes(id),
    );
    if (count > all.length) return `${id} has ${count}, and in the end ${all.length}`;
  }
  return undefined;
}

function revisionProblem(before: Item | undefined, after: Item): string | undefined {
  const revision = Number(after['revision']);
  if (!before) return revision === 0 ? undefined : `starts at revision ${revision}`;
  const isUnchanged = isSame(answerOf(before), answerOf(after));
  const expected = Number(before['revision']) + (isUnchanged ? 0 : 1);
  return revision === expected ? undefined : `is revision ${revision}, should be ${expected}`;
}

const answerOf = (row: Item): Item => without(row, ['revision', 'final', 'fence']);
