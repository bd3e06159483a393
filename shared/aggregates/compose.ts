/**
 * Aggregators made of aggregators: several side by side, or one per group. Owns the order in which parts and groups are
 * stored; how each is stored is up to its own aggregator.
 */
import { compareCodePoints, NOT_UTF8 } from '../model/ids.ts';
import type { Aggregator } from './aggregator.ts';

// biome-ignore lint/suspicious/noExplicitAny: infers the parts' own types below; nothing is ever `any`.
type Parts<Event> = Readonly<Record<string, Aggregator<Event, any, any>>>;
type EventOf<P> = P extends Parts<infer Event> ? Event : never;
type Accumulators<P> = {
  readonly [K in keyof P]: P[K] extends Aggregator<never, infer A, unknown> ? A : never;
};
type Results<P> = {
  readonly [K in keyof P]: P[K] extends Aggregator<never, unknown, infer R> ? R : never;
};

/**
 * Several aggregates of the same events, by name.
 *
 * State: that of its parts, one behind the other.
 * Exact: as its parts are.
 * @param parts aggregators by the names that their results have
 * @example combine({ views: count(), readers: distinct((view: View) => view.userId) })
 */
export function combine<Event, P extends Parts<Event> = Parts<Event>>(
  parts: P,
): Aggregator<Event & EventOf<P>, Accumulators<P>, Results<P>> {
  const entries = Object.entries(parts).sort(([a], [b]) => compareCodePoints(a, b));
  type Open = Record<string, unknown>;
  return {
    codec: `{${entries.map(([name, part]) => `${name}: ${part.codec}`).join(', ')}}`,
    init: () =>
      Object.fromEntries(entries.map(([name, part]) => [name, part.init()])) as Accumulators<P>,
    add(into, event) {
      for (const [name, part] of entries) part.add((into as Open)[name], event);
    },
    result: (from) =>
      Object.fromEntries(
        entries.map(([name, part]) => [name, part.result((from as Open)[name])]),
      ) as Results<P>,
    encode(from, writer) {
      for (const [name, part] of entries) part.encode((from as Open)[name], writer);
    },
    decodeInto(reader, into) {
      for (const [name, part] of entries) part.decodeInto(reader, (into as Open)[name]);
    },
  };
}

/**
 * One aggregate for each group of events; the result is a map of the groups that occurred, in code point order.
 *
 * State: the name of each group and the state of its aggregate.
 * Exact: as the inner aggregate is.
 * @param groupOf the group of an event: text that UTF-8 can store; another one makes the event a dead letter
 * @param inner what is computed of each group; may be grouped again
 * @example grouped((view: View) => view.page, count())
 */
export function grouped<Event, Accumulator, Result>(
  groupOf: (event: Event) => string,
  inner: Aggregator<Event, Accumulator, Result>,
): Aggregator<Event, Map<string, Accumulator>, ReadonlyMap<string, Result>> {
  const accumulatorOf = (groups: Map<string, Accumulator>, name: string): Accumulator => {
    const existing = groups.get(name);
    if (existing !== undefined) return existing;
    if (!name.isWellFormed()) throw new RangeError(NOT_UTF8);
    const fresh = inner.init();
    groups.set(name, fresh);
    return fresh;
  };
  const sorted = (groups: Map<string, Accumulator>) =>
    [...groups].sort(([a], [b]) => compareCodePoints(a, b));
  return {
    codec: `grouped(${inner.codec})`,
    init: () => new Map(),
    add: (into, event) => inner.add(accumulatorOf(into, groupOf(event)), event),
    result: (groups) => new Map(sorted(groups).map(([name, each]) => [name, inner.result(each)])),
    encode(groups, writer) {
      writer.unsigned(groups.size);
      for (const [name, each] of sorted(groups)) {
        writer.text(name);
        inner.encode(each, writer);
      }
    },
    decodeInto(reader, into) {
      for (let left = reader.unsigned(); left > 0; left -= 1) {
        inner.decodeInto(reader, accumulatorOf(into, reader.text()));
      }
    },
  };
}
