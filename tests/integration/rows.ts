/** Rows of two runs, side by side: without what may differ between them. */
import { readFileSync } from 'node:fs';
import { jobOf } from '../../cli/options.ts';
import { publicAttributes } from '../../cli/output/rows.ts';
import { runJob } from '../../cli/runJob.ts';
import { readInput } from '../../inputs/readInput.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import type { Item } from '../../shared/ports/table.ts';

/** As text, sorted; what the engine keeps for itself is no part of any comparison, nor what names a position. */
export const comparable = (rows: readonly Item[]): string[] =>
  rows.map((row) => JSON.stringify(sorted(row))).sort();

const INCOMPARABLE: ReadonlySet<string> = new Set([
  'alertId',
  'engine',
  'expiresAt',
  'fence',
  'final',
  'listed',
  'revision',
  'table',
]);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !INCOMPARABLE.has(name));
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}

/** Those that were written as lines of JSON. */
export const rowsIn = (file: string): Item[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row) as Item);

/** What `tidemark run` makes of a CSV file, as text. */
export async function rowsOfRun(
  name: string,
  { stream, file, lanes }: { stream: StreamName; file: string; lanes: number },
): Promise<string[]> {
  async function* events() {
    for await (const event of readInput(stream, file, { timeUnit: 's' }))
      yield { ...event, stream };
  }
  const run = await runJob(jobOf(name), events(), { lanes, batch: 1_000, atEnd: 'flush' });
  return comparable((run.tables.get(name) ?? []).map(publicAttributes));
}
