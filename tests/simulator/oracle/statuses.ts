/**
 * The oracle of status jobs: it gathers all events of each key, whatever their order, and asks the analysis how things
 * stand at the watermark. No event is ever late, and one that cannot be merged is dead, but moves W like any other.
 */
import type { RowContent, StatusAnalysis, Taken } from '../analyses/analysis.ts';
import type { Edges } from './edges.ts';
import {
  type ExpectedBasis,
  type Judgement,
  LaneReader,
  type Reading,
  type Standing,
} from './lanes.ts';

export interface ExpectedStatuses extends ExpectedBasis {
  readonly kind: 'status';
  readonly rows: ReadonlyMap<
    string,
    { readonly content: RowContent; readonly lastArrival: number }
  >;
}

/** The rows at a job watermark: in the end it has passed everything. */
export function expectedStatuses(
  analysis: StatusAnalysis,
  options: { watermark: number; stateRetention: number },
  reading: Reading,
): ExpectedStatuses {
  const taken: Standing[] = [];
  const judge = (standing: Standing): Judgement => {
    if (!analysis.accepts(standing.event)) return { outcome: 'filtered' };
    if (standing.throws) return { outcome: 'dead', movesClock: true };
    taken.push(standing);
    return { outcome: 'accepted' };
  };
  const reader = new LaneReader(analysis, reading);
  reader.readAll({ redriven: 'byLane', keys: 'anyShard', judge });
  const byKey = Map.groupBy(taken, ({ event }) => analysis.keyOf(event));
  const rows = [...byKey].map(([key, all]) => {
    noteEdges(reader.edges, all, analysis.horizon);
    const kept = lastLife(all, options.stateRetention);
    const content = analysis.row(
      kept.map(({ event }) => event),
      options.watermark,
    );
    return [
      key,
      { content, lastArrival: Math.max(...kept.map(({ arrival }) => arrival)) },
    ] as const;
  });
  const { lanes, side, edges } = reader;
  return { kind: 'status', lanes, side, edges, rows: new Map(rows) };
}

const OVER = {
  on: 'event of a key just as its wait is over',
  before: 'event of a key a millisecond before its wait is over',
};

function noteEdges(edges: Edges, events: readonly Taken[], wait: number): void {
  const times = new Set(events.map(({ event }) => event.timestamp));
  for (const at of times) {
    if (times.has(at + wait)) edges.note(0, OVER);
    if (times.has(at + wait - 1)) edges.note(-1, OVER);
  }
}

/** A key that no record touched for so long starts anew. */
function lastLife(events: readonly Taken[], stateRetention: number): readonly Taken[] {
  const sorted = [...events].sort((a, b) => a.arrival - b.arrival);
  const from = sorted.findLastIndex(
    ({ arrival }, i) => arrival - (sorted[i - 1]?.arrival ?? arrival) > stateRetention,
  );
  return sorted.slice(Math.max(0, from));
}
