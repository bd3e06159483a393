/**
 * A column of texts: by places in a list where they repeat, else by their form where they have one in common or few between
 * them, else by pattern, as arrays, or as they are.
 *
 * Invariants:
 * 1. The list holds each text once, in the order in which they come first, and is no list of a list. So texts that always
 *    come together, as a user and a name, have the same places, and those take bytes only once (`KnownColumns`).
 * 2. A column of several forms is one column for each form, and a form for each text.
 */
import type { Value } from '../../ports/table.ts';
import { ARRAY_DEPTH_MAX, isShreddable, readArrayTexts, writeArrayTexts } from './arrayTexts.ts';
import { readForm, writerOf } from './formColumns.ts';
import { arrayOf, FORM, FORMS, type Form, formOf } from './forms.ts';
import { patternsOf } from './patterns.ts';
import { readPatterns, writePatterns } from './patternTexts.ts';
import { readPlain, writePlain } from './plainTexts.ts';
import { damaged, type Sink, type Source } from './sections.ts';

/** The first byte: one of `FORM` (but `other`) where all have it, or one of these. */
const PLAIN = 16;
const PATTERNS = 17;
const MIXED = 18;
const LISTED = 19;
const LISTED_BY_AGE = 20;

const LISTED_COUNT_MIN = 4;
/** If no text has come twice by then, hardly any will. */
const SAMPLE = 256;
const PATTERNS_COUNT_MIN = 4;

export function writeTexts(to: Sink, texts: readonly string[], depth: number): void {
  if (texts.length === 0) return;
  const list = texts.length < LISTED_COUNT_MIN ? undefined : listOf(texts);
  if (list === undefined) {
    writeUnlisted(to, texts, depth);
    return;
  }
  to.body.byte(list.mode);
  to.body.unsigned(list.different.length);
  to.budget.spend(list.different.length);
  writeUnlisted(to, list.different, depth);
  to.column(list.places, depth + 1);
}

export function readTexts(from: Source, count: number, depth: number): string[] {
  if (count === 0) return [];
  const mode = from.body.byte();
  if (mode !== LISTED && mode !== LISTED_BY_AGE) return readUnlisted(from, mode, count, depth);
  const size = from.count(count);
  from.budget.spend(size);
  const different = readUnlisted(from, from.body.byte(), size, depth);
  const places = from.column(count, depth + 1);
  const texts = new Array<string>(count);
  let known = 0;
  for (let i = 0; i < count; i += 1) {
    const place = places[i];
    if (place === NEW) known += 1;
    // An object could throw what it likes here.
    const text = typeof place === 'number' ? different[indexOf(mode, place, known)] : undefined;
    if (text === undefined) throw damaged('a list of texts is too short');
    texts[i] = text;
  }
  return texts;
}

const NEW = 0;

const indexOf = (mode: number, place: number, known: number): number => {
  if (place === NEW) return known - 1;
  return mode === LISTED ? place - 1 : known - place;
};

interface List {
  readonly mode: number;
  readonly different: readonly string[];
  /** 0 for a text that comes for the first time. */
  readonly places: readonly number[];
}

/** Undefined unless texts come twice on average. */
function listOf(texts: readonly string[]): List | undefined {
  const numbers = new Map<string, number>();
  const places = new Array<number>(texts.length).fill(NEW);
  const ages = new Array<number>(texts.length).fill(NEW);
  const differentMax = texts.length >> 1;
  let bits = 0;
  for (let i = 0; i < texts.length; i += 1) {
    const number = numbers.get(texts[i] as string);
    if (number !== undefined) {
      places[i] = number;
      ages[i] = numbers.size - number + 1;
      bits += Math.clz32(ages[i] as number) - Math.clz32(number);
    } else {
      if (numbers.size === differentMax) return undefined;
      numbers.set(texts[i] as string, numbers.size + 1);
      if (i === SAMPLE && numbers.size > SAMPLE) return undefined;
    }
  }
  const different = [...numbers.keys()];
  return bits > 0
    ? { mode: LISTED_BY_AGE, different, places: ages }
    : { mode: LISTED, different, places };
}

function writeUnlisted(to: Sink, texts: readonly string[], depth: number): void {
  const form = formOf(texts[0] as string);
  const write = writerOf(form, texts);
  if (write) {
    to.body.byte(form);
    write(to);
    return;
  }
  const forms = texts.map(formOf);
  if (forms.every((each) => each === FORM.other)) writeOthers(to, texts, depth);
  else writeMixed(to, texts, forms, depth);
}

function readUnlisted(from: Source, mode: number, count: number, depth: number): string[] {
  if (count === 0) return [];
  switch (mode) {
    case PLAIN:
      return readPlain(from, count);
    case PATTERNS:
      return readPatterns(from, count);
    case FORM.array:
      return readArrayTexts(from, count, depth);
    case MIXED:
      return readMixed(from, count, depth);
    default:
      return readForm(from, mode, count);
  }
}

function writeOthers(to: Sink, texts: readonly string[], depth: number): void {
  const patterns = texts.length < PATTERNS_COUNT_MIN ? undefined : patternsOf(texts);
  const arrays = patterns ? undefined : arraysOf(texts, depth);
  if (patterns) {
    to.body.byte(PATTERNS);
    writePatterns(to, patterns);
  } else if (arrays) {
    to.body.byte(FORM.array);
    writeArrayTexts(to, arrays, depth);
  } else {
    to.body.byte(PLAIN);
    writePlain(to, texts);
  }
}

function arraysOf(texts: readonly string[], depth: number): (readonly Value[])[] | undefined {
  if (!isShreddable(depth)) return undefined;
  const arrays: (readonly Value[])[] = [];
  for (const text of texts) {
    const array = arrayOf(text, ARRAY_DEPTH_MAX);
    if (array === undefined) return undefined;
    arrays.push(array);
  }
  return arrays;
}

function writeMixed(to: Sink, texts: readonly string[], forms: Form[], depth: number): void {
  to.body.byte(MIXED);
  to.body.bytes(Uint8Array.from(forms));
  for (const form of FORMS) {
    const some = texts.filter((_, i) => forms[i] === form);
    if (some.length === 0) continue;
    if (form === FORM.other) writeOthers(to, some, depth);
    else writerOf(form, some)?.(to);
  }
}

function readMixed(from: Source, count: number, depth: number): string[] {
  const forms = from.body.bytes(count);
  const texts = new Array<string>(count);
  for (const form of FORMS) {
    const size = forms.reduce((sum, each) => (each === form ? sum + 1 : sum), 0);
    if (size === 0) continue;
    const some = form === FORM.other ? readUnmixed(from, size, depth) : readForm(from, form, size);
    let next = 0;
    for (let i = 0; i < count; i += 1) {
      if (forms[i] !== form) continue;
      texts[i] = some[next] as string;
      next += 1;
    }
  }
  if (forms.some((each) => each > FORM.long)) throw damaged('a text has no form');
  return texts;
}

function readUnmixed(from: Source, count: number, depth: number): string[] {
  const mode = from.body.byte();
  if (mode === MIXED) throw damaged('a column is mixed twice');
  return readUnlisted(from, mode, count, depth);
}
