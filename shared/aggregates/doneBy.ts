/** Which of a few things each id did. */
import { JobDefinitionError } from '../errors.ts';
import { type CompactId, compactId, compareCodePoints, NOT_UTF8 } from '../model/ids.ts';
import type { Aggregator } from './aggregator.ts';
import { readIds, writeIds } from './idRuns.ts';

/** By id, a bit for each thing. */
type DoneBits = Map<CompactId, number>;
/** By all that an id did, how many ids did just that. */
export type DoneCounts = ReadonlyMap<string, number>;

/** A bit each, in 32. */
const THINGS_MAX = 30;
const AND = '+';

/**
 * How many different ids did which of a few things: a map from all that an id did, as names with a `+` between them in code point order, to how
 * many ids did just that. `having` says how many did some of it. An event may be several things, or none: then its id counts for nothing.
 *
 * State: an entry an id: of whole numbers below 10^15 the gap to the one before, a byte or two; of other ids their text; and a byte for what it did.
 * Exact: yes.
 * @param idOf the id of an event: text that UTF-8 can store; another one makes the event a dead letter
 * @param things what an id may do, at most 30, by their names, which have no `+`
 * @example doneBy((view: View) => view.userId, { readA: (view: View) => view.page === '/a', readB: (view: View) => view.page === '/b' })
 */
export function doneBy<Event>(
  idOf: (event: Event) => string,
  things: Readonly<Record<string, (event: Event) => boolean>>,
): Aggregator<Event, DoneBits, DoneCounts> {
  const list = Object.entries(things).sort(([a], [b]) => compareCodePoints(a, b));
  const names = list.map(([name]) => name);
  checkNames(names);
  const bitsOf = (event: Event): number =>
    list.reduce((bits, [, isDone], place) => (isDone(event) ? bits | (1 << place) : bits), 0);
  const namesOf = (bits: number): string =>
    names.filter((_, place) => (bits & (1 << place)) !== 0).join(AND);
  return {
    codec: `doneBy(${names.join(', ')})`,
    init: () => new Map(),
    add(into, event) {
      const id = compactId(idOf(event));
      if (typeof id === 'string' && !id.isWellFormed()) throw new RangeError(NOT_UTF8);
      const bits = bitsOf(event);
      if (bits !== 0) into.set(id, (into.get(id) ?? 0) | bits);
    },
    result(done) {
      const counts = new Map<number, number>();
      for (const bits of done.values()) counts.set(bits, (counts.get(bits) ?? 0) + 1);
      const named = [...counts].map(([bits, count]) => [namesOf(bits), count] as const);
      return new Map(named.sort(([a], [b]) => compareCodePoints(a, b)));
    },
    encode(done, writer) {
      const ids = writeIds(done.keys(), done.size, writer);
      for (const id of ids) writer.unsigned(done.get(id) as number);
    },
    decodeInto(reader, into) {
      const ids = readIds(reader);
      for (const id of ids) into.set(id, (into.get(id) ?? 0) | reader.unsigned());
    },
  };
}

function checkNames(names: readonly string[]): void {
  const odd = names.find((name) => name === '' || name.includes(AND));
  if (odd !== undefined) {
    throw new JobDefinitionError(`doneBy: the name "${odd}" is empty or has a ${AND}; give others`);
  }
  if (names.length > 0 && names.length <= THINGS_MAX) return;
  throw new JobDefinitionError(`doneBy: ${names.length} things; give from 1 to ${THINGS_MAX}`);
}

/**
 * How many ids did all of these things, whatever else they did: for `result`, of what `doneBy` counted.
 *
 * State: none.
 * Exact: yes.
 * @param counts the result of `doneBy`
 * @param names what they did
 * @example having(new Map([['bought', 1], ['bought+viewed', 2], ['viewed', 4]]), 'viewed')
 */
export function having(counts: DoneCounts, ...names: readonly string[]): number {
  let ids = 0;
  for (const [done, count] of counts) {
    const all = done.split(AND);
    if (names.every((name) => all.includes(name))) ids += count;
  }
  return ids;
}
