/**
 * The rows of one window, part by part, in the order of their keys where they are more than one part: so that a run which stops
 * within a window can say up to which key it came, and another one go on behind it.
 *
 * Owns: that order, and what the job's own code is asked for. Does not own: how many rows a run writes (`closeDue.ts`).
 */
import { JobDefinitionError } from '../../errors.ts';
import type { Row } from '../../job/tables.ts';
import type { WindowJob } from '../../job/windowJob.ts';
import { compactId, compareCompactIds } from '../../model/ids.ts';
import type { TimeWindow } from '../../model/window.ts';

/** Rows that are written together. */
export const ROWS_AT_ONCE = 512;

export class WindowRows {
  readonly #job: WindowJob;
  readonly #window: TimeWindow;
  readonly #rows: Iterator<Row>;
  readonly #summed: unknown;
  /** Where they are all there. */
  readonly #list: readonly Row[];
  #next: Row | undefined;
  #lastKey: string | undefined;

  /** @param listed a list of at most so many rows is one part, in its own order */
  constructor(job: WindowJob, result: unknown, window: TimeWindow, listed: number) {
    this.#job = job;
    this.#window = window;
    this.#summed = job.summary?.init();
    const made = job.result(result, window);
    const rows = job.takesRowsAway === true ? [...made] : made;
    this.#list = isList(rows) ? inOrder(rows, job, listed) : [];
    this.#rows = (isList(rows) ? this.#list : inCheckedOrder(rows, job))[Symbol.iterator]();
    this.#advance();
  }

  /** No row is left, and the summary is complete. */
  get hasEnded(): boolean {
    return this.#next === undefined;
  }

  /** The key of the last row that was given. */
  get lastKey(): string | undefined {
    return this.#lastKey;
  }

  /** The next rows, at most so many. */
  take(count: number): Row[] {
    const rows: Row[] = [];
    while (this.#next !== undefined && rows.length < count) {
      rows.push(this.#next);
      this.#advance();
    }
    const last = rows.at(-1);
    if (last) this.#lastKey = keyOf(last, this.#job);
    return rows;
  }

  /** Passes the rows up to this key. */
  skipTo(key: string): void {
    while (this.#next !== undefined && compareKeys(keyOf(this.#next, this.#job), key) <= 0) {
      this.#advance();
    }
    this.#lastKey = key;
  }

  /** Of all rows, of a job that takes rows away. */
  keys(): readonly string[] {
    return this.#list.map((row) => keyOf(row, this.#job));
  }

  /** Of all rows, once they are passed. */
  summary(): readonly Row[] {
    const { summary } = this.#job;
    return summary ? summary.result(this.#summed, this.#window) : [];
  }

  #advance(): void {
    const { done, value } = this.#rows.next();
    this.#next = done ? undefined : value;
    if (!done) this.#job.summary?.add(this.#summed, value);
  }
}

const isList = (rows: Iterable<Row>): rows is readonly Row[] => Array.isArray(rows);

const keyOf = (row: Row, { table }: WindowJob): string => String(row[table.partitionKey]);

const compareKeys = (a: string, b: string): number => compareCompactIds(compactId(a), compactId(b));

function inOrder(rows: readonly Row[], job: WindowJob, listed: number): readonly Row[] {
  if (rows.length <= listed) return rows;
  return [...rows].sort((a, b) => compareKeys(keyOf(a, job), keyOf(b, job)));
}

/** Throws JobDefinitionError: rows behind a key that is out of order could be passed over for ever. */
function* inCheckedOrder(rows: Iterable<Row>, job: WindowJob): Generator<Row> {
  let last: string | undefined;
  for (const row of rows) {
    const key = keyOf(row, job);
    if (last !== undefined && compareKeys(last, key) >= 0) {
      throw new JobDefinitionError(
        `${job.id}: \`result\` gives a row of ${key} behind one of ${last}; give rows one by one in the order of their keys, or all as a list`,
      );
    }
    last = key;
    yield row;
  }
}
