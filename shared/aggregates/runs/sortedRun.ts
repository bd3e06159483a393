/**
 * Rows of ids with a count and a range each, in order, stored by column: what a batch saw, or what many batches saw together.
 *
 * Owns: the order of rows, what makes two of them one, and which columns there are. Does not own: how a column is stored
 * (`column.ts`).
 */
import type { ByteReader, ByteWriter } from '../../model/bytes.ts';
import { type CompactId, compareCompactIds } from '../../model/ids.ts';
import {
  damaged,
  readIdColumn,
  readNumberColumn,
  writeIdColumn,
  writeNumberColumn,
} from './column.ts';

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
  rowAt(place: number): Row;
}

export function compareRows({ ids: a }: Row, { ids: b }: Row): number {
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [a[i] as CompactId, b[i] as CompactId];
    if (x !== y) return compareCompactIds(x, y);
  }
  return 0;
}

/**
 * Adds what the other row of the same ids has. Counts stop at the greatest number that is exact: where they are added up makes no
 * difference to that.
 */
export function addTo(into: Row, { count, least, greatest }: Row): void {
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

/** Throws InvariantViolation for bytes that are no run. */
export function readRun(reader: ByteReader, columns: number): SortedRun {
  const size = reader.unsigned();
  const ids = Array.from({ length: columns }, () => readIdColumn(reader, size));
  const [counts, leasts, spans] = [1, 2, 3].map(() => readNumberColumn(reader, size));
  // No two rows have the same ids; and else any number of them would stand in no byte.
  if (size > 1 && ids.every(({ isConstant }) => isConstant)) {
    throw damaged(`${size} of them are the same`);
  }
  return {
    size,
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
