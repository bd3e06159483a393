/**
 * One number per slice: how many, how much in all, the least and the greatest. Owns which numbers may come in, so that a row
 * can hold every result.
 */
import type { Aggregator } from './aggregator.ts';

export interface Scalar {
  value: number;
}

/** How many events. */
export function count<Event>(): Aggregator<Event, Scalar, number> {
  return {
    codec: 'count',
    init: () => ({ value: 0 }),
    add(into) {
      into.value += 1;
    },
    result: ({ value }) => value,
    encode: ({ value }, writer) => writer.unsigned(value),
    decodeInto(reader, into) {
      into.value += reader.unsigned();
    },
  };
}

/** A sum of its own kind: a limit on it would depend on which events meet in a batch. */
interface Total {
  value: bigint;
}

const WIDEST = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * The sum of a whole number per event; whole, because sums of fractions depend on their order. Exact up to 2^53 - 1 on
 * either side of zero, and reads as that bound beyond it, which a table can store.
 */
export function sum<Event>(numberOf: (event: Event) => number): Aggregator<Event, Total, number> {
  return {
    codec: 'sum',
    init: () => ({ value: 0n }),
    add(into, event) {
      const value = numberOf(event);
      if (!Number.isSafeInteger(value))
        throw new RangeError(`${value} is not a whole number to sum`);
      into.value += BigInt(value);
    },
    result: ({ value }) => Number(withinSafe(value)),
    encode: ({ value }, writer) => writer.text(String(value)),
    decodeInto(reader, into) {
      into.value += BigInt(reader.text());
    },
  };
}

function withinSafe(value: bigint): bigint {
  if (value > WIDEST) return WIDEST;
  return value < -WIDEST ? -WIDEST : value;
}

/** The least value; undefined where there was no event. */
export const min = <Event>(numberOf: (event: Event) => number) =>
  extreme(numberOf, Math.min, Number.POSITIVE_INFINITY);

/** The greatest value; undefined where there was no event. */
export const max = <Event>(numberOf: (event: Event) => number) =>
  extreme(numberOf, Math.max, Number.NEGATIVE_INFINITY);

function extreme<Event>(
  numberOf: (event: Event) => number,
  choose: (a: number, b: number) => number,
  neutral: number,
): Aggregator<Event, Scalar, number | undefined> {
  return {
    codec: neutral > 0 ? 'min' : 'max',
    init: () => ({ value: neutral }),
    add(into, event) {
      const value = numberOf(event);
      if (!isStorable(value)) throw new RangeError(`${value} is not a number that a row can hold`);
      into.value = choose(into.value, value);
    },
    result: ({ value }) => (value === neutral ? undefined : value),
    encode: ({ value }, writer) => writer.float64(value),
    decodeInto(reader, into) {
      into.value = choose(into.value, reader.float64());
    },
  };
}

/** A row holds no other numbers, and one event must not keep a window from being written. */
const SIZE_MIN = 1e-130;

function isStorable(value: number): boolean {
  const size = Math.abs(value);
  return size <= Number.MAX_SAFE_INTEGER && (size === 0 || size >= SIZE_MIN);
}
