/**
 * One number per slice: how many, how much in all, the least and the greatest. Owns which numbers may come in, so that a row
 * can hold every result.
 */
import type { Aggregator } from './aggregator.ts';

export interface Scalar {
  value: number;
}

/**
 * How many events there are.
 *
 * State: a number, 1 to 8 bytes.
 * Exact: yes.
 * @example count()
 */
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
 * The sum of a whole number per event; whole, because sums of fractions depend on their order: sum cents, not euros.
 *
 * State: a number, as its decimal digits.
 * Exact: up to 2^53 - 1 on either side of zero; reads as that bound beyond it, which a table can store.
 * @param numberOf the number of an event; one that is not whole makes the event a dead letter
 * @example sum((view: View) => view.cents)
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

/**
 * The least number per event; undefined where there was no event, as in a group or window that does not exist.
 *
 * State: a number, 8 bytes.
 * Exact: yes.
 * @param numberOf the number of an event; one that a row cannot hold (above 2^53 - 1, nearer to 0 than 10^-130, not finite) makes the
 * event a dead letter
 * @example min((view: View) => view.cents)
 */
export const min = <Event>(numberOf: (event: Event) => number) =>
  extreme(numberOf, Math.min, Number.POSITIVE_INFINITY);

/**
 * The greatest number per event; undefined where there was no event, as in a group or window that does not exist.
 *
 * State: a number, 8 bytes.
 * Exact: yes.
 * @param numberOf the number of an event; the same ones make it a dead letter as for `min`
 * @example max((view: View) => view.cents)
 */
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
