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
 *
 * What is released makes one history per key, from which the alerts follow.
 */
import type { PatternAnalysis, Taken } from '../analyses/analysis.ts';
import {
  type ExpectedBasis,
  type ExpectedLane,
  type LaneContents,
  LaneReader,
  type Reading,
  type Standing,
} from './lanes.ts';
import type { ExpectedEmission } from './windows.ts';

export interface ExpectedPatterns extends ExpectedBasis {
  readonly kind: 'pattern';
  readonly alerts: readonly ExpectedEmission[];
  /** How often W moved past what was held because of a gap between arrivals. */
  readonly idleJumps: number;
  /** Events that were accepted, and dead once they were released. */
  readonly buried: number;
}

export function expectedPatterns(
  analysis: PatternAnalysis,
  options: { idleAfter: number; stateRetention: number },
  reading: Reading,
): ExpectedPatterns {
  const histories = new Histories(analysis, options.stateRetention);
  const reader = new LaneReader(analysis, reading);
  let held: Standing[] = [];
  let lastArrival: number | undefined;
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

  reader.readAll({
    redriven: 'byLane',
    onLane(lane, { parents }: LaneContents) {
      held = [];
      lastArrival = undefined;
      lane.watermark = reader.watermarkAfter(parents);
    },
    onRecord(lane, arrival) {
      if (lastArrival !== undefined && arrival - lastArrival >= options.idleAfter) {
        if (held.length > 0) idleJumps += 1;
        jump(lane);
      }
      lastArrival = arrival;
    },
    judge(standing) {
      const { event, watermark } = standing;
      if (!analysis.accepts(event)) return { outcome: 'filtered' };
      if (event.timestamp < watermark) return { outcome: 'late' };
      held.push(standing);
      return { outcome: 'accepted' };
    },
    onMoved: release,
    afterLane: jump,
  });
  return {
    kind: 'pattern',
    lanes: reader.lanes,
    side: reader.side,
    alerts: histories.alerts(),
    idleJumps,
    buried,
  };
}

/** What was released, per key, in order. */
class Histories {
  readonly #analysis: PatternAnalysis;
  readonly #stateRetention: number;
  readonly #byKey = new Map<string, Taken[]>();
  /** Histories that ended because nothing of their key arrived for too long. */
  readonly #ended: Taken[][] = [];

  constructor(analysis: PatternAnalysis, stateRetention: number) {
    this.#analysis = analysis;
    this.#stateRetention = stateRetention;
  }

  add(standing: Taken): void {
    const key = this.#analysis.keyOf(standing.event);
    const history = this.#byKey.get(key) ?? [];
    const lastArrival = Math.max(...history.map(({ arrival }) => arrival));
    if (standing.arrival - lastArrival > this.#stateRetention) {
      this.#ended.push(history);
      this.#byKey.set(key, [standing]);
      return;
    }
    history.push(standing);
    this.#byKey.set(key, history);
  }

  alerts(): ExpectedEmission[] {
    return [...this.#ended, ...this.#byKey.values()].flatMap((history) => [
      ...this.#analysis.alerts(history),
    ]);
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
