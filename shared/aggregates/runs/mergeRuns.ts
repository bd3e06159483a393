/** Merges sorted runs as streams: of each run one row is in memory as an object, whatever the runs hold. */
import { type CompactId, compareCompactIds } from '../../model/ids.ts';
import { addTo, compareRows, type Row, type SortedRun } from './sortedRun.ts';

/** How far a run has been read. */
interface Cursor {
  readonly run: SortedRun;
  place: number;
  row: Row;
}

/**
 * All rows in their order, no two with the same ids.
 * @param after only those of groups behind this one
 */
export function* mergedRows(runs: readonly SortedRun[], after?: CompactId): Generator<Row> {
  const heap = new CursorHeap(runs, after);
  for (let row = heap.take(); row; ) {
    const next = heap.take();
    if (next && compareRows(row, next) === 0) addTo(row, next);
    else {
      yield row;
      row = next;
    }
  }
}

/** The place of the first row of a later group. */
function firstBehind(run: SortedRun, group: CompactId): number {
  let [from, to] = [0, run.size];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const [other] = run.rowAt(middle).ids as [CompactId];
    if (compareCompactIds(other, group) <= 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The cursor of the least row comes first. */
class CursorHeap {
  readonly #cursors: Cursor[];

  constructor(runs: readonly SortedRun[], after: CompactId | undefined) {
    this.#cursors = runs
      .map((run) => ({ run, place: after === undefined ? 0 : firstBehind(run, after) }))
      .filter(({ run, place }) => place < run.size)
      .map(({ run, place }) => ({ run, place, row: run.rowAt(place) }))
      // In order is a heap.
      .sort((a, b) => compareRows(a.row, b.row));
  }

  /** The least row, which is passed. */
  take(): Row | undefined {
    const [first] = this.#cursors;
    if (!first) return undefined;
    const { row } = first;
    first.place += 1;
    if (first.place < first.run.size) {
      first.row = first.run.rowAt(first.place);
      this.#sink(first);
    } else {
      const last = this.#cursors.pop() as Cursor;
      if (last !== first) this.#sink(last);
    }
    return row;
  }

  /** Puts a cursor in the first place, and then where it belongs. */
  #sink(cursor: Cursor): void {
    const cursors = this.#cursors;
    let at = 0;
    for (;;) {
      const child = this.#lesserChild(at);
      const below = cursors[child];
      if (!below || compareRows(cursor.row, below.row) <= 0) break;
      cursors[at] = below;
      at = child;
    }
    cursors[at] = cursor;
  }

  #lesserChild(at: number): number {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const [a, b] = [this.#cursors[left], this.#cursors[right]];
    return a && b && compareRows(b.row, a.row) < 0 ? right : left;
  }
}
