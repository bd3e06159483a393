/**
 * The oracle of status jobs: it gathers all events of each key, whatever their order, and asks the analysis how things
 * stand at the watermark. One that cannot be merged is dead, but moves W like any other.
 *
 * - Over several streams, a key's events come in any order, and it starts anew where none arrived for `stateRetention`.
 * - On one stream, they come to one shard. A child shard's lane starts with the greatest W that its parents ended with.
 * - Where all keys have rows, no event is late.
 * - Where problems alone have rows, a key that will be none starts anew also once W is more than `remember` past where
 *   it was with the last event of the key. An event more than `lateness` behind W is late where its key has none on time: it is merged, and
 *   no row is shown for it.
 */
import type { RowContent, StatusAnalysis, Taken } from '../analyses/analysis.ts';
import type { Edges } from './edges.ts';
import {
  type ExpectedBasis,
  type Judgement,
  LaneReader,
  type Outcome,
  type Reading,
  type Standing,
} from './lanes.ts';

export interface ExpectedStatusRow {
  readonly content: RowContent;
  readonly lastArrival: number;
  /** Of problems alone: one may be there that is none any more, or that is from before the key started anew. */
  readonly isNeeded: boolean;
  /** What such a row may say. */
  readonly others: readonly RowContent[];
}

export interface ExpectedStatuses extends ExpectedBasis {
  readonly kind: 'status';
  readonly rows: ReadonlyMap<string, ExpectedStatusRow>;
}

interface Options {
  readonly watermark: number;
  readonly stateRetention: number;
}

/** The rows at a watermark: in the end it has passed everything. */
export function expectedStatuses(
  analysis: StatusAnalysis,
  options: Options,
  reading: Reading,
): ExpectedStatuses {
  const reader = new LaneReader(analysis, reading);
  const keys = analysis.isKeyed
    ? new ShardedKeys(analysis, options)
    : new SharedKeys(analysis, options);
  const judge = (standing: Standing, own: number): Judgement => {
    if (!analysis.accepts(standing.event)) return { outcome: 'filtered' };
    // Where events are forwarded, its key shows it, before it is taken.
    if (standing.throws) return { outcome: 'dead', movesClock: analysis.isKeyed };
    return { outcome: keys.take(standing, own), movesClock: true };
  };
  reader.readAll({
    redriven: 'byOrigin',
    keys: analysis.isKeyed ? 'ownShard' : 'anyShard',
    onLane: (lane, { parents }) => {
      lane.watermark = reader.watermarkAfter(parents);
    },
    judge: (standing) => judge(standing, reader.lanes.get(standing.lane)?.watermark ?? NONE),
  });
  const { lanes, side, edges } = reader;
  for (const events of keys.events()) noteEdges(edges, events, analysis.horizon);
  return { kind: 'status', lanes, side, edges, rows: new Map(keys.rows()) };
}

const NONE = Number.NEGATIVE_INFINITY;

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

interface Keys {
  /** @param own W of the event's own lane */
  take(standing: Standing, own: number): Outcome;
  events(): Iterable<readonly Taken[]>;
  rows(): Iterable<readonly [string, ExpectedStatusRow]>;
}

class SharedKeys implements Keys {
  readonly #analysis: StatusAnalysis;
  readonly #options: Options;
  readonly #byKey = new Map<string, Standing[]>();

  constructor(analysis: StatusAnalysis, options: Options) {
    this.#analysis = analysis;
    this.#options = options;
  }

  take(standing: Standing): Outcome {
    listIn(this.#byKey, this.#analysis.keyOf(standing.event)).push(standing);
    return 'accepted';
  }

  events(): Iterable<readonly Taken[]> {
    return this.#byKey.values();
  }

  *rows(): Generator<readonly [string, ExpectedStatusRow]> {
    const { stateRetention, watermark } = this.#options;
    for (const [key, all] of this.#byKey) {
      const kept = lastLife(all, stateRetention);
      const content = rowOf(this.#analysis, kept, watermark);
      yield [key, { content, lastArrival: lastArrivalOf(kept), isNeeded: true, others: [] }];
    }
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

/** What is known of a key from one start to the next. */
interface Life {
  readonly events: Standing[];
  hasOnTime: boolean;
  /** W with the last event. */
  seen: number;
}

class ShardedKeys implements Keys {
  readonly #analysis: StatusAnalysis;
  readonly #options: Options;
  readonly #byKey = new Map<string, Life[]>();

  constructor(analysis: StatusAnalysis, options: Options) {
    this.#analysis = analysis;
    this.#options = options;
  }

  take(standing: Standing, own: number): Outcome {
    const { rows, keyOf, outOfOrderness } = this.#analysis;
    const lives = listIn(this.#byKey, keyOf(standing.event));
    const known = lives.at(-1);
    const life = known && !this.#isForgotten(known, standing, own) ? known : newLife(lives);
    const { timestamp } = standing.event;
    life.events.push(standing);
    const seen = Math.max(own, timestamp - outOfOrderness);
    const step = stepOf(this.#options.stateRetention);
    life.seen = Math.ceil(seen / step) * step;
    const isBehind = rows !== 'all' && timestamp < standing.watermark - rows.lateness;
    if (isBehind && !life.hasOnTime) return 'late';
    life.hasOnTime = true;
    return 'accepted';
  }

  #isForgotten({ events, seen }: Life, { arrival }: Standing, own: number): boolean {
    if (arrival - lastArrivalOf(events) > this.#options.stateRetention) return true;
    const { rows } = this.#analysis;
    return rows !== 'all' && own - seen > rows.remember && !this.#endsAsProblem(events);
  }

  #endsAsProblem(events: readonly Standing[]): boolean {
    const { status } = rowOf(this.#analysis, events, Number.POSITIVE_INFINITY);
    return this.#analysis.problems.includes(String(status));
  }

  *events(): Generator<readonly Taken[]> {
    for (const lives of this.#byKey.values()) yield lives.flatMap(({ events }) => events);
  }

  *rows(): Generator<readonly [string, ExpectedStatusRow]> {
    for (const [key, lives] of this.#byKey) {
      const last = lives.at(-1);
      if (!last) continue;
      const content = rowOf(this.#analysis, last.events, this.#options.watermark);
      const lastArrival = lastArrivalOf(last.events);
      yield [key, { content, lastArrival, ...this.#standing(lives, last) }];
    }
  }

  #standing(lives: readonly Life[], last: Life) {
    const { rows, problems } = this.#analysis;
    if (rows === 'all') return { isNeeded: true, others: [] };
    const shown = lives.filter(({ hasOnTime }) => hasOnTime);
    const contents = shown.map(({ events }) =>
      rowOf(this.#analysis, events, this.#options.watermark),
    );
    const needed = contents.findLastIndex(({ status }) => problems.includes(String(status)));
    const isNeeded = last.hasOnTime && needed === contents.length - 1 && needed >= 0;
    return { isNeeded, others: contents.slice(Math.max(0, needed)) };
  }
}

/** In which it is noted how far W was. */
const stepOf = (stateRetention: number): number => {
  if (stateRetention >= 86_400_000) return 60_000;
  return stateRetention >= 3_600_000 ? 1_000 : 1;
};

function newLife(lives: Life[]): Life {
  const life = { events: [], hasOnTime: false, seen: NONE };
  lives.push(life);
  return life;
}

const rowOf = (
  { row }: StatusAnalysis,
  events: readonly Standing[] | readonly Taken[],
  watermark: number,
): RowContent =>
  row(
    events.map(({ event }) => event),
    watermark,
  );

const lastArrivalOf = (events: readonly Taken[]): number =>
  Math.max(...events.map(({ arrival }) => arrival));

function listIn<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
