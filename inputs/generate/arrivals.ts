/** The order in which a stream gets its events: that of arrival, which is not quite that of event time. */
import type { InputEvent } from '../readInput.ts';
import type { Span } from './evening.ts';
import type { Random } from './random.ts';

export interface Arrival {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly event: InputEvent;
}

/** What follows from one cause; nothing of it arrives before `from`. */
export interface Story {
  readonly from: number;
  readonly arrivals: readonly Arrival[];
}

/** One time in each of `count` equal parts of a span, in order. */
export function* timesWithin(
  { fromMs, toMs }: Span,
  count: number,
  random: Random,
): Generator<number> {
  for (let n = 0; n < count; n += 1) yield fromMs + ((n + random()) * (toMs - fromMs)) / count;
}

const PENDING_MIN = 1_000;

/** Events of stories that overlap, in order of arrival. Stories come in order of `from`. */
export function* inArrivalOrder(stories: Iterable<Story>): Generator<InputEvent> {
  let pending: Arrival[] = [];
  let limit = PENDING_MIN;
  for (const { from, arrivals } of stories) {
    if (pending.length >= limit) {
      pending.sort(byArrival);
      const due = pending.findIndex(({ at }) => at >= from);
      const rest = due === -1 ? [] : pending.splice(due);
      yield* pending.map(({ event }) => event);
      pending = rest;
      // Sorting again only when as much has come as was left: the work stays proportional to the events.
      limit = PENDING_MIN + 2 * rest.length;
    }
    pending.push(...arrivals);
  }
  yield* pending.sort(byArrival).map(({ event }) => event);
}

const byArrival = (a: Arrival, b: Arrival): number => a.at - b.at;

/** The first `count` stories' events at least, and then no more stories than they need. */
export function* storiesOf(stories: Iterable<Story>, count: number): Generator<Story> {
  let events = 0;
  for (const story of stories) {
    if (events >= count) return;
    events += story.arrivals.length;
    yield story;
  }
}

export function* first<T>(count: number, from: Iterable<T>): Generator<T> {
  let taken = 0;
  for (const each of from) {
    if (taken === count) return;
    taken += 1;
    yield each;
  }
}
