/**
 * What a row says on the way is never more than what it says in the end, and `revision` grows when the
 * content changes and only then. Rows are never taken away.
 */
import type { Item } from '../../../shared/ports/table.ts';
import type { WindowAnalysis } from '../analyses/analysis.ts';
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
  return excess(evidence, after, events) ?? revisionProblem(before, after);
}

/** Whether the row claims more than all of the window's events give. */
function excess(
  { analysis, table }: WindowEvidence,
  row: Item,
  events: readonly StreamEvent[],
): string | undefined {
  const final = analysis.rows(events).find(({ key }) => key === row[table.partitionKey]);
  if (!final) return 'no event is on this board';
  for (const [name, value] of Object.entries(final.content)) {
    const claimed = row[name];
    if (typeof value === 'number' && !(Number(claimed) <= value)) {
      return `${name} is ${claimed}, and in the end ${value}`;
    }
  }
  return rankingExcess(analysis, row, events);
}

function rankingExcess(
  analysis: WindowAnalysis,
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
