/**
 * A column of whole numbers of 16 to 64 digits, such as sequence numbers: as steps where they never fall, else as distances
 * from the least. In binary, as they are made of fields of bits, most of which stay as they are from one to the next.
 *
 * Invariant: 64 digits take at most four words of 64 bits, little end first, of which the high bytes that are zero in all are
 * left out.
 */
import { LONG_DIGITS_MAX } from './forms.ts';
import { readRows, writeRows } from './planes.ts';
import { damaged, type Sink, type Source } from './sections.ts';

const STEPS = 0;
const DISTANCES = 1;
/** Of the budget: each is two numbers and a long text on the way. */
const UNITS_EACH = 4;
const WORD_BITS = 64n;
const WORD_BYTES = 8;
const WORDS_MAX = 4;
const END = 10n ** BigInt(LONG_DIGITS_MAX);

export function writeLongNumbers(to: Sink, texts: readonly string[]): void {
  to.budget.spend(texts.length * UNITS_EACH);
  const numbers = texts.map(BigInt);
  const steps = numbers.map((number, i) => number - (numbers[i - 1] ?? number));
  const isRising = steps.every((step) => step >= 0n);
  const start = isRising ? (numbers[0] as bigint) : leastOf(numbers);
  const rests = isRising ? steps : numbers.map((number) => number - start);
  const widest = rests.reduce((a, b) => (a > b ? a : b));
  to.body.byte(isRising ? STEPS : DISTANCES);
  const startWidth = widthOf(start);
  to.body.byte(startWidth);
  to.body.bytes(rowsOf([start], startWidth).subarray(0, startWidth));
  const width = widthOf(widest);
  to.body.byte(width);
  writeRows(to, rowsOf(rests, width), rests.length, width);
}

export function readLongNumbers(from: Source, count: number): string[] {
  from.budget.spend(count * UNITS_EACH);
  const isRising = from.body.byte() === STEPS;
  const startWidth = readWidth(from);
  const [start = 0n] = numbersOf(from.body.bytes(startWidth), 1, startWidth);
  const width = readWidth(from);
  const rests = numbersOf(readRows(from, count, width), count, width);
  let last = start;
  return rests.map((rest) => {
    const number = (isRising ? last : start) + rest;
    if (number >= END) throw damaged('a number is too long');
    last = number;
    return number.toString();
  });
}

const leastOf = (numbers: readonly bigint[]): bigint => numbers.reduce((a, b) => (a < b ? a : b));

function readWidth(from: Source): number {
  const width = from.body.byte();
  if (width > WORDS_MAX * WORD_BYTES) throw damaged('a number is too long');
  return width;
}

function widthOf(number: bigint): number {
  let width = 0;
  for (let rest = number; rest > 0n; rest >>= 8n) width += 1;
  return width;
}

function rowsOf(numbers: readonly bigint[], width: number): Uint8Array {
  const rows = new Uint8Array(numbers.length * width + WORD_BYTES * WORDS_MAX);
  const view = new DataView(rows.buffer);
  for (let i = 0; i < numbers.length; i += 1) {
    let rest = numbers[i] as bigint;
    // What is written past the row is what the next one overwrites.
    for (let at = 0; at < width; at += WORD_BYTES) {
      view.setBigUint64(i * width + at, BigInt.asUintN(64, rest), true);
      rest >>= WORD_BITS;
    }
  }
  return rows;
}

function numbersOf(rows: Uint8Array, count: number, width: number): bigint[] {
  const padded = new Uint8Array(rows.length + WORD_BYTES * WORDS_MAX);
  padded.set(rows);
  const view = new DataView(padded.buffer);
  const bitsLast = ((width + WORD_BYTES - 1) % WORD_BYTES) * 8 + 8;
  const words = Math.ceil(width / WORD_BYTES);
  return Array.from({ length: count }, (_, i) => {
    let number = 0n;
    for (let word = words - 1; word >= 0; word -= 1) {
      const value = view.getBigUint64(i * width + word * WORD_BYTES, true);
      number =
        (number << WORD_BITS) | (word === words - 1 ? BigInt.asUintN(bitsLast, value) : value);
    }
    return number;
  });
}
