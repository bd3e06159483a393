/** What the source's own `decode` makes of data. */
import { messageOf } from '../errors.ts';
import { withPlace } from '../model/throwPlace.ts';
import type { Entry } from './entry.ts';
import { encodeDecoded, isOwnEnvelope } from './envelopes.ts';
import { controlEntry, damagedEntry, type Origin, readableEntry } from './origin.ts';

const PROBLEM_LENGTH_MAX = 500;

/**
 * Undefined where `decode` says that the data are of another format, and where they are an envelope of the engine's own.
 * An event that is all of the data is kept as it came. One of several is kept as JSON in an envelope: put back, it comes alone.
 */
export function decodeAs(
  origin: Origin,
  data: Uint8Array,
  first: number,
): Iterable<Entry> | undefined {
  if (isOwnEnvelope(data)) return undefined;
  try {
    const events = origin.decoding.reading.decode?.(data);
    if (events === undefined) return undefined;
    if (events.length === 0) return [controlEntry(origin, first, data)];
    if (events.length === 1) return [readableEntry(origin, first, data, events[0])];
    const raws = events.map(encodeDecoded);
    return eventEntries(origin, first, events, raws);
  } catch (error) {
    const what = messageOf(error).toWellFormed();
    const problem = `the source's decode threw: ${what.slice(0, PROBLEM_LENGTH_MAX)}`;
    return [damagedEntry(origin, first, data, withPlace(problem, error))];
  }
}

function* eventEntries(
  origin: Origin,
  first: number,
  events: readonly unknown[],
  raws: readonly string[],
): Iterable<Entry> {
  for (const [i, event] of events.entries()) {
    yield readableEntry(origin, first + i, raws[i] ?? '', event);
  }
}
