/**
 * A column of any values: what kind each is, then a column of each kind.
 *
 * Invariants:
 * 1. Where all are of one kind, that takes a byte, and a column like an earlier one two or three.
 * 2. Nothing but JSON and bytes is written: anything else is refused.
 */
import { InvariantViolation } from '../../errors.ts';
import type { Value } from '../../ports/table.ts';
import { readArrays, writeArrays } from './arrayColumn.ts';
import { readCounts, readNumbers, writeNumbers } from './numberColumn.ts';
import { readObjects, writeObjects } from './objectColumn.ts';
import { damaged, type Sink, type Source } from './sections.ts';
import type { Fields } from './shapes.ts';
import { readTexts, writeTexts } from './textColumn.ts';

const NULL = 0;
const FALSE = 1;
const TRUE = 2;
const NUMBER = 3;
const TEXT = 4;
const BYTES = 5;
const ARRAY = 6;
const OBJECT = 7;
const KINDS = 8;
/** Of the first byte, beside the kinds. */
const MIXED = 8;
const KNOWN = 9;
/** Of the budget: even no bytes are an object of hundreds. */
const UNITS_OF_BYTES = 8;

export function writeColumn(to: Sink, values: readonly Value[], depth: number): void {
  const count = values.length;
  to.budget.column(count, depth);
  if (count === 0) return;
  const known = to.known.find(values);
  if (known !== undefined) {
    to.body.byte(KNOWN);
    to.body.byte(known);
    return;
  }
  const kind = kindOf(values[0] as Value);
  let same = 1;
  while (same < count && kindOf(values[same] as Value) === kind) same += 1;
  if (same === count) {
    to.body.byte(kind);
    writeKind(to, kind, values, depth);
  } else writeMixed(to, values, depth);
  to.known.add(values);
}

export function readColumn(from: Source, count: number, depth: number): Value[] {
  from.budget.column(count, depth);
  if (count === 0) return [];
  const kind = from.body.byte();
  if (kind === KNOWN) {
    const known = from.known.get(from.body.byte());
    if (known?.length !== count) throw damaged('a column is like none before');
    return known as Value[];
  }
  const values =
    kind === MIXED ? readMixed(from, count, depth) : readKind(from, kind, count, depth);
  from.known.add(values);
  return values;
}

function kindOf(value: Value): number {
  switch (typeof value) {
    case 'string':
      return TEXT;
    case 'number':
      return NUMBER;
    case 'boolean':
      return value ? TRUE : FALSE;
    case 'object':
      if (value === null) return NULL;
      if (Array.isArray(value)) return ARRAY;
      return value instanceof Uint8Array ? BYTES : OBJECT;
    default:
      throw new InvariantViolation(`no list by column can hold a value of type ${typeof value}`);
  }
}

function writeKind(to: Sink, kind: number, values: readonly Value[], depth: number): void {
  switch (kind) {
    case NUMBER:
      writeNumbers(to, numbersOf(values as readonly number[]));
      break;
    case TEXT:
      writeTexts(to, values as readonly string[], depth);
      break;
    case BYTES:
      writeBytes(to, values as readonly Uint8Array[]);
      break;
    case ARRAY:
      writeArrays(to, values as readonly (readonly Value[])[], depth);
      break;
    case OBJECT:
      writeObjects(to, values as readonly Fields[], depth);
      break;
    default:
      break;
  }
}

function readKind(from: Source, kind: number, count: number, depth: number): Value[] {
  switch (kind) {
    case NULL:
      return new Array<Value>(count).fill(null);
    case FALSE:
      return new Array<Value>(count).fill(false);
    case TRUE:
      return new Array<Value>(count).fill(true);
    case NUMBER:
      return valuesOf(readNumbers(from, count));
    case TEXT:
      return readTexts(from, count, depth);
    case BYTES:
      return readBytes(from, count);
    case ARRAY:
      return readArrays(from, count, depth);
    case OBJECT:
      return readObjects(from, count, depth);
    default:
      throw damaged('a value is of no kind');
  }
}

function writeMixed(to: Sink, values: readonly Value[], depth: number): void {
  const kinds = new Uint8Array(values.length);
  const some = Array.from({ length: KINDS }, (): Value[] => []);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as Value;
    const kind = kindOf(value);
    kinds[i] = kind;
    if (kind >= NUMBER) (some[kind] as Value[]).push(value);
  }
  to.body.byte(MIXED);
  to.body.bytes(kinds);
  for (const [kind, each] of some.entries()) if (each.length > 0) writeKind(to, kind, each, depth);
}

function readMixed(from: Source, count: number, depth: number): Value[] {
  const kinds = from.body.bytes(count);
  const sizes = new Uint32Array(KINDS);
  for (let i = 0; i < count; i += 1) {
    const kind = kinds[i] as number;
    if (kind >= KINDS) throw damaged('a value is of no kind');
    sizes[kind] = (sizes[kind] as number) + 1;
  }
  const some = Array.from(sizes, (size, kind) =>
    size === 0 ? [] : readKind(from, kind, size, depth),
  );
  const next = new Uint32Array(KINDS);
  const values = new Array<Value>(count);
  for (let i = 0; i < count; i += 1) {
    const kind = kinds[i] as number;
    const at = next[kind] as number;
    next[kind] = at + 1;
    values[i] = (some[kind] as Value[])[at] as Value;
  }
  return values;
}

function numbersOf(values: readonly number[]): Float64Array {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    if (value - value !== 0) {
      throw new InvariantViolation('no list by column can hold a number that is not finite');
    }
    numbers[i] = value;
  }
  return numbers;
}

function valuesOf(numbers: Float64Array): Value[] {
  const values = new Array<Value>(numbers.length);
  for (let i = 0; i < numbers.length; i += 1) values[i] = numbers[i] as number;
  return values;
}

function writeBytes(to: Sink, values: readonly Uint8Array[]): void {
  to.budget.spend(values.length * UNITS_OF_BYTES);
  writeNumbers(
    to,
    Float64Array.from(values, ({ length }) => length),
  );
  for (const value of values) to.body.bytes(value);
}

function readBytes(from: Source, count: number): Uint8Array[] {
  from.budget.spend(count * UNITS_OF_BYTES);
  return Array.from(
    readCounts(from, count, Number.MAX_SAFE_INTEGER),
    (length) => new Uint8Array(from.body.bytes(length)),
  );
}
