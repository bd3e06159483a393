/** One number per slice: how many, how much in all, the least and the greatest. */
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

/** Beyond it, the zigzag form of a negative sum is no longer exact. */
const SUM_MAX = 2 ** 52;

/** The sum of a whole number per event; whole, because sums of fractions depend on their order. */
export function sum<Event>(numberOf: (event: Event) => number): Aggregator<Event, Scalar, number> {
  return {
    codec: 'sum',
    init: () => ({ value: 0 }),
    add(into, event) {
      const value = numberOf(event);
      if (!Number.isSafeInteger(value))
        throw new RangeError(`${value} is not a whole number to sum`);
      if (Math.abs(into.value + value) > SUM_MAX) throw new RangeError('the sum leaves 2^52');
      into.value += value;
    },
    result: ({ value }) => value,
    encode: ({ value }, writer) => writer.signed(value),
    decodeInto(reader, into) {
      into.value += reader.signed();
    },
  };
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
      if (!Number.isFinite(value)) throw new RangeError(`${value} is not a finite number`);
      into.value = choose(into.value, value);
    },
    result: ({ value }) => (value === neutral ? undefined : value),
    encode: ({ value }, writer) => writer.float64(value),
    decodeInto(reader, into) {
      into.value = choose(into.value, reader.float64());
    },
  };
}
