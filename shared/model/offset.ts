/**
 * Offsets: where an event stands in its producer's source. Whole numbers that only grow along the source: line numbers, ids of an
 * outbox, log positions. Numbers beyond 2^53 are bigints, so none is rounded; smaller ones are numbers, however they were given.
 */
import { InvariantViolation } from '../errors.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';

export type Offset = number | bigint;

/** Offsets are below this: log positions of 28 bytes fit, and a few digits behind them. */
export const OFFSETS_END = 2n ** 256n;
/** Digits of the greatest one. */
const DIGITS_MAX = 78;

/** Undefined for what is none: negative, with a fraction, a number beyond 2^53 that may have been rounded, or too large. */
export function offsetOf(value: number | bigint): Offset | undefined {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  return value >= 0n && value < OFFSETS_END ? shortest(value) : undefined;
}

/** An offset in decimal digits; undefined where the text is none. */
export function parseOffset(text: string): Offset | undefined {
  if (text.length > DIGITS_MAX || !/^\d+$/.test(text)) return undefined;
  return offsetOf(BigInt(text));
}

/** The offset so far behind another one; it may lie beyond the last one. */
export function offsetAfter(offset: Offset, step: Offset): Offset {
  if (typeof offset === 'number' && typeof step === 'number') {
    const sum = offset + step;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return shortest(BigInt(offset) + BigInt(step));
}

/** How far one is behind an earlier one. */
export const offsetStep = (from: Offset, to: Offset): Offset =>
  typeof from === 'number' && typeof to === 'number'
    ? to - from
    : shortest(BigInt(to) - BigInt(from));

const shortest = (value: bigint): Offset =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

const LOW_BITS = 0x7fn;
const MORE = 0x80;
/** Bytes of the greatest offset as a varint. */
const BYTES_MAX = 37;

/** As a varint, which may have up to 37 bytes. */
export function writeOffset(writer: ByteWriter, offset: Offset): void {
  if (typeof offset === 'number') {
    writer.unsigned(offset);
    return;
  }
  let rest = offset;
  for (; rest > LOW_BITS; rest >>= 7n) writer.byte(Number(rest & LOW_BITS) | MORE);
  writer.byte(Number(rest));
}

/** How many bytes `writeOffset` takes for it. */
export function offsetBytes(offset: Offset): number {
  let bytes = 1;
  if (typeof offset === 'number') {
    for (let rest = offset; rest >= MORE; rest = Math.floor(rest / MORE)) bytes += 1;
  } else {
    for (let rest = offset; rest > LOW_BITS; rest >>= 7n) bytes += 1;
  }
  return bytes;
}

/** Throws InvariantViolation where none stands there. */
export function readOffset(reader: ByteReader): Offset {
  let value = 0;
  let scale = 1;
  let large = 0n;
  for (let bytes = 0; bytes < BYTES_MAX; bytes += 1) {
    const byte = reader.byte();
    const low = byte % MORE;
    if (bytes < SMALL_BYTES) value += low * scale;
    else large += BigInt(low) << BigInt(7 * bytes);
    scale *= MORE;
    if (byte < MORE) return large === 0n ? value : shortest(large + BigInt(value));
  }
  throw new InvariantViolation(`an offset of more than ${BYTES_MAX} bytes`);
}

/** Bytes of a varint that a number holds without rounding. */
const SMALL_BYTES = 7;
