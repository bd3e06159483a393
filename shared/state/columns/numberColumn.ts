/**
 * A column of numbers: as whole numbers where they are, decimals such as 12.75 as whole numbers of hundredths, and any
 * others as they are in memory.
 *
 * Invariants:
 * 1. Every number comes back as it was, negative zero included, which no whole number stands for.
 * 2. A count of zero takes no bytes here or in any other column.
 */
import { readRows, writeRows } from './planes.ts';
import { damaged, type Sink, type Source } from './sections.ts';
import { FLOATS, INTEGER_MAX, readIntegers, SCALED, writeIntegers } from './wholeNumbers.ts';

const SCALE_MAX = 6;
const NO_SCALE = -1;
const POWERS = Array.from({ length: SCALE_MAX + 1 }, (_, n) => 10 ** n);

/** The values are overwritten. */
export function writeNumbers(to: Sink, values: Float64Array): void {
  if (values.length === 0) return;
  const scale = scaleOf(values);
  if (scale === NO_SCALE) writeFloats(to, values);
  else if (scale === 0) writeIntegers(to, values, 0);
  else {
    const power = POWERS[scale] as number;
    for (let i = 0; i < values.length; i += 1) {
      values[i] = Math.round((values[i] as number) * power);
    }
    writeIntegers(to, values, scale);
  }
}

export function readNumbers(from: Source, count: number): Float64Array {
  if (count === 0) return new Float64Array(0);
  const mode = from.body.byte();
  if (mode >= FLOATS) return readFloats(from, count);
  const scale = (mode & SCALED) === 0 ? 0 : from.body.byte();
  const power = POWERS[scale];
  if (power === undefined) throw damaged('its decimals are too fine');
  const values = readIntegers(from, mode, count);
  if (scale > 0) {
    for (let i = 0; i < count; i += 1) values[i] = (values[i] as number) / power;
  }
  return values;
}

/** Whole numbers from 0 to `max`, as lengths and places in a list are. */
export function readCounts(from: Source, count: number, max: number): Float64Array {
  const values = readNumbers(from, count);
  for (let i = 0; i < count; i += 1) {
    const value = values[i] as number;
    if (!(value >= 0 && value <= max && Number.isInteger(value))) {
      throw damaged('a count is out of range');
    }
  }
  return values;
}

export function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i] as number;
  return sum;
}

/** The digits after the point that all of them get by with. */
function scaleOf(values: Float64Array): number {
  let scale = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    if (scale === 0 && isWhole(value)) continue;
    if (isDecimal(value, scale)) continue;
    if (scale === SCALE_MAX) return NO_SCALE;
    scale += 1;
    i = -1;
  }
  return scale;
}

const isWhole = (value: number): boolean =>
  value === Math.floor(value) &&
  value <= INTEGER_MAX &&
  value >= -INTEGER_MAX &&
  (value !== 0 || 1 / value > 0);

function isDecimal(value: number, scale: number): boolean {
  const power = POWERS[scale] as number;
  const whole = Math.round(value * power);
  return isWhole(whole) && whole / power === value;
}

function writeFloats(to: Sink, values: Float64Array): void {
  to.body.byte(FLOATS);
  const rows = new Uint8Array(values.length * 8);
  const view = new DataView(rows.buffer);
  for (let i = 0; i < values.length; i += 1) view.setFloat64(i * 8, values[i] as number, true);
  writeRows(to, rows, values.length, 8);
}

function readFloats(from: Source, count: number): Float64Array {
  const { buffer } = readRows(from, count, 8);
  const view = new DataView(buffer);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    const value = view.getFloat64(i * 8, true);
    if (!Number.isFinite(value)) throw damaged('a number is none');
    values[i] = value;
  }
  return values;
}
