/** Jobs over what users did, and their rows beside those of the batch program. */
import { publicAttributes } from '../../cli/output/rows.ts';
import { type RunOptions, type RunResult, runJob } from '../../cli/runJob.ts';
import type { StreamEvent } from '../../inputs/laneBatches.ts';
import type { Job } from '../../shared/job/job.ts';
import { isResult } from '../../shared/job/tables.ts';
import type { Item } from '../../shared/ports/table.ts';
import type { Act, Row } from './behaviorBatch.ts';

const eventOf = (act: Act): StreamEvent => ({
  line: JSON.stringify(act),
  partitionKey: act.itemId,
});

export const runActs = (
  job: Job,
  acts: readonly Act[],
  setup: Pick<RunOptions, 'lanes' | 'batch'>,
): Promise<RunResult> => runJob(job, acts.map(eventOf), { ...setup, atEnd: 'flush' });

/** Some of the rows that one has and the other has not; none of either where they are the same. */
export function unlike(found: readonly Item[], expected: readonly Row[]) {
  const [got, due] = [found.filter(isResult).map(textOf), expected.map(textOf)];
  return { rows: got.length, surplus: without(got, due), missing: without(due, got) };
}

export const alike = (expected: readonly Row[]) => ({
  rows: expected.length,
  surplus: [],
  missing: [],
});

const SHOWN = 3;

function without(some: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return some.filter((each) => !known.has(each)).slice(0, SHOWN);
}

/** Without what depends on when closing ran. */
function textOf(row: Row): string {
  const { revision: _revision, final: _final, ...answer } = publicAttributes(row as Item);
  return JSON.stringify(answer);
}
