/** Folding, encoding and merging by hand, for the laws of aggregators. */
import type { Aggregator } from '../../shared/aggregates/aggregator.ts';
import { ByteReader, ByteWriter } from '../../shared/model/bytes.ts';

export function fold<Event, Accumulator, Result>(
  aggregate: Aggregator<Event, Accumulator, Result>,
  events: Iterable<Event>,
): Accumulator {
  const into = aggregate.init();
  for (const event of events) aggregate.add(into, event);
  return into;
}

export function encode<Event, Accumulator, Result>(
  aggregate: Aggregator<Event, Accumulator, Result>,
  accumulator: Accumulator,
): Uint8Array {
  const writer = new ByteWriter();
  aggregate.encode(accumulator, writer);
  return writer.finish();
}

/** Merges stored forms into one accumulator, in the order given. */
export function merge<Event, Accumulator, Result>(
  aggregate: Aggregator<Event, Accumulator, Result>,
  stored: Iterable<Uint8Array>,
): Accumulator {
  const into = aggregate.init();
  for (const bytes of stored) {
    const reader = new ByteReader(bytes);
    aggregate.decodeInto(reader, into);
    if (!reader.isAtEnd) throw new Error('the codec did not read all that it wrote');
  }
  return into;
}
