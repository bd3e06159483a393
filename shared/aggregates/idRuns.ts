/**
 * A canonical, compact form of a set of ids: integers sorted and stored as gaps, then the other ids sorted
 * by code point. The caller stores what belongs to each id in the order that is returned.
 */

import { InvariantViolation } from '../errors.ts';
import type { ByteReader, ByteWriter } from '../model/bytes.ts';
import { type CompactId, compareCodePoints } from '../model/ids.ts';

/** Writes the ids and returns them in the order written. */
export function writeIds(ids: Iterable<CompactId>, size: number, writer: ByteWriter): CompactId[] {
  const numbers = new Float64Array(size);
  const texts: string[] = [];
  let count = 0;
  for (const id of ids) {
    if (typeof id === 'number') numbers[count++] = id;
    else texts.push(id);
  }
  const sorted = numbers.subarray(0, count).sort();
  writer.unsigned(count);
  let previous = 0;
  for (const id of sorted) {
    writer.unsigned(id - previous);
    previous = id;
  }
  texts.sort(compareCodePoints);
  writer.unsigned(texts.length);
  for (const id of texts) writer.text(id);
  return [...sorted, ...texts];
}

/** The ids that `writeIds` wrote, in its order. */
export function readIds(reader: ByteReader): CompactId[] {
  const ids: CompactId[] = Array.from(readNumbers(reader));
  for (let texts = reader.unsigned(); texts > 0; texts -= 1) ids.push(reader.text());
  return ids;
}

/** Ids of which texts are made when they are asked for: very many of them take the room of their bytes. */
export interface IdList {
  /** Undefined behind the end. */
  at(place: number): CompactId | undefined;
}

/** As `readIds`. */
export function readIdList(reader: ByteReader): IdList {
  const numbers = readNumbers(reader);
  const count = reader.unsigned();
  if (count <= TEXTS_KEPT) {
    const ids = [...numbers, ...Array.from({ length: count }, () => reader.text())];
    return { at: (place) => ids[place] };
  }
  const starts = new Uint32Array(checkedCount(count, reader));
  for (let i = 0; i < count; i += 1) starts[i] = reader.passText();
  return {
    at(place) {
      if (place < numbers.length) return numbers[place];
      const start = starts[place - numbers.length];
      return start === undefined ? undefined : reader.textAt(start);
    },
  };
}

/** A list of so few is kept as it is read. */
const TEXTS_KEPT = 1_024;

function readNumbers(reader: ByteReader): Float64Array {
  const numbers = new Float64Array(checkedCount(reader.unsigned(), reader));
  let previous = 0;
  for (let i = 0; i < numbers.length; i += 1) {
    previous += reader.unsigned();
    numbers[i] = previous;
  }
  return numbers;
}

/** Each takes a byte at least. */
function checkedCount(count: number, { bytesLeft }: ByteReader): number {
  if (count <= bytesLeft) return count;
  throw new InvariantViolation(
    `stored bytes say ${count} ids, and ${bytesLeft} bytes are left: the item is damaged`,
  );
}
