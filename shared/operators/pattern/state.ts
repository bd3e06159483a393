/**
 * The partial matches of one key, as they are stored: plain JSON, each event once.
 *
 * 1. An event is kept exactly as long as a partial match has taken it, and once for all that have. A
 *    partial match names its events by index, in runs: `[0, 2, 5, 5]` are the events 0, 1, 2 and 5.
 * 2. Events are in the order in which they were taken, partial matches in the order of their first events.
 * 3. How far a partial match has come is how many events it has taken; nothing else is stored about it.
 * 4. What a key may hold is limited (`OPEN_MATCHES_MAX`, `STATE_BYTES_MAX`), whatever its events do: an item
 *    that could not be written would block its shard.
 */
import { PoisonEventError } from '../../errors.ts';
import type { EventTime } from '../../model/time.ts';

/** Partial matches open at once for one key. */
export const OPEN_MATCHES_MAX = 1_000;
/** Stored size for one key, half of what an item can hold: the events' JSON in UTF-8, and the indexes. */
export const STATE_BYTES_MAX = 200_000;
/** An index takes up to three digits and its share of commas and brackets. */
const INDEX_BYTES = 5;

/** An event as it is stored; `bytes` is its share of the state's size. */
export type KeptEvent = readonly [at: EventTime, position: string, event: unknown, bytes: number];

export interface PatternState {
  readonly events: readonly KeptEvent[];
  /** First and last index of each run of events, flat. */
  readonly partial: readonly (readonly number[])[];
}

/** The events a partial match has taken, in order; at least one. */
export type PartialMatch = readonly KeptEvent[];

/**
 * The event as it will be stored and read again, also where it is needed at once: what a match is made of must not depend
 * on where batches end. Its own size and two commas come on top of its JSON.
 */
export function keptEvent(at: EventTime, position: string, event: unknown): KeptEvent {
  const stored = JSON.stringify([at, position, event]);
  const [, , plain] = JSON.parse(stored) as [number, string, unknown];
  return [at, position, plain, Buffer.byteLength(stored) + 8];
}

export function partialMatches(state: PatternState | undefined): PartialMatch[] {
  return (state?.partial ?? []).map((runs) => {
    const taken: KeptEvent[] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [first = 0, last = 0] = runs.slice(i, i + 2);
      taken.push(...(state?.events.slice(first, last + 1) ?? []));
    }
    return taken;
  });
}

/**
 * The state that holds these partial matches; undefined when there are none.
 * @param events all that may have been taken, in order; only those that were are kept.
 */
export function stateOf(
  events: readonly KeptEvent[],
  partial: readonly PartialMatch[],
): PatternState | undefined {
  if (partial.length === 0) return undefined;
  const taken = new Set(partial.flat());
  const kept = events.filter((event) => taken.has(event));
  const indexes = new Map(kept.map((event, index) => [event, index]));
  return { events: kept, partial: partial.map((match) => runsOf(match, indexes)) };
}

/** @throws PoisonEventError where it is more than a key may hold. */
export function assertWithinLimits(state: PatternState | undefined): void {
  const { partial } = state ?? { partial: [] };
  if (partial.length > OPEN_MATCHES_MAX) {
    throw new PoisonEventError(
      `its key has ${OPEN_MATCHES_MAX} partial matches of the pattern open, which is the most; they end when they match, break or time out`,
    );
  }
  const bytes = bytesOf(state);
  if (bytes > STATE_BYTES_MAX) {
    throw new PoisonEventError(
      `the partial matches of its key would take ${bytes} bytes; ${STATE_BYTES_MAX} is the most`,
    );
  }
}

/** What it takes as it is stored, about. */
export function bytesOf(state: PatternState | undefined): number {
  if (!state) return 0;
  const indexes = state.partial.reduce((sum, runs) => sum + runs.length, 0) * INDEX_BYTES;
  return state.events.reduce((sum, [, , , size]) => sum + size, 0) + indexes;
}

function runsOf(match: PartialMatch, indexes: ReadonlyMap<KeptEvent, number>): number[] {
  const runs: number[] = [];
  for (const event of match) {
    const index = indexes.get(event) ?? 0;
    if (runs.at(-1) === index - 1) runs[runs.length - 1] = index;
    else runs.push(index, index);
  }
  return runs;
}
