/**
 * The formats of numbers and texts that stored accumulators are made of.
 *
 * Owns: how a value is written as bytes and read again. Does not own: which values are written, which is up to each
 * aggregator, and how what comes of it is packed and stored (`state/lane/sliceContent.ts`).
 *
 * Unsigned integers are varints (7 bits a byte, low bits first) up to 2^53 - 1; signed ones are zigzag-mapped first. A text
 * is its length in bytes, then UTF-8.
 */
import { InvariantViolation } from '../errors.ts';
import type { KnownTexts } from './knownTexts.ts';

const LOW_BITS = 0x7f;
const MORE = 0x80;
/** Of the eighth and last byte that a number below 2^53 can need. */
const WIDEST_SCALE = 128 ** 7;
const utf8Encoder = new TextEncoder();
/** A byte order mark is a character of the text like any other: ids with and without one are two. */
const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  unsigned(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.#bytes[this.#length++] = (rest % 128) | MORE;
      rest = Math.floor(rest / 128);
    }
    while (rest > LOW_BITS) {
      this.#bytes[this.#length++] = (rest & LOW_BITS) | MORE;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  float64(value: number): void {
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  text(value: string): void {
    const bytes = utf8Encoder.encode(value);
    this.unsigned(bytes.length);
    this.bytes(bytes);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #known: KnownTexts | undefined;
  #at = 0;
  #textsRead = 0;

  /** @param known texts of these bytes from earlier readings; those that it lacks are added. */
  constructor(bytes: Uint8Array, known?: KnownTexts) {
    this.#bytes = bytes;
    this.#known = known;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  unsigned(): number {
    let value = 0;
    for (let scale = 1; scale <= WIDEST_SCALE; scale *= 128) {
      const byte = this.byte();
      value += (byte & LOW_BITS) * scale;
      if (byte < MORE) return value;
    }
    throw new InvariantViolation('stored bytes hold a number beyond 2^53: the item is damaged');
  }

  signed(): number {
    const raw = this.unsigned();
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  float64(): number {
    const at = this.#advance(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getFloat64(at, true);
  }

  byte(): number {
    return this.#bytes[this.#advance(1)] as number;
  }

  text(): string {
    const known = this.#known;
    const start = this.#at;
    const n = this.#textsRead;
    this.#textsRead = n + 1;
    const end = known?.endOf(n, start);
    if (known && end !== undefined) {
      this.#at = end;
      return known.get(n);
    }
    const text = utf8Decoder.decode(this.bytes(this.unsigned()));
    known?.add(n, start, this.#at, text);
    return text;
  }

  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  #advance(by: number): number {
    const at = this.#at;
    this.#at += by;
    if (this.#at > this.#bytes.length) {
      throw new InvariantViolation(
        `stored bytes end at ${this.#bytes.length}, but ${this.#at} were expected: the codec changed or the item is damaged`,
      );
    }
    return at;
  }
}
