/** A job over reference files, in process, with every number of lanes and every batch size that must not matter. */
import { publicAttributes } from '../../cli/output/rows.ts';
import { type RunOptions, type RunResult, runJob } from '../../cli/runJob.ts';
import { interleave } from '../../inputs/interleave.ts';
import type { StreamEvent } from '../../inputs/laneBatches.ts';
import { readInput } from '../../inputs/readInput.ts';
import type { Job } from '../../shared/job/job.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import type { Item } from '../../shared/ports/table.ts';

const SETUPS = [1, 3, 8].flatMap((lanes) => [1, 7, 1_000].map((batch) => ({ lanes, batch })));

/** Events of files by stream; of several streams side by side, by event time. */
export async function readEvents(files: Readonly<Record<StreamName, string>>) {
  const events: StreamEvent[] = [];
  const inputs = Object.entries(files).map(([stream, file]) => ofStream(stream, file));
  for await (const event of interleave(inputs)) events.push(event);
  return events;
}

async function* ofStream(stream: StreamName, file: string): AsyncGenerator<StreamEvent> {
  for await (const event of readInput(stream, file, { timeUnit: 's' })) yield { stream, ...event };
}

export async function runAll(
  job: Job,
  events: readonly StreamEvent[],
  atEnd: RunOptions['atEnd'] = 'flush',
): Promise<readonly RunResult[]> {
  const results: RunResult[] = [];
  for (const setup of SETUPS) results.push(await runJob(job, events, { ...setup, atEnd }));
  return results;
}

/** What readers see, attributes by name, without those that depend on when closing ran. */
export function answersIn(result: RunResult, table: string): Item[] {
  const rows = result.tables.get(table) ?? [];
  return rows.map((row) => {
    const { revision: _revision, final: _final, ...answer } = publicAttributes(row);
    return answer;
  });
}

/** What must not depend on lanes and batches, in an order of its own. */
export const comparable = (result: RunResult): string[] =>
  [...result.tables.keys()]
    .flatMap((table) => answersIn(result, table).map((row) => `${table} ${JSON.stringify(row)}`))
    .sort();
