/**
 * A column of whole numbers, in what takes least of: their distances from the least of them, those from the one before, or
 * places in a list of the few different ones. Distances are in units of their greatest common divisor: times are often whole
 * seconds or hours.
 *
 * Invariants:
 * 1. Numbers are at most 2^51 in size, so that every sum and difference on the way is exact.
 * 2. The choice depends on nothing but the numbers.
 */
import { divisorOf, rangeOf, widthOf } from '../../model/wholeNumbers.ts';
import { readNumberPlanes, writeNumberPlanes } from './planes.ts';
import { damaged, type Sink, type Source } from './sections.ts';

export const INTEGER_MAX = 2 ** 51;

/** Of the byte in front: the width of distances, or of these bits. */
const WIDTH = 0x07;
const STEPS = 0x08;
const DIVIDED = 0x10;
export const SCALED = 0x20;
const LISTED = 0x40;
export const FLOATS = 0x80;

/** What fits a byte takes no more than a place in a list. */
const LISTED_RANGE_MIN = 256;
/** If no number has come twice by then, hardly any will. */
const SAMPLE = 256;
const WORD = 2 ** 32;

/** @param scale digits after the point, for whoever reads. The values are overwritten. */
export function writeIntegers(to: Sink, values: Float64Array, scale: number): void {
  const { min, max } = rangeOf(values);
  const divisor = min === max ? 1 : divisorOf(values, min);
  for (let i = 0; i < values.length; i += 1) {
    values[i] = ((values[i] as number) - min) / divisor;
  }
  const flags = (divisor === 1 ? 0 : DIVIDED) | (scale === 0 ? 0 : SCALED);
  const head = (mode: number): void => {
    to.body.byte(flags | mode);
    if (scale !== 0) to.body.byte(scale);
    to.body.signed(min);
    if (divisor !== 1) to.body.unsigned(divisor);
  };
  writeDistances(to, values, (max - min) / divisor, head);
}

/** @param head writes the mode and what else stands in front. */
function writeDistances(
  to: Sink,
  values: Float64Array,
  top: number,
  head: (mode: number) => void,
): void {
  const { plain, steps } = costsOf(values);
  const list = top < LISTED_RANGE_MIN ? undefined : listOf(values, Math.min(plain, steps), top);
  if (list) {
    head(LISTED);
    to.body.unsigned(list.different.length);
    writeIntegers(to, list.different, 0);
    writeIntegers(to, list.places, 0);
  } else if (steps < plain) {
    head(STEPS);
    writeSteps(to, values);
  } else {
    const width = widthOf(top);
    head(width);
    writeNumberPlanes(to, values, 0, width);
  }
}

export function readIntegers(from: Source, mode: number, count: number): Float64Array {
  const min = from.body.signed();
  const divisor = (mode & DIVIDED) === 0 ? 1 : from.body.unsigned();
  const values = distancesOf(from, mode, count);
  for (let i = 0; i < count; i += 1) values[i] = (values[i] as number) * divisor + min;
  return values;
}

function distancesOf(from: Source, mode: number, count: number): Float64Array {
  if ((mode & LISTED) !== 0) return readListed(from, count);
  if ((mode & STEPS) !== 0) return readSteps(from, count);
  const values = new Float64Array(count);
  readNumberPlanes(from, values, 0, mode & WIDTH);
  return values;
}

const bitsOf = (value: number): number =>
  value < WORD ? 32 - Math.clz32(value) : 64 - Math.clz32(value / WORD);

/** About how many bits distances from the least take, and steps. */
function costsOf(values: Float64Array): { plain: number; steps: number } {
  let plain = 0;
  let steps = 0;
  let isRising = true;
  let last = values[0] as number;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    plain += bitsOf(value);
    steps += bitsOf(Math.abs(value - last));
    if (value < last) isRising = false;
    last = value;
  }
  return { plain, steps: isRising ? steps : steps + values.length };
}

interface List {
  readonly different: Float64Array;
  readonly places: Float64Array;
}

/** Where they are few, and so take less. */
function listOf(values: Float64Array, cost: number, top: number): List | undefined {
  const differentMax = listedMax(values.length, cost, bitsOf(top));
  if (differentMax < 2) return undefined;
  const numbers = new Map<number, number>();
  const places = new Float64Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    let place = numbers.get(value);
    if (place === undefined) {
      place = numbers.size;
      if (place === differentMax || (i === SAMPLE && place === SAMPLE)) return undefined;
      numbers.set(value, place);
    }
    places[i] = place;
  }
  return { different: Float64Array.from(numbers.keys()), places };
}

/** How many different ones of so many bits may be, that listing them costs less. */
function listedMax(count: number, cost: number, bits: number): number {
  let max = 0;
  for (let placeBits = 1; placeBits < bits; placeBits += 1) {
    const affordable = Math.min(2 ** placeBits, (cost - count * placeBits) / bits);
    max = Math.max(max, affordable);
  }
  return Math.floor(max);
}

function readListed(from: Source, count: number): Float64Array {
  const size = from.count(count);
  if (size === 0) throw damaged('a list is empty');
  const different = readIntegers(from, from.body.byte() & ~LISTED, size);
  const places = readIntegers(from, from.body.byte() & ~LISTED, count);
  for (let i = 0; i < count; i += 1) {
    const value = different[places[i] as number];
    if (value === undefined) throw damaged('a list is too short');
    places[i] = value;
  }
  return places;
}

/** The first number, the least step, and how far each step is above that. */
function writeSteps(to: Sink, values: Float64Array): void {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = values.length - 1; i > 0; i -= 1) {
    const step = (values[i] as number) - (values[i - 1] as number);
    if (step < least) least = step;
    if (step > most) most = step;
    values[i] = step;
  }
  for (let i = 1; i < values.length; i += 1) values[i] = (values[i] as number) - least;
  const width = widthOf(most - least);
  to.body.byte(width);
  to.body.unsigned(values[0] as number);
  to.body.signed(least);
  writeNumberPlanes(to, values, 1, width);
}

function readSteps(from: Source, count: number): Float64Array {
  const width = from.body.byte() & WIDTH;
  const values = new Float64Array(count);
  values[0] = from.body.unsigned();
  const least = from.body.signed();
  readNumberPlanes(from, values, 1, width);
  for (let i = 1; i < count; i += 1) {
    values[i] = (values[i] as number) + least + (values[i - 1] as number);
  }
  return values;
}
