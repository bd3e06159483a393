/**
 * The oracle of pattern jobs. Per lane, in the shard's order:
 *
 * - An event with a time below W is late; every other is held, and counts as accepted.
 * - What is held is released in order of time and position, once its time is below W.
 * - Where a record arrives `idleAfter` or more after the one before it, W first moves 1 ms past the greatest time
 *   held. So it does at the end of a closed shard, and on a lane that stays silent.
 * - A child shard's lane starts with the greatest W that its parents ended with.
 * - A redriven event is judged by the lane's own W, because the past cannot be put in order any more.
 * - An event on which the job's code throws when it is released is dead from then on.
 * - Where the end of the input is announced, everything is let go on every lane that goes on: W moves 1 ms past what is
 *   held, and to the time at which the last match is given up, whether or not it came about.
 *
 * What is released makes one history per key, from which the alerts follow. A match that never came about is given up
 * when W of the key's last lane has come to its time, and before any event of that time; not when the key was forgotten first.
 * A key is forgotten for a record that arrives too long after the last one that something was remembered of.
 */
import type { PatternAnalysis, Taken } from '../analyses/analysis.ts';
import type { Edges } from './edges.ts';
import {
  type ExpectedBasis,
  type ExpectedLane,
  type LaneContents,
  LaneReader,
  type Reading,
  type Standing,
} from './lanes.ts';
import { type ExpectedEmission, FORGOTTEN } from './windows.ts';

export interface ExpectedPatterns extends ExpectedBasis {
  readonly kind: 'pattern';
  readonly alerts: readonly ExpectedEmission[];
  /** Matches that were given up. */
  readonly timeOuts: readonly ExpectedEmission[];
  /** How often W moved past what was held because of a gap between arrivals. */
  readonly idleJumps: number;
  /** Events that were accepted, and dead once they were released. */
  readonly buried: number;
}

export function expectedPatterns(
  analysis: PatternAnalysis,
  options: { idleAfter: number; stateRetention: number; inputEnds: readonly number[] },
  reading: Reading,
): ExpectedPatterns {
  const reader = new LaneReader(analysis, reading);
  const histories = new Histories(analysis, options.stateRetention, reader.edges);
  let held: Standing[] = [];
  let lastArrival: number | undefined;
  let endsMet = 0;
  let idleJumps = 0;
  let buried = 0;

  function release(lane: ExpectedLane): void {
    const due = held.filter(({ event }) => event.timestamp < lane.watermark).sort(byTime);
    if (due.length === 0) return;
    held = held.filter(({ event }) => event.timestamp >= lane.watermark);
    for (const standing of due) {
      if (standing.event.flaw !== 'poison') histories.add(standing);
      else {
        buried += 1;
        reader.bury(standing, standing.event.timestamp + 1);
      }
    }
  }

  /** Moves W past everything held. */
  function jump(lane: ExpectedLane): void {
    const greatest = Math.max(...held.map(({ event }) => event.timestamp));
    lane.watermark = Math.max(lane.watermark, greatest + 1);
    release(lane);
  }

  /** The input was said to end before this arrival, and the lane had begun and not ended. */
  function endInput(lane: ExpectedLane, arrival: number, contents: LaneContents): void {
    for (; (options.inputEnds[endsMet] ?? arrival) < arrival; endsMet += 1) {
      const end = options.inputEnds[endsMet] as number;
      if (!hasBegun(reading, contents, end) || hasChildren(reading, contents, end)) continue;
      jump(lane);
      lane.watermark = Math.max(lane.watermark, histories.giveUp(contents));
    }
  }

  reader.readAll({
    redriven: 'byLane',
    keys: 'ownShard',
    onLane(lane, { parents }: LaneContents) {
      held = [];
      endsMet = 0;
      lastArrival = undefined;
      lane.watermark = reader.watermarkAfter(parents);
    },
    onRecord(lane, arrival, contents) {
      endInput(lane, arrival, contents);
      if (held.length > 0)
        reader.edges.note(arrival - Number(lastArrival) - options.idleAfter, IDLE);
      if (lastArrival !== undefined && arrival - lastArrival >= options.idleAfter) {
        if (held.length > 0) idleJumps += 1;
        jump(lane);
      }
      // Of records that overtook each other, the later one counts.
      lastArrival = Math.max(arrival, lastArrival ?? arrival);
    },
    judge(standing) {
      const { event, watermark } = standing;
      if (!analysis.accepts(event)) return { outcome: 'filtered' };
      reader.edges.note(event.timestamp - watermark, BEHIND);
      if (event.timestamp < watermark) return { outcome: 'late' };
      held.push(standing);
      return { outcome: 'accepted' };
    },
    onMoved: release,
    afterLane(lane, contents) {
      endInput(lane, Number.POSITIVE_INFINITY, contents);
      jump(lane);
    },
  });
  return {
    kind: 'pattern',
    lanes: reader.lanes,
    side: reader.side,
    edges: reader.edges,
    alerts: histories.alerts(),
    timeOuts: histories.timeOuts((key) => reachedFor(key, reader, reading)),
    idleJumps,
    buried,
  };
}

/** How far the last lane came that had the key. */
function reachedFor(key: string, { lanes }: LaneReader, reading: Reading): number {
  const last = reading.lanes.findLast(
    (each) => each.takes(key) && hasBegun(reading, each, Number.POSITIVE_INFINITY),
  );
  return lanes.get(last?.lane ?? '')?.watermark ?? Number.NEGATIVE_INFINITY;
}

const IDLE = {
  on: 'record just as its shard is idle',
  before: 'record a millisecond before its shard is idle',
};
const BEHIND = { on: 'event just at W', before: 'event a millisecond behind W' };
const TOO_LONG = {
  on: 'event just as a match is given up',
  before: 'event a millisecond before a match is given up',
};

/** A lane begins with its first record, or once its shard is there and its parents have ended. */
const hasBegun = (
  reading: Reading,
  { records, parents, openedAt = Number.POSITIVE_INFINITY }: LaneContents,
  by: number,
): boolean =>
  (records[0]?.arrival ?? Number.POSITIVE_INFINITY) <= by ||
  (openedAt <= by &&
    reading.lanes.some((each) => parents.includes(each.lane) && hasBegun(reading, each, by)));

/** A lane has ended where its shard was closed by then: whoever announces the end of an input sees to that first. */
const hasChildren = (reading: Reading, { lane }: LaneContents, by: number): boolean =>
  reading.lanes.some(
    ({ parents, openedAt, records }) =>
      parents.includes(lane) && (openedAt ?? records[0]?.arrival ?? Number.POSITIVE_INFINITY) <= by,
  );

interface History {
  readonly events: readonly Taken[];
  /** What was still open then was forgotten, or given up. */
  readonly openUntil: number;
}

/** What was released, per key, in order. */
class Histories {
  readonly #analysis: PatternAnalysis;
  readonly #stateRetention: number;
  readonly #edges: Edges;
  readonly #byKey = new Map<string, Taken[]>();
  /** By key, the latest arrival since something of it is remembered. */
  readonly #arrivals = new Map<string, number>();
  /** Histories that ended, because nothing of their key arrived for too long or nothing was to come. */
  readonly #ended: History[] = [];

  constructor(analysis: PatternAnalysis, stateRetention: number, edges: Edges) {
    this.#analysis = analysis;
    this.#edges = edges;
    this.#stateRetention = stateRetention;
  }

  add(standing: Taken): void {
    const key = this.#analysis.keyOf(standing.event);
    const history = this.#byKey.get(key) ?? [];
    const isRemembered = this.#analysis.remembers(history, standing.event.timestamp);
    const lastArrival = isRemembered ? Number(this.#arrivals.get(key)) : Number.NEGATIVE_INFINITY;
    this.#arrivals.set(key, Math.max(standing.arrival, lastArrival));
    this.#edges.note(standing.arrival - lastArrival - this.#stateRetention, FORGOTTEN);
    for (const { event } of history) {
      const apart = standing.event.timestamp - event.timestamp;
      this.#edges.note(apart - this.#analysis.horizon, TOO_LONG);
    }
    if (standing.arrival - lastArrival > this.#stateRetention) {
      this.#ended.push({ events: history, openUntil: standing.event.timestamp });
      this.#byKey.set(key, [standing]);
      return;
    }
    history.push(standing);
    this.#byKey.set(key, history);
  }

  /** Ends the histories of the lane's keys. Gives the time at which the last of all their matches is given up. */
  giveUp({ takes, lane }: LaneContents): number {
    for (const [key, events] of this.#byKey) {
      if (!takes(key)) continue;
      this.#ended.push({ events, openUntil: Number.POSITIVE_INFINITY });
      this.#byKey.delete(key);
    }
    const begun = this.#ended.flatMap(({ events }) => this.#analysis.begun?.(events) ?? []);
    // A lane knows nothing of what ended on those that its shard came from.
    const own = begun.filter(
      ({ by, ended }) =>
        takes(this.#analysis.keyOf(by.event)) &&
        (by.lane === lane || ended === undefined || ended.lane === lane),
    );
    return Math.max(...own.map(({ due }) => due));
  }

  alerts(): ExpectedEmission[] {
    return [...this.#ended.map(({ events }) => events), ...this.#byKey.values()].flatMap(
      (events) => [...this.#analysis.alerts(events)],
    );
  }

  timeOuts(reachedFor: (key: string) => number): ExpectedEmission[] {
    const lasting = [...this.#byKey].map(([key, events]) => ({
      events,
      openUntil: reachedFor(key),
    }));
    return [...this.#ended, ...lasting].flatMap(({ events, openUntil }) =>
      (this.#analysis.begun?.(events) ?? []).flatMap(({ by, due, timedOut }) =>
        timedOut && due <= openUntil ? [{ alert: timedOut, by, due }] : [],
      ),
    );
  }
}

function byTime(a: Standing, b: Standing): number {
  return a.event.timestamp - b.event.timestamp || comparePositions(a.position, b.position);
}

function comparePositions(a: string, b: string): number {
  const [aSequence, aIndex] = a.split('/').map(BigInt) as [bigint, bigint];
  const [bSequence, bIndex] = b.split('/').map(BigInt) as [bigint, bigint];
  return Number(aSequence - bSequence) || Number(aIndex - bIndex);
}
