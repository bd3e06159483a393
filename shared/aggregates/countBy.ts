/** Events per id. */
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
export function countBy<Event>(
  idOf: (event: Event) => string,
): Aggregator<Event, IdCounts, IdTotals> {
  return {
    codec: 'countBy',
    init: () => new Map(),
    add(into, event) {
      const id = compactId(idOf(event));
      if (typeof id === 'string' && !id.isWellFormed()) throw new RangeError(NOT_UTF8);
      into.set(id, (into.get(id) ?? 0) + 1);
    },
    result: (counts) => counts,
    encode(counts, writer) {
      // Counts follow the ids in a run of their own: most are 1, and deflate makes them vanish.
      const ids = writeIds(counts.keys(), counts.size, writer);
      for (const id of ids) writer.unsigned(counts.get(id) as number);
    },
    decodeInto(reader, into) {
      const ids = readIds(reader);
      for (const id of ids) into.set(id, (into.get(id) ?? 0) + reader.unsigned());
    },
  };
}
