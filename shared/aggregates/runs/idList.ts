/** Ids of which texts are made when they are asked for: very many of them take the room of their bytes. */
import type { ByteReader } from '../../model/bytes.ts';
import type { CompactId } from '../../model/ids.ts';
import { readNumbers } from '../idRuns.ts';

export interface IdList {
  /** Undefined behind the end. */
  at(place: number): CompactId | undefined;
}

/** A byte order mark is a character of the text like any other. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** So few are kept as they are read. */
const TEXTS_KEPT = 1_024;

/** Of what `writeIds` wrote. */
export function readIdList(reader: ByteReader): IdList {
  const numbers = readNumbers(reader);
  const count = reader.unsigned();
  if (count <= TEXTS_KEPT) {
    const ids: CompactId[] = [...numbers];
    for (let i = 0; i < count; i += 1) ids.push(reader.text());
    return { at: (place) => ids[place] };
  }
  const places: number[] = [];
  let last: Uint8Array | undefined;
  for (let left = count; left > 0; left -= 1) {
    last = reader.bytes(reader.unsigned());
    places.push(last.byteOffset, last.length);
  }
  const { buffer } = last as Uint8Array;
  return {
    at(place) {
      if (place < numbers.length) return numbers[place];
      const at = (place - numbers.length) * 2;
      const [start, length] = [places[at], places[at + 1]];
      return start === undefined ? undefined : utf8.decode(new Uint8Array(buffer, start, length));
    },
  };
}
