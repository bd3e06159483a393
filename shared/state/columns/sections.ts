/**
 * What the columns of one list are written to and read from: a body, which is deflated as a whole, and dense bytes, which
 * no Huffman code shortens and which are stored as they are, as deflating them costs more time than all the rest.
 *
 * Invariants:
 * 1. A list costs units: one for each value, two for each column, one for sixteen characters that were not written one by
 *    one, more for what takes more to read. Writing and reading count the same.
 * 2. No list costs more than `UNITS_MAX`, and none more than its bytes allow (`unitsOf`): one that does, as a column of
 *    nothing but nulls would, is padded when it is written. So whoever reads may allocate what is counted.
 */
import { InvariantViolation } from '../../errors.ts';
import { ByteReader, ByteWriter } from '../../model/bytes.ts';
import type { Value } from '../../ports/table.ts';

/** About 128 MB of the smallest objects. */
const UNITS_MAX = 2 ** 21;
const UNITS_FREE = 256;
const UNITS_PER_BYTE = 4;
const UNITS_PER_COLUMN = 2;
const CHARACTERS_PER_UNIT = 16;
/** Values within values, those in texts that are JSON included. */
const DEPTH_MAX = 64;

const unitsOf = (bytes: number): number => Math.min(UNITS_MAX, UNITS_FREE + UNITS_PER_BYTE * bytes);

/** How many bytes a list of so many units takes at least. */
export const bytesOf = (units: number): number =>
  Math.ceil(Math.max(0, units - UNITS_FREE) / UNITS_PER_BYTE);

export class Budget {
  #spent = 0;
  readonly #limit: number;

  constructor(bytes: number) {
    this.#limit = unitsOf(bytes);
  }

  get spent(): number {
    return this.#spent;
  }

  /** For a column of so many values, so deep inside others. */
  column(count: number, depth: number): void {
    if (depth > DEPTH_MAX) {
      throw new InvariantViolation(
        `a list by column holds values more than ${DEPTH_MAX} levels deep`,
      );
    }
    this.spend(count + UNITS_PER_COLUMN);
  }

  characters(count: number): void {
    this.spend(Math.floor(count / CHARACTERS_PER_UNIT));
  }

  /** Whether so many could be spent. */
  checkCharacters(count: number): void {
    this.#check(Math.floor(count / CHARACTERS_PER_UNIT));
  }

  spend(units: number): void {
    this.#check(units);
    this.#spent += units;
  }

  #check(units: number): void {
    if (!(this.#spent + units <= this.#limit)) {
      throw new InvariantViolation(
        `a list by column holds more than ${this.#limit} values: it is too long, or the item is damaged`,
      );
    }
  }
}

/** Equal columns that were written or read before, so that one of them is enough. */
class KnownColumns {
  readonly #columns: (readonly Value[])[] = [];

  /** Which of them has these values; undefined where none has. */
  find(values: readonly Value[]): number | undefined {
    const found = this.#columns.findIndex((known) => areEqual(known, values));
    return found < 0 ? undefined : found;
  }

  get(n: number): readonly Value[] | undefined {
    return this.#columns[n];
  }

  /** Whether the column may be named later. Both sides ask about the same columns in the same order. */
  add(values: readonly Value[]): void {
    if (this.#columns.length < KNOWN_MAX && isKept(values)) this.#columns.push(values);
  }
}

const KNOWN_MAX = 64;

function isKept(values: readonly Value[]): boolean {
  const first = values[0];
  return first !== null && typeof first !== 'object';
}

function areEqual(a: readonly Value[], b: readonly Value[]): boolean {
  const length = a.length;
  if (length !== b.length || a[length - 1] !== b[length - 1]) return false;
  for (let i = 0; i < length; i += 1) {
    if (!isEqual(a[i] as Value, b[i] as Value)) return false;
  }
  return true;
}

/** Not of objects, as those that are read would be one then; nor of 0 and -0. */
const isEqual = (a: Value, b: Value): boolean =>
  a === b && (typeof a !== 'object' || a === null) && (a !== 0 || Object.is(a, b));

export class Sink {
  readonly body = new ByteWriter();
  readonly dense: Uint8Array[] = [];
  readonly budget = new Budget(Number.POSITIVE_INFINITY);
  readonly known = new KnownColumns();
  /** How much of the body is texts as they are. */
  textBytes = 0;
  /** Writes a column of any values, which may stand inside those of any other kind of column. */
  readonly column: (values: readonly Value[], depth: number) => void;

  constructor(column: (to: Sink, values: readonly Value[], depth: number) => void) {
    this.column = (values, depth) => column(this, values, depth);
  }
}

export class Source {
  readonly body: ByteReader;
  readonly dense: ByteReader;
  readonly budget: Budget;
  readonly known = new KnownColumns();
  readonly column: (count: number, depth: number) => Value[];

  constructor(
    body: Uint8Array,
    dense: Uint8Array,
    column: (from: Source, count: number, depth: number) => Value[],
  ) {
    this.body = new ByteReader(body);
    this.dense = new ByteReader(dense);
    this.budget = new Budget(body.length + dense.length);
    this.column = (count, depth) => column(this, count, depth);
  }

  /** A number that counts something, at most so many. */
  count(max: number): number {
    const count = this.body.unsigned();
    if (count > max) throw damaged('a number is out of range');
    return count;
  }
}

export const damaged = (why: string): InvariantViolation =>
  new InvariantViolation(`a list by column cannot be read, as ${why}: the item is damaged`);
