/**
 * Lists of records as few bytes. What records have in common is found in the list, not declared: each place in them, at any
 * depth, is a column, and a column takes the form that suits what it holds (`valueColumn.ts` and what it imports).
 *
 * Invariants:
 * 1. `decodeColumns(encodeColumns(list))` has the same JSON text as the list, and equals it in all that JSON does not tell:
 *    bytes, and negative zero.
 * 2. Equal lists give equal bytes.
 * 3. Bytes of any origin give a list or an InvariantViolation, with no more time and memory than `sections.ts` allows.
 *
 * The first byte is the form: 1 for a deflated body, 2 for a body that deflating would not shorten, 3 for dense bytes, the
 * length of which stands before them, and a deflated body. A body is the number of records, and their column.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { InvariantViolation } from '../../errors.ts';
import type { Value } from '../../ports/table.ts';
import { bytesOf, damaged, Sink, Source } from './sections.ts';
import { readColumn, writeColumn } from './valueColumn.ts';

const DEFLATED = 1;
const AS_IT_IS = 2;
const DENSE_AND_DEFLATED = 3;

/** The form and the length of the dense bytes. */
const HEAD_BYTES = 5;
/**
 * How planes are deflated: in blocks of 2,048 symbols, as each plane has frequencies of its own, and without the short
 * matches that chance makes. Bodies of 9,000 generated events take 4 to 12 % less than by default, and no more time.
 */
const PLANES = { level: 4, memLevel: 5, strategy: constants.Z_FILTERED };
/** What it costs to deflate is mostly the same for any length; from here on it pays. */
const TINY = 32;
/** The names in front are texts, too. */
const SMALL = 1024;
const TEXTS_PART_MIN = 1 / 4;
const BODY_BYTES_MAX = 32 * 1024 * 1024;

/** Deflated. Equal lists give equal bytes. Throws InvariantViolation for what is neither JSON nor bytes, or far too long. */
export function encodeColumns(records: readonly Value[]): Uint8Array {
  const to = new Sink(writeColumn);
  to.body.unsigned(records.length);
  to.column(records, 0);
  const dense = Buffer.concat(to.dense);
  const padding = bytesOf(to.budget.spent) - to.body.length - dense.length;
  if (padding > 0) to.body.bytes(new Uint8Array(padding));
  if (to.body.length > BODY_BYTES_MAX) {
    throw new InvariantViolation(`a list by column is longer than ${BODY_BYTES_MAX} bytes`);
  }
  const body = to.body.finish();
  if (dense.length === 0 && body.length <= TINY) return asItIs(body);
  const isTexts = to.textBytes > body.length * TEXTS_PART_MIN;
  const deflated = deflateRawSync(body, isTexts || body.length < SMALL ? {} : PLANES);
  if (dense.length > 0) {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt8(DENSE_AND_DEFLATED);
    head.writeUInt32LE(dense.length, 1);
    return Buffer.concat([head, dense, deflated]);
  }
  if (body.length <= deflated.length) return asItIs(body);
  return Buffer.concat([Uint8Array.of(DEFLATED), deflated]);
}

const asItIs = (body: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of(AS_IT_IS), body]);

/** Throws InvariantViolation for bytes that are damaged, whoever made them. */
export function decodeColumns(stored: Uint8Array): Value[] {
  const { dense, body } = partsOf(stored);
  const from = new Source(body, dense, readColumn);
  const records = from.column(from.body.unsigned(), 0);
  let padding = 0;
  for (; !from.body.isAtEnd; padding += 1) from.body.byte();
  const content = body.length - padding + dense.length;
  const expected = Math.max(0, bytesOf(from.budget.spent) - content);
  if (padding !== expected || !from.dense.isAtEnd) throw damaged('bytes are left over');
  return records;
}

function partsOf(stored: Uint8Array): { dense: Uint8Array; body: Uint8Array } {
  const form = stored[0];
  const none = new Uint8Array(0);
  if (form === AS_IT_IS) return { dense: none, body: stored.subarray(1) };
  if (form === DEFLATED) return { dense: none, body: inflated(stored.subarray(1)) };
  if (form !== DENSE_AND_DEFLATED || stored.length < HEAD_BYTES) throw damaged('it has no form');
  const { buffer, byteOffset, byteLength } = stored;
  const end = HEAD_BYTES + new DataView(buffer, byteOffset, byteLength).getUint32(1, true);
  return { dense: stored.subarray(HEAD_BYTES, end), body: inflated(stored.subarray(end)) };
}

function inflated(bytes: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: BODY_BYTES_MAX });
  } catch (error) {
    throw damaged(`it cannot be inflated (${String(error)})`);
  }
}
