/** What a file is by its first bytes: what is read, what is unpacked, and what is refused, with the remedy. */

import { isUtf8 } from 'node:buffer';

/** How the bytes become UTF-8 text. */
export type Packing = 'plain' | 'gzip' | 'zstd' | 'utf-16le' | 'utf-16be';

export type FileKind = { readonly packing: Packing } | { readonly refusal: string };

/** So many bytes tell the kind. */
export const HEAD_BYTES = 4_096;

interface Signature {
  readonly bytes: Buffer;
  readonly at?: number;
}

const signature = (text: string, at = 0): Signature => ({ bytes: Buffer.from(text, 'latin1'), at });

const READ: readonly (readonly [Signature, Packing])[] = [
  [signature('\x1f\x8b'), 'gzip'],
  [signature('\x28\xb5\x2f\xfd'), 'zstd'],
  // As pzstd begins.
  [signature('\x50\x2a\x4d\x18'), 'zstd'],
  [signature('\xff\xfe'), 'utf-16le'],
  [signature('\xfe\xff'), 'utf-16be'],
];

const ZIP = 'it is a zip archive, as .xlsx and .ods files are: give what is in it, saved as CSV';
const XLS = 'it is a file of an older Office program: save it as CSV';
const PARQUET = 'it is a Parquet file: export it as CSV or JSON lines';

const REFUSED: readonly (readonly [Signature, string])[] = [
  [signature('PK\x03\x04'), ZIP],
  [signature('PK\x05\x06'), ZIP],
  // With the first block's signature: three letters alone may be an id.
  [signature('1AY&SY', 4), 'it is packed with bzip2: unpack it with bunzip2'],
  [signature('\xfd7zXZ\x00'), 'it is packed with xz: unpack it with unxz'],
  [signature('7z\xbc\xaf\x27\x1c'), 'it is a 7-Zip archive: unpack it'],
  [signature('\x04\x22\x4d\x18'), 'it is packed with lz4: unpack it with unlz4'],
  [signature('\x1f\x9d'), 'it is packed with compress: unpack it with uncompress'],
  [signature('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), XLS],
  [signature('ustar', 257), 'it is a tar archive: unpack it and give the files in it'],
  [signature('SQLite format 3\x00'), 'it is an SQLite database: export its table as CSV'],
  [signature('Obj\x01'), 'it is an Avro file: export it as JSON lines'],
  [signature('PAR1\x15'), PARQUET],
  [signature('%PDF-1.'), 'it is a PDF document: export its table as CSV'],
];

const isSigned = (head: Buffer, { bytes, at = 0 }: Signature): boolean =>
  head.subarray(at, at + bytes.length).equals(bytes);

/** @param head the first bytes: `HEAD_BYTES` of them, or all there are */
export function kindOf(head: Buffer): FileKind {
  const refused = REFUSED.find(([each]) => isSigned(head, each));
  if (refused) return { refusal: refused[1] };
  // Two bytes that are no text can also be all that there is; two letters in UTF-16 are four.
  const read = READ.find(([each, packing]) => isSigned(head, each) && isLikely(packing, head));
  if (read) return { packing: read[1] };
  const zero = head.indexOf(0);
  if (zero < 0) return { packing: 'plain' };
  // Without a mark, Western text in UTF-16 has a zero beside each letter.
  if (areZero(head, 1)) return { packing: 'utf-16le' };
  if (areZero(head, 0)) return { packing: 'utf-16be' };
  // A zero in what is text otherwise costs its own line only.
  if (isUtf8(withoutCut(head))) return { packing: 'plain' };
  return { refusal: `it is no text: byte ${zero + 1} is zero; give CSV, a web log or JSON` };
}

/** Fewer bytes say nothing. */
const GUESSED_BYTES_MIN = 16;

/** Whether every second byte is zero, and no other. */
function areZero(head: Buffer, first: 0 | 1): boolean {
  if (head.length < GUESSED_BYTES_MIN) return false;
  return head.every((byte, at) => (byte === 0) === (at % 2 === first));
}

/** Without a letter whose bytes go on behind the head. */
function withoutCut(head: Buffer): Buffer {
  const letter = head.findLastIndex((byte) => byte < 0x80 || byte >= 0xc0);
  return head.subarray(0, Math.max(letter, 0));
}

const isLikely = (packing: Packing, head: Buffer): boolean =>
  packing === 'gzip' || packing === 'zstd' || (head.length % 2 === 0 && head.length > 2);
