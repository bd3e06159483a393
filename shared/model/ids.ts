/**
 * Ids and their order. Ids are text; those that spell a canonical integer of at most 15 digits are kept as
 * numbers inside the engine, because numbers sort, hash and pack better.
 */
import { NINE, ZERO } from './ascii.ts';

/** An id as the engine keeps it: a number where the text is a canonical whole number below 10^15. */
export type CompactId = string | number;

/** Why an id cannot be stored. */
export const NOT_UTF8 = 'the id holds half a surrogate pair, which UTF-8 cannot store';

const DIGITS_MAX = 15;

export function compactId(text: string): CompactId {
  const length = text.length;
  if (length === 0 || length > DIGITS_MAX) return text;
  if (length > 1 && text.charCodeAt(0) === ZERO) return text;
  let value = 0;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < ZERO || code > NINE) return text;
    value = value * 10 + (code - ZERO);
  }
  return value;
}

/** The order in which ids are stored: numbers, before texts by code point. */
export function compareCompactIds(a: CompactId, b: CompactId): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  return typeof b === 'number' ? 1 : compareCodePoints(a, b);
}

const CANONICAL_INTEGER = /^(0|-?[1-9]\d*)$/;

/**
 * The order that breaks ties: integers as numbers, before all other ids, which go by code point. (Comparing
 * a mixed pair by code point would not be an order at all: 9 < 10 < "1a" < 9.)
 */
export function compareIds(a: CompactId, b: CompactId): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const first = String(a);
  const second = String(b);
  const firstIsInteger = CANONICAL_INTEGER.test(first);
  if (firstIsInteger !== CANONICAL_INTEGER.test(second)) return firstIsInteger ? -1 : 1;
  return firstIsInteger
    ? compareBigInts(BigInt(first), BigInt(second))
    : compareCodePoints(first, second);
}

function compareBigInts(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** By Unicode code point: the order of UTF-8 bytes, and so DynamoDB's. (`<` goes by UTF-16 units.) */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above the whole basic plane, so they rank above U+E000..U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
