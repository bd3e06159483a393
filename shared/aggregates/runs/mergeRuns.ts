/** Merges sorted runs as streams, group by group: only one group's rows are in memory as objects, whatever the runs hold. */
import { type CompactId, compareCompactIds } from '../../model/ids.ts';
import { type Row, type SortedRun, sortRows } from './sortedRun.ts';

/** How far a run has been read, and the group that comes next. */
interface Cursor {
  readonly run: SortedRun;
  place: number;
  group: CompactId;
}

/** The rows of each group that occurs in a run, groups in their order. */
export function* mergedGroups(runs: readonly SortedRun[]): Generator<Row[]> {
  const heap = new CursorHeap(runs);
  for (let next = heap.first; next; next = heap.first) {
    const { group } = next;
    const rows: Row[] = [];
    let from = 0;
    for (let cursor: Cursor | undefined = next; cursor?.group === group; cursor = heap.first) {
      takeGroup(cursor, rows);
      from += 1;
      heap.firstMoved();
    }
    yield from === 1 ? rows : sortRows(rows);
  }
}

/** Moves the cursor past its group. */
function takeGroup(cursor: Cursor, rows: Row[]): void {
  const { run, group } = cursor;
  do {
    rows.push(run.rowAt(cursor.place));
    cursor.place += 1;
    if (cursor.place >= run.size) return;
    cursor.group = run.groupAt(cursor.place);
  } while (cursor.group === group);
}

/** The cursor of the least group comes first. */
class CursorHeap {
  readonly #cursors: Cursor[];

  constructor(runs: readonly SortedRun[]) {
    this.#cursors = runs
      .filter(({ size }) => size > 0)
      .map((run) => ({ run, place: 0, group: run.groupAt(0) }))
      // In order is a heap.
      .sort((a, b) => compareCompactIds(a.group, b.group));
  }

  get first(): Cursor | undefined {
    return this.#cursors[0];
  }

  /** Puts the first where it belongs now, or takes it out at its end. */
  firstMoved(): void {
    const cursors = this.#cursors;
    let moved = cursors[0] as Cursor;
    if (moved.place >= moved.run.size) {
      const last = cursors.pop() as Cursor;
      if (cursors.length === 0) return;
      moved = last;
    }
    let at = 0;
    for (;;) {
      const child = this.#lesserChild(at);
      const below = cursors[child];
      if (!below || compareCompactIds(moved.group, below.group) <= 0) break;
      cursors[at] = below;
      at = child;
    }
    cursors[at] = moved;
  }

  #lesserChild(at: number): number {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const [a, b] = [this.#cursors[left], this.#cursors[right]];
    return a && b && compareCompactIds(b.group, a.group) < 0 ? right : left;
  }
}
