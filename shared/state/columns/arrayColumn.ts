/**
 * A column of arrays: their lengths, and one column of all that is in them; or, where they are tuples such as `["id", 123]`,
 * a column for each of the first places.
 *
 * Invariant: arrays of one length, or of different things in one order, are tuples.
 */
import type { Value } from '../../ports/table.ts';
import { readCounts, sumOf, writeNumbers } from './numberColumn.ts';
import { damaged, type Sink, type Source } from './sections.ts';

const LISTS = 0;
const TUPLES = 1;
/** Longer ones are lists. */
const TUPLE_LENGTH_MAX = 16;
/** A few arrays of one length and one kind may be lists by chance. */
const EVEN_TUPLES_MIN = 8;

type Values = readonly Value[];

export function writeArrays(to: Sink, arrays: readonly Values[], depth: number): void {
  const count = arrays.length;
  if (count === 0) return;
  const lengths = new Float64Array(count);
  let longest = 0;
  for (let i = 0; i < count; i += 1) {
    const { length } = arrays[i] as Values;
    lengths[i] = length;
    if (length > longest) longest = length;
  }
  const areTuples = longest <= TUPLE_LENGTH_MAX && areTuplesOf(arrays, lengths);
  to.body.byte(areTuples ? TUPLES : LISTS);
  writeNumbers(to, lengths);
  if (!areTuples) to.column(joined(arrays), depth + 1);
  else for (let n = 0; n < longest; n += 1) to.column(placed(arrays, n), depth + 1);
}

/** Whether they are of one length, or the first of them that could be a tuple holds different things. */
function areTuplesOf(arrays: readonly Values[], lengths: Float64Array): boolean {
  const length = lengths[0];
  if (lengths.length >= EVEN_TUPLES_MIN && lengths.every((each) => each === length)) return true;
  const first = arrays.find((array) => array.length > 1);
  return first?.some((value) => typeof value !== typeof first[0]) ?? false;
}

function joined(arrays: readonly Values[]): Value[] {
  const values: Value[] = [];
  for (let i = 0; i < arrays.length; i += 1) {
    const array = arrays[i] as Values;
    for (let n = 0; n < array.length; n += 1) values.push(array[n] as Value);
  }
  return values;
}

/** What is at this place in those that are long enough. */
function placed(arrays: readonly Values[], n: number): Value[] {
  const values: Value[] = [];
  for (let i = 0; i < arrays.length; i += 1) {
    const array = arrays[i] as Values;
    if (array.length > n) values.push(array[n] as Value);
  }
  return values;
}

export function readArrays(from: Source, count: number, depth: number): Values[] {
  if (count === 0) return [];
  const mode = from.body.byte();
  const lengths = readCounts(from, count, Number.MAX_SAFE_INTEGER);
  return mode === LISTS ? readLists(from, lengths, depth) : readTuples(from, lengths, depth);
}

function readLists(from: Source, lengths: Float64Array, depth: number): Values[] {
  const values = from.column(sumOf(lengths), depth + 1);
  const arrays = new Array<Value[]>(lengths.length);
  let at = 0;
  for (let i = 0; i < lengths.length; i += 1) {
    const start = at;
    at += lengths[i] as number;
    arrays[i] = start === at ? [] : values.slice(start, at);
  }
  return arrays;
}

function readTuples(from: Source, lengths: Float64Array, depth: number): Values[] {
  let longest = 0;
  for (let i = 0; i < lengths.length; i += 1) longest = Math.max(longest, lengths[i] as number);
  if (longest > TUPLE_LENGTH_MAX) throw damaged('a tuple is too long');
  const columns = Array.from({ length: longest }, (_, n) => {
    let count = 0;
    for (let i = 0; i < lengths.length; i += 1) if ((lengths[i] as number) > n) count += 1;
    return from.column(count, depth + 1);
  });
  const next = new Uint32Array(longest);
  return Array.from(lengths, (length) => {
    // Not one by one: what is pushed reserves room for more.
    const array = new Array<Value>(length);
    for (let n = 0; n < length; n += 1) {
      const at = next[n] as number;
      next[n] = at + 1;
      array[n] = (columns[n] as Value[])[at] as Value;
    }
    return array;
  });
}
