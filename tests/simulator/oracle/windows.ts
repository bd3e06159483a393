/**
 * The oracle of window jobs: a naive batch program that keeps every event of every window in a list. It knows
 * nothing of slices, batches, commits or pages, and uses nothing of the engine.
 *
 * - Where there is a gate, a child shard's lane starts with the greatest W that its parents ended with.
 * - A gate decides first, in stream order, per key: so many pass, the next is an alert, it and all later ones are
 *   filtered. A key that no record touched for `stateRetention` starts anew.
 * - An event counts in each of its windows whose `end + lateness` is above its own lane's W just before it;
 *   it is late when there is none. A redriven event is judged by the W that its origin met.
 * - An event that throws in the job's own code is dead and moves nothing.
 * - The job's aggregate sees only events that are neither filtered nor late.
 */
import type { ExpectedAlert, GateRules, WindowAnalysis } from '../analyses/analysis.ts';
import type { StreamEvent } from '../truth.ts';
import type { Edges } from './edges.ts';
import {
  type ExpectedBasis,
  LaneReader,
  type Outcome,
  type Reading,
  type Standing,
} from './lanes.ts';

/** An alert, and the event that brought it about. */
export interface ExpectedEmission {
  readonly alert: ExpectedAlert;
  readonly by: Pick<Standing, 'event' | 'lane' | 'position'>;
  /** Where not the event but time brings it about: how far W must have come. */
  readonly due?: number;
}

export interface ExpectedWindows extends ExpectedBasis {
  readonly kind: 'window';
  /** All events of a window, by its end (ms). */
  readonly windows: ReadonlyMap<number, readonly StreamEvent[]>;
  /** Events that only some of their windows took. */
  readonly inEditions: number;
  readonly alerts: readonly ExpectedEmission[];
  /** Events that a gate let pass, late ones included. */
  readonly passed: number;
}

export function expectedWindows(
  analysis: WindowAnalysis,
  stateRetention: number,
  reading: Reading,
): ExpectedWindows {
  const reader = new LaneReader(analysis, reading);
  const windows = new Windows(analysis, reader.edges);
  const gate = analysis.gate && new GateOracle(analysis.gate, stateRetention, reader.edges);

  function outcomeOf(standing: Standing): Outcome {
    const { event, throws } = standing;
    if (!analysis.accepts(event)) return 'filtered';
    if (!gate) return windows.place(standing);
    // Where there is a gate, it is the gate that throws.
    if (throws) return 'dead';
    return gate.lets(standing) ? windows.place(standing) : 'filtered';
  }

  reader.readAll({
    redriven: 'byOrigin',
    keys: gate ? 'ownShard' : 'anyShard',
    onLane: (lane, { parents }) => {
      if (gate) lane.watermark = reader.watermarkAfter(parents);
    },
    judge: (standing) => ({ outcome: outcomeOf(standing) }),
  });
  return {
    kind: 'window',
    lanes: reader.lanes,
    side: reader.side,
    edges: reader.edges,
    windows: windows.byEnd,
    inEditions: windows.inEditions,
    alerts: gate?.alerts ?? [],
    passed: gate?.passed ?? 0,
  };
}

const FINAL = {
  on: 'event just as its window takes no more',
  before: 'event a millisecond before its window takes no more',
};
export const FORGOTTEN = {
  on: 'key met a millisecond before it is forgotten',
};

class Windows {
  readonly byEnd = new Map<number, StreamEvent[]>();
  inEditions = 0;
  readonly #analysis: WindowAnalysis;
  readonly #edges: Edges;

  constructor(analysis: WindowAnalysis, edges: Edges) {
    this.#analysis = analysis;
    this.#edges = edges;
  }

  /** Counts the event in the windows that still take it. */
  place({ event, watermark, throws }: Standing): Outcome {
    const ends = this.#endsFor(event.timestamp);
    const open = ends.filter((end) => end + this.#analysis.lateness > watermark);
    for (const end of ends) this.#edges.note(watermark - end - this.#analysis.lateness, FINAL);
    if (open.length === 0) return 'late';
    if (throws) return 'dead';
    if (open.length < ends.length) this.inEditions += 1;
    for (const end of open) {
      const events = this.byEnd.get(end) ?? [];
      this.byEnd.set(end, events);
      events.push(event);
    }
    return 'accepted';
  }

  #endsFor(timestamp: number): number[] {
    const { size, slide, offset } = this.#analysis;
    const ends: number[] = [];
    let start = Math.floor((timestamp - offset) / slide) * slide + offset;
    for (; start + size > timestamp; start -= slide) ends.push(start + size);
    return ends;
  }
}

class GateOracle {
  readonly alerts: ExpectedEmission[] = [];
  passed = 0;
  readonly #rules: GateRules;
  readonly #edges: Edges;
  readonly #stateRetention: number;
  readonly #keys = new Map<string, { passed: number; isBlocked: boolean; touchedAt: number }>();

  constructor(rules: GateRules, stateRetention: number, edges: Edges) {
    this.#edges = edges;
    this.#rules = rules;
    this.#stateRetention = stateRetention;
  }

  lets(standing: Standing): boolean {
    const { event, arrival } = standing;
    const name = this.#rules.keyOf(event);
    const known = this.#keys.get(name);
    if (known) this.#edges.note(arrival - known.touchedAt - this.#stateRetention, FORGOTTEN);
    const isKept = known !== undefined && arrival - known.touchedAt <= this.#stateRetention;
    const key = isKept ? known : { passed: 0, isBlocked: false, touchedAt: arrival };
    key.touchedAt = Math.max(arrival, key.touchedAt);
    this.#keys.set(name, key);
    if (key.passed < this.#rules.limit) {
      key.passed += 1;
      this.passed += 1;
      return true;
    }
    if (!key.isBlocked) this.alerts.push({ alert: this.#rules.alert(event), by: standing });
    key.isBlocked = true;
    return false;
  }
}
