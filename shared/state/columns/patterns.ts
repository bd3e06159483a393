/**
 * Texts that differ in their digits only, or nearly so: `tx12345678`, `83.149.9.216`, `2017-11-26`,
 * `["937166","1715","2017-11-26"]`. What stands between the digits is the pattern.
 *
 * Invariants:
 * 1. The digits of one place are either all without leading zeros, or all of one length.
 * 2. A pattern is short ASCII and has few places, and a list has few patterns.
 */
import { ASCII_MAX, ZERO } from '../../model/ascii.ts';

export const PATTERNS_MAX = 8;
export const PLACES_MAX = 16;
export const DIGITS_MAX = 15;
export const BETWEEN_MAX = 64;
/** How many texts a pattern must stand for on average. */
const TEXTS_MIN = 4;

interface Place {
  readonly numbers: number[];
  /** That of all digits met here; 0 where they differ. */
  length: number;
  hasLeadingZeros: boolean;
}

interface Pattern {
  /** What stands before, between and after the places: one more than there are places. */
  readonly between: readonly string[];
  readonly places: readonly Place[];
}

interface Patterns {
  readonly patterns: readonly Pattern[];
  /** Which of them each text has. */
  readonly which: Uint8Array;
  readonly characters: number;
}

/** What `matches` has read last. */
const numbersRead = new Float64Array(PLACES_MAX);
const lengthsRead = new Uint8Array(PLACES_MAX);
const zerosRead = new Uint8Array(PLACES_MAX);
let numberRead = 0;

/** Undefined where they have too many patterns, or digits against the first invariant. */
export function patternsOf(texts: readonly string[]): Patterns | undefined {
  const patterns: Pattern[] = [];
  const which = new Uint8Array(texts.length);
  let characters = 0;
  let number = 0;
  for (let i = 0; i < texts.length; i += 1) {
    const text = texts[i] as string;
    number = numberOf(patterns, text, number);
    const pattern = patterns[number];
    if (pattern === undefined || !isKept(pattern.places)) return undefined;
    which[i] = number;
    characters += text.length;
  }
  return patterns.length * TEXTS_MIN <= texts.length ? { patterns, which, characters } : undefined;
}

/** Which pattern the text has, most likely the last; -1 where that would be too many, or one too long. */
function numberOf(patterns: Pattern[], text: string, last: number): number {
  const likely = patterns[last];
  if (likely && matches(likely, text)) return last;
  const found = patterns.findIndex((pattern) => matches(pattern, text));
  if (found >= 0 || patterns.length === PATTERNS_MAX) return found;
  const pattern = patternOf(text);
  if (pattern === undefined || !matches(pattern, text)) return -1;
  return patterns.push(pattern) - 1;
}

/** Whether the text is of the pattern; then its numbers have been read. */
function matches({ between, places }: Pattern, text: string): boolean {
  let at = 0;
  for (let n = 0; n < places.length; n += 1) {
    const part = between[n] as string;
    if (!text.startsWith(part, at)) return false;
    const start = at + part.length;
    at = digitsEnd(text, start);
    if (at === start || at - start > DIGITS_MAX) return false;
    numbersRead[n] = numberRead;
    lengthsRead[n] = at - start;
    zerosRead[n] = at - start > 1 && text.charCodeAt(start) === ZERO ? 1 : 0;
  }
  const end = between[places.length] as string;
  return at + end.length === text.length && text.startsWith(end, at);
}

/** Notes the number that they spell. */
function digitsEnd(text: string, from: number): number {
  let at = from;
  numberRead = 0;
  for (; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) break;
    numberRead = numberRead * 10 + digit;
  }
  return at;
}

/** Adds the numbers read last, if the places are as they should be then. */
function isKept(places: readonly Place[]): boolean {
  for (let n = 0; n < places.length; n += 1) {
    const place = places[n] as Place;
    const length = lengthsRead[n] as number;
    if (place.numbers.length === 0) place.length = length;
    else if (place.length !== length) place.length = 0;
    if (zerosRead[n] === 1) place.hasLeadingZeros = true;
    if (place.hasLeadingZeros && place.length === 0) return false;
    place.numbers.push(numbersRead[n] as number);
  }
  return true;
}

function patternOf(text: string): Pattern | undefined {
  const between: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) > ASCII_MAX) return undefined;
    const end = digitsEnd(text, at);
    if (end === at) continue;
    between.push(text.slice(from, at));
    if (between.length > PLACES_MAX) return undefined;
    from = end;
    at = end - 1;
  }
  const places = between.map(() => ({ numbers: [], length: 0, hasLeadingZeros: false }));
  between.push(text.slice(from));
  const isShort = between.join('').length <= BETWEEN_MAX;
  return isShort ? { between, places } : undefined;
}
