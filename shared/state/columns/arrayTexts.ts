/**
 * A column of texts that are JSON arrays, such as keys made of several: what stands in the arrays, as a column of arrays.
 *
 * Invariant: the characters of all of these texts are counted before they are written out, as few bytes can name a long
 * text many times.
 */
import { BACKSLASH, QUOTE, SPACE } from '../../model/ascii.ts';
import type { Value } from '../../ports/table.ts';
import { damaged, type Sink, type Source } from './sections.ts';

/** How deep in other values such texts are taken apart, and how deep they may nest. */
const DEPTH_MAX = 16;
export const ARRAY_DEPTH_MAX = 8;

/** `\u0000` */
const ESCAPED_LENGTH = 6;
/** What a number or a word takes at most, and what stands around a value. */
const SHORT_LENGTH = 28;

export const isShreddable = (depth: number): boolean => depth <= DEPTH_MAX;

export function writeArrayTexts(
  to: Sink,
  arrays: readonly (readonly Value[])[],
  depth: number,
): void {
  to.column(arrays, depth + 1);
  for (const array of arrays) to.budget.characters(lengthOf(array));
}

export function readArrayTexts(from: Source, count: number, depth: number): string[] {
  if (!isShreddable(depth)) throw damaged('texts in texts are too deep');
  return from.column(count, depth + 1).map((array) => {
    from.budget.characters(lengthOf(array));
    return JSON.stringify(array);
  });
}

/** At least that of its JSON text. */
function lengthOf(value: Value): number {
  if (typeof value === 'string') return textLengthOf(value);
  if (typeof value !== 'object' || value === null) return SHORT_LENGTH;
  let length = SHORT_LENGTH;
  for (const [name, each] of Object.entries(value)) {
    length += textLengthOf(name) + lengthOf(each);
  }
  return length;
}

function textLengthOf(text: string): number {
  let length = text.length + 3;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < SPACE || code === QUOTE || code === BACKSLASH) length += ESCAPED_LENGTH;
  }
  return length;
}
