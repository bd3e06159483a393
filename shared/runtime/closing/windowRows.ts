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
import type { Value } from '../../ports/table.ts';
import type { BegunWindow } from '../../state/closing/closingState.ts';
import type { ChangedGroups } from './changedGroups.ts';

/** Rows that are written together. */
export const ROWS_AT_ONCE = 512;
/** Rows that are passed, where few of them are to be written, before somebody looks at the time. */
const PASSED_MAX = 2_048;

interface Which {
  /** How far the rows are written: those up to there are not given again. */
  readonly begun: BegunWindow | undefined;
  /** Of rows one by one, those that are given; by default all. */
  readonly changed: ChangedGroups | undefined;
}

export class WindowRows {
  readonly #job: WindowJob;
  readonly #window: TimeWindow;
  readonly #rows: Iterator<Row>;
  readonly #summed: Value | undefined;
  readonly #changed: ChangedGroups | undefined;
  /** Where they are all there. */
  readonly #list: readonly Row[];
  #next: Row | undefined;
  #lastKey: string | undefined;

  constructor(job: WindowJob, accumulator: unknown, window: TimeWindow, { begun, changed }: Which) {
    this.#job = job;
    this.#window = window;
    const { summary } = job;
    // Where it is not known what the written rows come to, they have to be seen again.
    const isSummed = begun !== undefined && (!summary || begun.summed !== undefined);
    this.#summed = (isSummed ? begun.summed : undefined) ?? (summary?.init() as Value | undefined);
    const made = job.result(resultOf(job, accumulator, isSummed ? begun.after : undefined), window);
    const rows = job.takesRowsAway === true ? [...made] : made;
    this.#list = isList(rows) ? inOrder(rows, job, begun ? 0 : ROWS_AT_ONCE) : [];
    this.#changed = isList(rows) ? undefined : changed;
    this.#rows = (isList(rows) ? this.#list : inCheckedOrder(rows, job))[Symbol.iterator]();
    this.#next = this.#made();
    if (begun) this.#skipTo(begun.after, isSummed);
  }

  /** No row is left, and the summary is complete. */
  get hasEnded(): boolean {
    return this.#next === undefined;
  }

  /** How far the rows were passed; undefined where none was. */
  get begun(): BegunWindow | undefined {
    if (this.#lastKey === undefined) return undefined;
    const summed = this.#summed === undefined ? {} : { summed: structuredClone(this.#summed) };
    return { end: this.#window.end, after: this.#lastKey, ...summed };
  }

  /** The next rows to be written, at most so many: fewer, or none, where many are passed that are not. */
  take(count: number): Row[] {
    const rows: Row[] = [];
    for (let passed = 0; rows.length < count && passed < PASSED_MAX; passed += 1) {
      const row = this.#next;
      if (row === undefined) break;
      if (this.#changed?.has(keyOf(row, this.#job)) ?? true) rows.push(row);
      this.#pass(row, true);
    }
    return rows;
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

  #skipTo(key: string, isSummed: boolean): void {
    while (this.#next !== undefined && compareKeys(keyOf(this.#next, this.#job), key) <= 0) {
      this.#pass(this.#next, !isSummed);
    }
    this.#lastKey = key;
  }

  #pass(row: Row, counts: boolean): void {
    if (counts) this.#job.summary?.add(this.#summed, row);
    this.#lastKey = keyOf(row, this.#job);
    this.#next = this.#made();
  }

  #made(): Row | undefined {
    const { done, value } = this.#rows.next();
    return done ? undefined : value;
  }
}

/** @param after what is not needed: the groups up to this id, where rows follow groups */
function resultOf(
  { aggregate, rowsFollowGroups }: WindowJob,
  accumulator: unknown,
  after: string | undefined,
): unknown {
  const behind =
    after !== undefined && rowsFollowGroups === true
      ? aggregate.resultAfter?.(accumulator, after)
      : undefined;
  return behind ?? aggregate.result(accumulator);
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
  let count = 0;
  for (const row of rows) {
    const key = keyOf(row, job);
    count += 1;
    if (last !== undefined && compareKeys(last, key) >= 0) {
      // By number: keys may be somebody's ids.
      throw new JobDefinitionError(
        `${job.id}: \`result\` gives its row ${count} behind one whose key is not before; give rows one by one in the order of their keys, or all as a list`,
      );
    }
    last = key;
    yield row;
  }
}
