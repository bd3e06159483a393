/**
 * An aggregator folds events into an accumulator that can be merged and stored: a commutative monoid with
 * a codec.
 *
 * 1. `init()` is neutral; folding is independent of order and grouping:
 *    add all events to one accumulator, or to several and merge them: the same accumulator.
 * 2. `decodeInto(encode(a), b)` merges a into b. Encoding is canonical: equal accumulators give equal bytes.
 * 3. Accumulators are owned by their holder and changed in place, because a batch touches thousands of keys;
 *    nothing else about an aggregator is mutable.
 */
import type { ByteReader, ByteWriter } from '../model/bytes.ts';

export interface Aggregator<Event, Accumulator, Result> {
  /** Names the stored form: accumulators of different codecs never meet (see `WindowJob.shape`). */
  readonly codec: string;
  init(): Accumulator;
  /**
   * Adds one event. A throw makes the event a dead letter; what was half added is folded anew. Whether it throws must
   * depend on the event alone: what the accumulator holds is a matter of batches.
   */
  add(into: Accumulator, event: Event): void;
  result(accumulator: Accumulator): Result;
  /**
   * The same without the groups up to the one of this id: for aggregates whose result is groups, one by one, in the order of
   * their `id`.
   */
  resultAfter?(accumulator: Accumulator, id: string): Result;
  encode(accumulator: Accumulator, writer: ByteWriter): void;
  /** Reads exactly what `encode` wrote and merges it into `into`. */
  decodeInto(reader: ByteReader, into: Accumulator): void;
}
