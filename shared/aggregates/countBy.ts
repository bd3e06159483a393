/** Events per id, and what they come to per id. */
import { type CompactId, compactId, NOT_UTF8 } from '../model/ids.ts';
import type { Aggregator } from './aggregator.ts';
import { readIds, writeIds } from './idRuns.ts';

export type IdCounts = Map<CompactId, number>;
export type IdTotals = ReadonlyMap<CompactId, number>;

/**
 * How many events there are of each id: a map from id to count, in no order. `topN` makes a ranking of it. The result is the
 * accumulator itself: read, do not keep. Ids that are whole numbers below 10^15 are numbers in it.
 *
 * State: an entry an id: of numbers the gap to the one before, a byte or two; of other ids their text; and the count, mostly a byte.
 * Exact: yes.
 * @param idOf the id of an event: text that UTF-8 can store; another one makes the event a dead letter
 * @example countBy((view: View) => view.page)
 */
export const countBy = <Event>(
  idOf: (event: Event) => string,
): Aggregator<Event, IdCounts, IdTotals> => amountsBy('countBy', idOf, () => 1);

/**
 * How much there is of each id, where every event brings a whole number: a map from id to sum, as for `countBy`. An id of which there were but
 * zeros is in it.
 *
 * State: an entry an id, as for `countBy`; the sum takes a byte or more.
 * Exact: up to 2^53 - 1 for each id; reads as that bound beyond it.
 * @param idOf the id of an event: text that UTF-8 can store; another one makes the event a dead letter
 * @param amountOf the number of an event; one that is not whole, or below 0, makes the event a dead letter
 * @example sumBy((view: View) => view.page, (view: View) => view.cents)
 */
export const sumBy = <Event>(
  idOf: (event: Event) => string,
  amountOf: (event: Event) => number,
): Aggregator<Event, IdCounts, IdTotals> =>
  amountsBy('sumBy', idOf, (event) => {
    const amount = amountOf(event);
    if (Number.isSafeInteger(amount) && amount >= 0) return amount;
    throw new RangeError(`${amount} is not a whole number from 0 on, to sum`);
  });

function amountsBy<Event>(
  codec: string,
  idOf: (event: Event) => string,
  amountOf: (event: Event) => number,
): Aggregator<Event, IdCounts, IdTotals> {
  // Sums stop at the bound: where they are merged makes no difference to that.
  const raise = (into: IdCounts, id: CompactId, by: number): void => {
    into.set(id, Math.min((into.get(id) ?? 0) + by, Number.MAX_SAFE_INTEGER));
  };
  return {
    codec,
    init: () => new Map(),
    add(into, event) {
      const id = compactId(idOf(event));
      if (typeof id === 'string' && !id.isWellFormed()) throw new RangeError(NOT_UTF8);
      raise(into, id, amountOf(event));
    },
    result: (amounts) => amounts,
    encode(amounts, writer) {
      // Amounts follow the ids in a run of their own: most are alike, and deflate makes them vanish.
      const ids = writeIds(amounts.keys(), amounts.size, writer);
      for (const id of ids) writer.unsigned(amounts.get(id) as number);
    },
    decodeInto(reader, into) {
      const ids = readIds(reader);
      for (const id of ids) raise(into, id, reader.unsigned());
    },
  };
}
