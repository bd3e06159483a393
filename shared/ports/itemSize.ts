/**
 * How big DynamoDB takes an item to be, and what reading or writing one of that size costs.
 *
 * The rule is AWS's ("DynamoDB Item sizes and formats" in its developer guide): the UTF-8 bytes of every attribute
 * name plus those of its value; a list or map costs 3 bytes, and one more for each of its entries. Numbers are stored in
 * base 100, see `numberBytes`.
 *
 * Owns the question what can be stored at all, too: a value that DynamoDB would refuse or change is an
 * `UnstorableValue` here, before any adapter sees it.
 */
import { InvariantViolation } from '../errors.ts';
import type { Item, Value } from './table.ts';

/** A value that DynamoDB would refuse or change. A bug, unless a job's own code made it: whoever takes values from jobs asks first. */
export class UnstorableValue extends InvariantViolation {
  override name = 'UnstorableValue';
}

/** No item may be larger, attribute names included. */
export const ITEM_BYTES_MAX = 400 * 1024;

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

const CONTAINER_BYTES = 3;
const ENTRY_BYTES = 1;
/** Lists and maps in each other. */
const DEPTH_MAX = 31;

/** The size of an item in bytes. Throws `UnstorableValue` for a value that cannot be stored. */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) {
    bytes += nameBytes(name, name) + valueBytes(value, name, DEPTH_MAX);
  }
  return bytes;
}

/** Write units for an item of this size; an empty one costs a unit as well. */
export const writeUnits = (bytes: number): number =>
  Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));

/** Read units for so many bytes read at once; half of it when read eventually consistently. */
export function readUnits(bytes: number, consistency: 'strong' | 'eventual'): number {
  const units = Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES));
  return consistency === 'strong' ? units : units / 2;
}

/** @param depthLeft how many lists and maps may still be in each other. */
function valueBytes(value: Value, name: string, depthLeft: number): number {
  switch (typeof value) {
    case 'string':
      return textBytes(value, name);
    case 'number':
      return numberBytes(value, name);
    case 'boolean':
      return 1;
    case 'object':
      return value === null ? 1 : objectBytes(value, name, depthLeft);
    default:
      throw unstorable(name, `a value of type ${typeof value}`);
  }
}

/** Texts up to here are looked at letter by letter first: most are ASCII, which takes a byte each. */
const SHORT_TEXT = 48;

function textBytes(text: string, name: string): number {
  if (text.length <= SHORT_TEXT && isAscii(text)) return text.length;
  if (!text.isWellFormed()) throw unstorable(name, 'text with half a surrogate pair');
  return Buffer.byteLength(text);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function objectBytes(
  value: Exclude<Value, string | number | boolean | null>,
  name: string,
  depthLeft: number,
): number {
  if (value instanceof Uint8Array) return value.byteLength;
  if (depthLeft === 0) throw unstorable(name, `a value of more than ${DEPTH_MAX} levels`);
  let bytes = CONTAINER_BYTES;
  if (Array.isArray(value)) {
    for (const entry of value) bytes += ENTRY_BYTES + valueBytes(entry, name, depthLeft - 1);
    return bytes;
  }
  if (!isPlain(value)) throw unstorable(name, 'an object of a class');
  for (const [key, entry] of Object.entries(value)) {
    bytes += ENTRY_BYTES + nameBytes(key, name) + valueBytes(entry, name, depthLeft - 1);
  }
  return bytes;
}

/** An attribute's own name, or one in a map of the attribute `of`. */
function nameBytes(name: string, of: string): number {
  if (name === '') throw unstorable(of, 'an empty name');
  return textBytes(name, of);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** DynamoDB's smallest positive number; the SDK refuses what JavaScript cannot count exactly. */
const NUMBER_MIN = 1e-130;

/**
 * One byte for the exponent and one per base-100 digit between the first and the last significant one
 * (so 12 takes one, and 120 and 1.2 take two), and one more for a negative sign.
 */
function numberBytes(value: number, name: string): number {
  if (value === 0) return 1;
  const size = Math.abs(value);
  if (!(size <= Number.MAX_SAFE_INTEGER && size >= NUMBER_MIN)) {
    throw unstorable(name, `the number ${value}`);
  }
  return (
    1 + (Number.isInteger(size) ? integerPairs(size) : fractionPairs(size)) + (value < 0 ? 1 : 0)
  );
}

function integerPairs(size: number): number {
  let rest = size;
  while (rest % 100 === 0) rest /= 100;
  let pairs = 0;
  while (rest >= 1) {
    rest = Math.floor(rest / 100);
    pairs += 1;
  }
  return pairs;
}

function fractionPairs(size: number): number {
  const [mantissa = '', exponent = ''] = size.toExponential().split('e');
  const digits = mantissa.replace('.', '').length;
  const aligned = Number(exponent) % 2 !== 0;
  return aligned ? Math.ceil(digits / 2) : 1 + Math.ceil((digits - 1) / 2);
}

function unstorable(name: string, what: string): UnstorableValue {
  return new UnstorableValue(`attribute ${name}: ${what} cannot be stored in a table`);
}
