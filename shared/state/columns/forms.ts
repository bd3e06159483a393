/**
 * The special forms of texts that take less as something else: numbers, UUIDs, hexadecimal digits, times, long numbers and
 * JSON arrays.
 *
 * Invariant: a text is of a form only if what the form is read as is written back exactly so. `007`, `1e3`, upper-case UUIDs
 * and `[1, 2]` are of none.
 */
import {
  ASCII_MAX,
  BACKSLASH,
  CLOSE_LIST,
  COMMA,
  DASH,
  NINE,
  OPEN_LIST,
  QUOTE,
  SPACE,
  ZERO,
} from '../../model/ascii.ts';
import { compactId } from '../../model/ids.ts';
import type { Value } from '../../ports/table.ts';
import { isTime } from './times.ts';

/** The order is that in which the texts of a mixed column are stored. */
export const FORM = {
  other: 0,
  number: 1,
  uuid: 2,
  hex: 3,
  time: 4,
  long: 5,
  array: 6,
} as const;

export type Form = (typeof FORM)[keyof typeof FORM];

export const FORMS: readonly Form[] = Object.values(FORM);

export const UUID_LENGTH = 36;
export const UUID_BYTES = 16;
const uuidRead = new Uint8Array(UUID_BYTES);
const TIME_LENGTH = '2017-11-26T02:00:00.000Z'.length;
const HEX_LENGTH_MIN = 8;
const LONG_DIGITS_MIN = 16;
export const LONG_DIGITS_MAX = 64;

const NO_DIGIT = 0x80;

/** What each ASCII character is worth as a hexadecimal digit. */
const NIBBLES = new Uint8Array(128).fill(NO_DIGIT);
for (let i = 0; i < 16; i += 1) NIBBLES['0123456789abcdef'.charCodeAt(i)] = i;

/** The form of a text but that of arrays, which takes parsing (`arrayOf`). */
export function formOf(text: string): Form {
  const { length } = text;
  const first = text.charCodeAt(0);
  if (first >= ZERO && first <= NINE) {
    if (typeof compactId(text) === 'number') return FORM.number;
    if (isLongNumber(text)) return FORM.long;
    if (length === TIME_LENGTH && isTime(text)) return FORM.time;
  }
  if (length === UUID_LENGTH && writeUuid(text, uuidRead, 0)) return FORM.uuid;
  return isHex(text) ? FORM.hex : FORM.other;
}

export function isHex(text: string): boolean {
  const { length } = text;
  return length >= HEX_LENGTH_MIN && (length & 1) === 0 && areNibbles(text, 0, length);
}

function areNibbles(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) {
    const code = text.charCodeAt(i);
    if (code > ASCII_MAX || NIBBLES[code] === NO_DIGIT) return false;
  }
  return true;
}

export function isLongNumber(text: string): boolean {
  const { length } = text;
  if (length < LONG_DIGITS_MIN || length > LONG_DIGITS_MAX) return false;
  if (text.charCodeAt(0) === ZERO) return false;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < ZERO || code > NINE) return false;
  }
  return true;
}

/** Writes the bytes of a UUID in lower case; returns whether the text is one. */
export function writeUuid(text: string, bytes: Uint8Array, start: number): boolean {
  if (text.length !== UUID_LENGTH) return false;
  let at = start;
  let odd = 0;
  for (let i = 0; i < UUID_LENGTH; i += 2) {
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      odd |= text.charCodeAt(i) ^ DASH;
      i += 1;
    }
    const high = text.charCodeAt(i);
    const low = text.charCodeAt(i + 1);
    const nibbles =
      ((NIBBLES[high & ASCII_MAX] as number) << 4) | (NIBBLES[low & ASCII_MAX] as number);
    odd |=
      ((high | low) & ~ASCII_MAX) |
      (nibbles & ~0xff) |
      ((NIBBLES[low & ASCII_MAX] as number) & NO_DIGIT);
    bytes[at] = nibbles;
    at += 1;
  }
  return odd === 0;
}

/** The array whose JSON text this is, to the letter; undefined if it is none, or nests deeper than that. */
export function arrayOf(text: string, depthMax: number): readonly Value[] | undefined {
  const last = text.length - 1;
  if (last < 1 || text.charCodeAt(0) !== OPEN_LIST || text.charCodeAt(last) !== CLOSE_LIST)
    return undefined;
  return plainTextsOf(text) ?? parsedArray(text, depthMax);
}

/** By far most arrays in keys: of texts without a character that JSON would escape. */
function plainTextsOf(text: string): string[] | undefined {
  if (hasEscapes(text)) return undefined;
  const texts: string[] = [];
  for (let at = 1; text.charCodeAt(at) === QUOTE; ) {
    const end = text.indexOf('"', at + 1);
    const next = text.charCodeAt(end + 1);
    if (end < 0 || (next !== COMMA && next !== CLOSE_LIST)) return undefined;
    texts.push(text.slice(at + 1, end));
    if (next === CLOSE_LIST) return end + 2 === text.length ? texts : undefined;
    at = end + 2;
  }
  return undefined;
}

function hasEscapes(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH || code < SPACE) return true;
  }
  return false;
}

function parsedArray(text: string, depthMax: number): readonly Value[] | undefined {
  try {
    const value: Value = JSON.parse(text);
    const isSame = nestsAtMost(value, depthMax) && JSON.stringify(value) === text;
    return isSame && Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function nestsAtMost(value: Value, depthMax: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depthMax > 0 && Object.values(value).every((each) => nestsAtMost(each, depthMax - 1));
}
