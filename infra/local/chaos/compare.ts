/** Whether what a disturbed stack came to is what an undisturbed run comes to: every row, and every event counted once. */
import { isDeepStrictEqual } from 'node:util';
import { publicAttributes } from '../../../cli/output/rows.ts';
import type { InputEvent } from '../../../inputs/inputEvent.ts';
import { type Job, tablesOf } from '../../../shared/job/job.ts';
import type { ResultTable } from '../../../shared/job/tables.ts';
import { type Counts, countsOf } from '../../../shared/model/counts.ts';
import type { Item } from '../../../shared/ports/table.ts';
import type { StreamContent } from './streamContent.ts';

/** What a job came to. */
export interface Outcome {
  readonly counts: Counts;
  /** By the tables' names. */
  readonly tables: ReadonlyMap<string, readonly Item[]>;
}

export interface Comparison {
  readonly rows: number;
  readonly tables: number;
  /** A line each; none where all is equal. */
  readonly differences: readonly string[];
}

/** How often a row was written until it was right, and whether somebody has seen since that nothing can change it. */
const INCOMPARABLE: ReadonlySet<string> = new Set(['revision', 'final']);
/** Of a table; how many more there are is said. */
const SHOWN_MAX = 3;

export function compare(job: Job, disturbed: Outcome, undisturbed: Outcome): Comparison {
  const [counts, expected] = [countsOf(disturbed.counts), countsOf(undisturbed.counts)];
  const tables = tablesOf(job);
  const differences = tables.flatMap((table) => {
    const [its, others] = [disturbed, undisturbed].map((each) => each.tables.get(table.name) ?? []);
    return tableDifferences(table, its ?? [], others ?? []);
  });
  return {
    tables: tables.length,
    rows: tables.reduce((sum, { name }) => sum + (undisturbed.tables.get(name)?.length ?? 0), 0),
    differences: isDeepStrictEqual(counts, expected)
      ? differences
      : [
          `${job.name}: counted ${JSON.stringify(counts)}, not ${JSON.stringify(expected)}`,
          ...differences,
        ],
  };
}

function tableDifferences(
  table: ResultTable,
  disturbed: readonly Item[],
  undisturbed: readonly Item[],
): string[] {
  const [its, expected] = [disturbed, undisturbed].map((rows) => byKey(table, rows));
  const keys = new Set([...(its?.keys() ?? []), ...(expected?.keys() ?? [])]);
  const lines: string[] = [];
  for (const key of keys) {
    const [row, right] = [its?.get(key), expected?.get(key)];
    if (isDeepStrictEqual(row, right)) continue;
    lines.push(`${table.name} ${key}: ${shown(row, right)}, not ${shown(right, row)}`);
  }
  const more = lines.length - SHOWN_MAX;
  return more > 0
    ? [...lines.slice(0, SHOWN_MAX), `${table.name}: ${more} more rows differ`]
    : lines;
}

/** What of a row is otherwise than in the other one. */
function shown(row: Item | undefined, other: Item = {}): string {
  if (row === undefined) return 'no row';
  const own = Object.entries(row).filter(([name, value]) => !isDeepStrictEqual(value, other[name]));
  return JSON.stringify(Object.fromEntries(own));
}

const byKey = ({ partitionKey, sortKey }: ResultTable, rows: readonly Item[]): Map<string, Item> =>
  new Map(
    rows.map((row) => {
      const key = [row[partitionKey], ...(sortKey === undefined ? [] : [row[sortKey]])];
      const content = Object.entries(publicAttributes(row)).filter(
        ([name]) => !INCOMPARABLE.has(name),
      );
      return [key.join(' '), Object.fromEntries(content)];
    }),
  );

/** A line where events of an input are on no shard. */
export async function missingEvents(
  stream: string,
  events: AsyncIterable<InputEvent> | Iterable<InputEvent>,
  content: StreamContent,
): Promise<string[]> {
  const there = linesOn(content);
  let missing = 0;
  for await (const { line } of events) {
    const text = typeof line === 'string' ? textOf(Buffer.from(line)) : textOf(line);
    const left = there.get(text) ?? 0;
    if (left === 0) missing += 1;
    else there.set(text, left - 1);
  }
  return missing === 0 ? [] : [`${stream}: ${missing} events of the input are not on the stream`];
}

/** How often each line stands there. */
function linesOn(content: StreamContent): Map<string, number> {
  const lines = new Map<string, number>();
  for (const { data } of content.flatMap(({ records }) => records)) {
    for (const line of textOf(data).split('\n')) lines.set(line, (lines.get(line) ?? 0) + 1);
  }
  return lines;
}

/** Whatever the bytes are. */
const textOf = (data: Uint8Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
