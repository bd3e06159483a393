/**
 * A column of texts of no form: their characters one after the other, and what parts them, which is a line feed or, where they
 * hold some or are of one length, their lengths. Where neighbours begin alike, as sorted texts do, what each shares with the
 * one before is a number instead.
 *
 * Invariants:
 * 1. Lengths are in UTF-16 units, so that all characters are decoded at once and then cut.
 * 2. No cut is within a surrogate pair, which UTF-8 could not store.
 * 3. Shared characters are counted before they are copied.
 */
import { readCounts, sumOf, writeNumbers } from './numberColumn.ts';
import { damaged, type Sink, type Source } from './sections.ts';

/** What the first byte says, together. */
const SHARING = 1;
const SEPARATED = 2;
/** What stands between texts of different lengths where none of them holds it. */
const SEPARATOR = '\n';
/** The part of all characters that are shared, from which on it pays to say so. */
const SHARED_PART_MIN = 1 / 8;
const LENGTH_MAX = 2 ** 29;

export function writePlain(to: Sink, texts: readonly string[]): void {
  to.budget.spend(texts.length);
  const shared = sharedOf(texts);
  const isSeparated = areSeparable(texts);
  to.body.byte((shared ? SHARING : 0) | (isSeparated ? SEPARATED : 0));
  if (shared) to.budget.characters(sumOf(shared));
  const rests = shared ? texts.map((text, i) => text.slice(shared[i])) : texts;
  if (shared) writeNumbers(to, shared);
  if (!isSeparated) writeNumbers(to, lengthsOf(texts));
  const start = to.body.length;
  to.body.text(rests.join(isSeparated ? SEPARATOR : ''));
  to.textBytes += to.body.length - start;
}

/** Equal lengths take nothing, but more than that of one text does. */
function areSeparable(texts: readonly string[]): boolean {
  const first = texts[0] as string;
  const areEven = texts.length > 1 && texts.every(({ length }) => length === first.length);
  return !areEven && texts.every((text) => !text.includes(SEPARATOR));
}

const lengthsOf = (texts: readonly string[]): Float64Array =>
  Float64Array.from(texts, ({ length }) => length);

export function readPlain(from: Source, count: number): string[] {
  from.budget.spend(count);
  const flags = from.body.byte();
  const shared = (flags & SHARING) === 0 ? undefined : readCounts(from, count, LENGTH_MAX);
  const rests = (flags & SEPARATED) === 0 ? readEven(from, count, shared) : readParted(from, count);
  return shared ? joined(from, shared, rests) : rests;
}

function readParted(from: Source, count: number): string[] {
  const texts = from.body.text().split(SEPARATOR, count + 1);
  if (texts.length !== count) throw damaged('texts are not as many as they should be');
  return texts;
}

/** Of texts that share, the lengths are those of the whole. */
function readEven(from: Source, count: number, shared: Float64Array | undefined): string[] {
  const lengths = readCounts(from, count, LENGTH_MAX);
  const characters = from.body.text();
  let at = 0;
  const rests = Array.from(lengths, (length, i) => {
    const start = at;
    at += Math.max(0, length - (shared?.[i] ?? 0));
    return characters.slice(start, at);
  });
  if (at !== characters.length) throw damaged('texts are not as long as they should be');
  return rests;
}

function joined(from: Source, shared: Float64Array, rests: string[]): string[] {
  from.budget.characters(sumOf(shared));
  let last = '';
  return rests.map((rest, i) => {
    const start = shared[i] as number;
    if (start > last.length) throw damaged('a text shares more than there is');
    last = last.slice(0, start) + rest;
    return last;
  });
}

/** How many units each has in common with the one before; undefined where it is not worth it. */
function sharedOf(texts: readonly string[]): Float64Array | undefined {
  const shared = new Float64Array(texts.length);
  let sum = 0;
  let all = 0;
  let last = '';
  for (let i = 0; i < texts.length; i += 1) {
    const text = texts[i] as string;
    const length = sharedLength(last, text);
    shared[i] = length;
    sum += length;
    all += text.length;
    last = text;
  }
  return sum > all * SHARED_PART_MIN ? shared : undefined;
}

function sharedLength(a: string, b: string): number {
  const max = Math.min(a.length, b.length);
  let length = 0;
  while (length < max && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  const isWithinPair = length > 0 && (a.charCodeAt(length - 1) & 0xfc00) === 0xd800;
  return isWithinPair ? length - 1 : length;
}
