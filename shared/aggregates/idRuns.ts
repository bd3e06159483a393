/**
 * A canonical, compact form of a set of ids: integers sorted and stored as gaps, then the other ids sorted
 * by code point. The caller stores what belongs to each id in the order that is returned.
 */

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
  const ids: CompactId[] = readNumbers(reader);
  for (let texts = reader.unsigned(); texts > 0; texts -= 1) ids.push(reader.text());
  return ids;
}

/** A damaged count ends with the bytes. */
export function readNumbers(reader: ByteReader): number[] {
  const numbers: number[] = [];
  let previous = 0;
  for (let left = reader.unsigned(); left > 0; left -= 1) {
    previous += reader.unsigned();
    numbers.push(previous);
  }
  return numbers;
}
