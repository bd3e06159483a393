/**
 * A column of ids or numbers that is read where it stands: any place of it without those before, so that a merge of many
 * columns takes no more memory than their bytes.
 *
 * Invariants:
 * 1. Values are distances from the least, in units of their common divisor, in planes of bytes (`model/wholeNumbers.ts`).
 * 2. Where some are texts, or the different ones are so few that it takes less, the distances are places in a list of these.
 * 3. The choice depends on nothing but the values.
 */
import { InvariantViolation } from '../../errors.ts';
import type { ByteReader, ByteWriter } from '../../model/bytes.ts';
import type { CompactId } from '../../model/ids.ts';
import { divisorOf, numberPlanes, rangeOf, widthOf } from '../../model/wholeNumbers.ts';
import { writeIds } from '../idRuns.ts';
import { readIdList } from './idList.ts';

const NUMBERS = 0;
const LISTED = 1;
/** About what the gap to the next id of a list takes. */
const LISTED_BYTES = 2;
const LISTED_WIDTH_MAX = 2;

export interface Column<Value extends CompactId> {
  /** Whether all values are the same. */
  readonly isConstant: boolean;
  /** From 0 to below the count that the column was read with. */
  at(place: number): Value;
}

export function writeIdColumn(ids: readonly CompactId[], writer: ByteWriter): void {
  const different = listOf(ids);
  writer.byte(different ? LISTED : NUMBERS);
  if (!different) {
    writeNumberColumn(ids as readonly number[], writer);
    return;
  }
  const places = new Map<CompactId, number>();
  for (const id of writeIds(different, different.size, writer)) places.set(id, places.size);
  writeNumberColumn(
    ids.map((id) => places.get(id) as number),
    writer,
  );
}

export function readIdColumn(reader: ByteReader, count: number): Column<CompactId> {
  if (reader.byte() === NUMBERS) return readNumberColumn(reader, count);
  const list = readIdList(reader);
  const places = readNumberColumn(reader, count);
  return {
    isConstant: places.isConstant,
    at(place) {
      const id = list.at(places.at(place));
      if (id === undefined) throw damaged('a list of ids is too short');
      return id;
    },
  };
}

/** Of whole numbers of at most 10^15 in size. */
export function writeNumberColumn(numbers: readonly number[], writer: ByteWriter): void {
  if (numbers.length === 0) return;
  const values = Float64Array.from(numbers);
  const { min, max } = rangeOf(values);
  const divisor = Math.max(1, divisorOf(values, min));
  for (let i = 0; i < values.length; i += 1) values[i] = ((values[i] as number) - min) / divisor;
  const width = widthOf((max - min) / divisor);
  writer.signed(min);
  writer.unsigned(divisor);
  writer.byte(width);
  writer.bytes(numberPlanes(values, 0, width));
}

export function readNumberColumn(reader: ByteReader, count: number): Column<number> {
  if (count === 0) return EMPTY;
  const min = reader.signed();
  const divisor = reader.unsigned();
  const width = reader.byte();
  const planes = reader.bytes(count * width);
  return {
    isConstant: width === 0,
    at(place) {
      let value = 0;
      for (let at = place + (width - 1) * count; at >= 0; at -= count) {
        value = value * 256 + (planes[at] as number);
      }
      return value * divisor + min;
    },
  };
}

const EMPTY: Column<number> = {
  isConstant: true,
  at(place) {
    throw new InvariantViolation(`a column without values was asked for place ${place}`);
  },
};

export const damaged = (why: string): InvariantViolation =>
  new InvariantViolation(`stored rows cannot be read, as ${why}: the item is damaged`);

/** The different ones, where a list of them is due. */
function listOf(ids: readonly CompactId[]): ReadonlySet<CompactId> | undefined {
  if (ids.some((id) => typeof id === 'string')) return new Set(ids);
  const max = listedMax(ids as readonly number[]);
  const different = new Set<CompactId>();
  for (const id of ids) {
    different.add(id);
    if (different.size > max) return undefined;
  }
  return different;
}

/** How many different numbers there may be, so that listing them takes less than their distances. */
function listedMax(ids: readonly number[]): number {
  if (ids.length === 0) return 0;
  const { min, max } = rangeOf(Float64Array.from(ids));
  const width = widthOf(max - min);
  let most = 0;
  for (let places = 1; places < Math.min(width, LISTED_WIDTH_MAX + 1); places += 1) {
    const affordable = (ids.length * (width - places)) / LISTED_BYTES;
    most = Math.max(most, Math.min(256 ** places, affordable));
  }
  return most;
}
