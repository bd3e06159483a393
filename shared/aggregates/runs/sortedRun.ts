/**
 * Rows of ids with a count and a range each, in order, stored by column: what a batch saw, or what many batches saw together.
 *
 * Owns: the order of rows, what makes two of them one, and which columns there are. Does not own: how a column is stored
 * (`column.ts`).
 */
import type { ByteReader, ByteWriter } from '../../model/bytes.ts';
import { type CompactId, compareCompactIds } from '../../model/ids.ts';
import { readIdColumn, readNumberColumn, writeIdColumn, writeNumberColumn } from './column.ts';

export interface Row {
  /** The group that the row is of, then what else tells it from other rows. */
  readonly ids: readonly CompactId[];
  /** Of the row's events. */
  count: number;
  /** Of the number that each event has. */
  least: number;
  greatest: number;
}

/** A stored run, of which each row is made when it is asked for. */
export interface SortedRun {
  readonly size: number;
  groupAt(place: number): CompactId;
  rowAt(place: number): Row;
}

function compareRows({ ids: a }: Row, { ids: b }: Row): number {
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [a[i] as CompactId, b[i] as CompactId];
    if (x !== y) return compareCompactIds(x, y);
  }
  return 0;
}

/** Sorts rows and makes one of those with the same ids. Changes the array and its rows. */
export function sortRows(rows: Row[]): Row[] {
  rows.sort(compareRows);
  let last = 0;
  for (let i = 1; i < rows.length; i += 1) {
    const row = rows[i] as Row;
    const into = rows[last] as Row;
    if (compareRows(into, row) !== 0) rows[++last] = row;
    else addTo(into, row);
  }
  rows.length = Math.min(rows.length, last + 1);
  return rows;
}

/** Counts stop at the greatest number that is exact: where they are added up makes no difference to that. */
function addTo(into: Row, { count, least, greatest }: Row): void {
  into.count = Math.min(into.count + count, Number.MAX_SAFE_INTEGER);
  if (least < into.least) into.least = least;
  if (greatest > into.greatest) into.greatest = greatest;
}

/** @param rows in order, no two with the same ids */
export function writeRun(rows: Iterable<Row>, columns: number, writer: ByteWriter): void {
  const ids: CompactId[][] = Array.from({ length: columns }, () => []);
  const counts: number[] = [];
  const leasts: number[] = [];
  const spans: number[] = [];
  for (const { ids: own, count, least, greatest } of rows) {
    for (let c = 0; c < columns; c += 1) ids[c]?.push(own[c] as CompactId);
    counts.push(count);
    leasts.push(least);
    spans.push(greatest - least);
  }
  writer.unsigned(counts.length);
  for (const column of ids) writeIdColumn(column, writer);
  for (const column of [counts, leasts, spans]) writeNumberColumn(column, writer);
}

export function readRun(reader: ByteReader, columns: number): SortedRun {
  const size = reader.unsigned();
  const ids = Array.from({ length: columns }, () => readIdColumn(reader, size));
  const [counts, leasts, spans] = [1, 2, 3].map(() => readNumberColumn(reader, size));
  const [groups] = ids;
  return {
    size,
    groupAt: (place) => groups?.at(place) as CompactId,
    rowAt(place) {
      const least = leasts?.at(place) as number;
      return {
        ids: ids.map((column) => column.at(place)),
        count: counts?.at(place) as number,
        least,
        greatest: least + (spans?.at(place) as number),
      };
    },
  };
}
