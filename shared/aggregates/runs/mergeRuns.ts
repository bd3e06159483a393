/** Merges sorted runs as streams: of each run one row is in memory as an object, whatever the runs hold. */

import { Heap } from '../../model/heap.ts';
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
  const cursors = cursorsOf(runs, after);
  for (let row = take(cursors); row; ) {
    const next = take(cursors);
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

/** The cursors, the one of the least row first. */
function cursorsOf(runs: readonly SortedRun[], after: CompactId | undefined): Heap<Cursor> {
  const cursors = new Heap<Cursor>((a, b) => compareRows(a.row, b.row));
  for (const run of runs) {
    const place = after === undefined ? 0 : firstBehind(run, after);
    if (place < run.size) cursors.add({ run, place, row: run.rowAt(place) });
  }
  return cursors;
}

/** The least row, which is passed. */
function take(cursors: Heap<Cursor>): Row | undefined {
  const { first } = cursors;
  if (!first) return undefined;
  const { row, run } = first;
  first.place += 1;
  if (first.place >= run.size) cursors.take();
  else {
    first.row = run.rowAt(first.place);
    cursors.sinkFirst();
  }
  return row;
}
