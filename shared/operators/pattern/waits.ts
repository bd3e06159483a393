/**
 * What a function knows of what waits on a lane. All of it is in the log, and may be as much as the stream brings within the
 * out-of-orderness; in memory is only what is let go next. Pure.
 *
 * 1. `near` has all that waits up to `end`, in order, and nothing behind it.
 * 2. `runs` are the commits that brought what waits: a run is over once its last thing is let go.
 */
import {
  type ArrivalTime,
  type EventTime,
  earliest,
  isAfter,
  isBehind,
  type ProcessingTime,
  type Watermark,
} from '../../model/time.ts';
import {
  comparePlaces,
  type Held,
  type HeldTimer,
  isPassed,
  isWaiting,
  type LettingGo,
  type Place,
  placeOf,
} from './held.ts';

/** Things in memory. */
const NEAR_MAX = 20_000;
/** Text of the events among them. */
const NEAR_BYTES_MAX = 8 * 1024 * 1024;

/** A commit that brought something that waits. */
export interface Run {
  readonly slot: number;
  /** When that commit may be deleted. */
  readonly expiresAt: ProcessingTime;
  /** What it brought lies between these. */
  readonly first: Place;
  readonly last: Place;
  /** The least arrival of its events; absent where it brought none. */
  readonly arrivedFrom?: ArrivalTime;
}

/** The commit as a run; undefined where it brings nothing. */
export function runOf(
  slot: number,
  expiresAt: ProcessingTime,
  [some, ...others]: readonly Held[],
): Run | undefined {
  if (!some) return undefined;
  let first: Place = some;
  let last: Place = some;
  let arrivedFrom = arrivalOf(some);
  for (const held of others) {
    if (comparePlaces(held, first) < 0) first = held;
    if (comparePlaces(held, last) > 0) last = held;
    arrivedFrom = earlierOf(arrivedFrom, arrivalOf(held));
  }
  const run = { slot, expiresAt, first: placeOf(first), last: placeOf(last) };
  return arrivedFrom === undefined ? run : { ...run, arrivedFrom };
}

const arrivalOf = (held: Held): ArrivalTime | undefined =>
  held.kind === 'event' ? held.entry.arrival : undefined;

const earlierOf = (a: ArrivalTime | undefined, b: ArrivalTime | undefined) =>
  a === undefined || b === undefined ? (a ?? b) : earliest(a, b);

/** The least arrival of all events that wait; undefined where none does. */
export const arrivedFrom = ({ runs }: Pick<Waits, 'runs'>): ArrivalTime | undefined =>
  runs.reduce<ArrivalTime | undefined>(
    (least, run) => earlierOf(least, run.arrivedFrom),
    undefined,
  );

export interface Waits {
  readonly near: readonly Held[];
  /** Absent where nothing waits behind `near`. */
  readonly end?: Place;
  /** In the order of their slots. */
  readonly runs: readonly Run[];
  /** In the first run, what is at or before this place has been recommitted by a later one. */
  readonly after?: Place;
  /** Of the events that wait for the watermark, the latest. */
  readonly lastEvent?: EventTime;
}

export const NOTHING_WAITS: Waits = { near: [], runs: [] };

/** Characters of text that it keeps in memory. */
export const weightOf = (held: Held): number =>
  held.kind === 'event' ? (held.entry.raw as string).length : 0;

/** With more in memory, in any order: what is too much, or behind `end`, is known from the log alone. */
export function withNear<Known extends Pick<Waits, 'near' | 'end'>>(
  known: Known,
  more: readonly Held[],
): Known {
  const { end } = known;
  const fresh = end ? more.filter((each) => comparePlaces(each, end) <= 0) : more;
  if (fresh.length === 0) return known;
  const near = [...known.near, ...fresh].sort(comparePlaces);
  const fitting = lengthWithin(near);
  if (fitting === near.length) return { ...known, near };
  return { ...known, near: near.slice(0, fitting), end: placeOf(near[fitting - 1] as Held) };
}

function lengthWithin(near: readonly Held[]): number {
  let bytes = 0;
  for (const [length, held] of near.entries()) {
    bytes += weightOf(held);
    if (length === NEAR_MAX || (bytes > NEAR_BYTES_MAX && length > 0)) return length;
  }
  return near.length;
}

/** With events that have just come. */
export function withEvents(waits: Waits, brought: readonly Held[]): Waits {
  const lastEvent = lastEventOf(brought, waits.lastEvent);
  return { ...withNear(waits, brought), ...(lastEvent === undefined ? {} : { lastEvent }) };
}

/** What is due next, in order; where `end` is given, more may be due behind it. */
export interface Due {
  readonly queue: readonly Held[];
  readonly end?: Place;
}

export function dueOf({ near, end }: Waits, watermark: Watermark): Due {
  const queue = near.filter((held) => isPassed(held, watermark));
  return { queue, ...(end && isPassed(end, watermark) ? { end } : {}) };
}

/** What a commit does to what waits. */
export interface Waited extends LettingGo {
  readonly run: Run | undefined;
  /** Time-outs that were set and wait. */
  readonly timers: readonly HeldTimer[];
  /** Where the first run begins, once something is recommitted. */
  readonly from: LogPlace | undefined;
}

/** A place in the runs of a log. */
export interface LogPlace {
  readonly slot: number;
  /** In that slot, what is behind this. */
  readonly after?: Place;
}

/** What waits behind the commit. */
export function waitsAfter(waits: Waits, waited: Waited): Waits {
  const { run, timers, from } = waited;
  const { end, lastEvent } = waits;
  const near = waits.near.filter((held) => isWaiting(held, waited));
  const left = waits.runs.filter(
    ({ slot, last }) => slot >= (from?.slot ?? 0) && isWaiting(last, waited),
  );
  const first = from ?? { slot: waits.runs[0]?.slot, after: waits.after };
  const after = left[0]?.slot === first.slot ? first.after : undefined;
  return {
    ...withNear({ near, ...(end ? { end } : {}) }, timers),
    runs: run ? [...left, run] : left,
    ...(after ? { after } : {}),
    ...(lastEvent !== undefined && !isBehind(lastEvent, waited.watermark) ? { lastEvent } : {}),
  };
}

/** The time of the latest event. */
export function lastEventOf(held: readonly Held[], before?: EventTime): EventTime | undefined {
  let last = before;
  for (const { kind, at } of held) {
    if (kind === 'event' && (last === undefined || isAfter(at, last))) last = at;
  }
  return last;
}
