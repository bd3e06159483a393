/**
 * What each job under simulation should answer, written down once more and as plainly as possible, for the
 * oracle. Nothing of the engine is used here.
 */
import { type Behavior, MENDED_BEHAVIOR, UNKNOWN_BEHAVIOR } from './truth.ts';

/** All in milliseconds. */
export interface Analysis {
  readonly size: number;
  readonly slide: number;
  readonly offset: number;
  readonly lateness: number;
  readonly outOfOrderness: number;
  readonly maxFutureSkew: number;
  accepts(event: Behavior): boolean;
  /** The rows of a window with these events (at least one), by partition key. */
  rows(events: readonly Behavior[]): readonly ExpectedRow[];
}

type Plain = string | number | boolean | readonly Plain[] | { readonly [name: string]: Plain };

export interface ExpectedRow {
  readonly key: string;
  /** The job's own attributes but the key. */
  readonly content: { readonly [attribute: string]: Plain };
}

/** The event as a mended job reads it. */
export const mendedEvent = (event: Behavior): Behavior =>
  event.behavior === UNKNOWN_BEHAVIOR ? { ...event, behavior: MENDED_BEHAVIOR } : event;

export const boards =
  (top: number) =>
  (events: readonly Behavior[]): ExpectedRow[] =>
    [...groupedBy(events, (event) => event.behavior)].flatMap(([behavior, some]) => [
      { key: `items:${behavior}`, content: ranking(some, (event) => event.itemId, top) },
      { key: `categories:${behavior}`, content: ranking(some, (event) => event.categoryId, top) },
    ]);

export function traffic(events: readonly Behavior[]): ExpectedRow[] {
  const uv = new Set(events.map((event) => event.userId)).size;
  return [{ key: 'all', content: { pv: events.length, uv } }];
}

export function sums(events: readonly Behavior[]): ExpectedRow[] {
  return [...groupedBy(events, (event) => event.categoryId)].map(([key, some]) => ({
    key,
    content: { total: some.reduce((total, event) => total + event.itemId.length, 0) },
  }));
}

export function ranking(
  events: readonly Behavior[],
  idOf: (event: Behavior) => string,
  top: number,
): ExpectedRow['content'] {
  const counts = [...groupedBy(events, idOf)].map(([id, some]) => ({ id, count: some.length }));
  counts.sort((a, b) => b.count - a.count || compareIds(a.id, b.id));
  return {
    ranking: counts.slice(0, top).map(({ id, count }, i) => ({ rank: i + 1, id, count })),
    events: events.length,
    keys: counts.length,
  };
}

function groupedBy(
  events: readonly Behavior[],
  keyOf: (event: Behavior) => string,
): Map<string, Behavior[]> {
  const groups = new Map<string, Behavior[]>();
  for (const event of events) {
    const group = groups.get(keyOf(event));
    if (group) group.push(event);
    else groups.set(keyOf(event), [event]);
  }
  return groups;
}

/** Integers as numbers, everything else by code point. */
function compareIds(a: string, b: string): number {
  const areIntegers = /^\d+$/.test(a) && /^\d+$/.test(b);
  return areIntegers ? Number(a) - Number(b) : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
