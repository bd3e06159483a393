/**
 * The oracle of status jobs: it gathers all events of each key, whatever their order, and asks the analysis how things
 * stand at the watermark. One that cannot be merged is dead, but moves W like any other.
 *
 * - Over several streams, a key's events count in the order of their arrivals, by the arrival clocks of their lanes, and it starts anew where none
 *   arrived for `stateRetention`.
 * - On one stream, they come to one shard. A child shard's lane starts with the greatest W that its parents ended with.
 * - Where all keys have rows, no event is late.
 * - Where problems alone have rows, a key that will be none starts anew also once W is more than `remember` past where
 *   it was with the last event of the key; over several streams, once none of its arrived for `remember`. An event more than `lateness` behind W
 *   is late where its key has none on time, and over several streams in any case: it is merged, and no row is shown for it alone.
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
  const keys: Keys = analysis.isKeyed
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
    onRecord: ({ watermark }, arrival, { lane }) => keys.arrived?.(lane, arrival, watermark),
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
  /** A record has arrived on a lane that had come so far. */
  arrived?(lane: string, arrival: number, watermark: number): void;
  /** @param own W of the event's own lane */
  take(standing: Standing, own: number): Outcome;
  events(): Iterable<readonly Taken[]>;
  rows(): Iterable<readonly [string, ExpectedStatusRow]>;
}

interface Judged extends Standing {
  readonly isLate: boolean;
}

class SharedKeys implements Keys {
  readonly #analysis: StatusAnalysis;
  readonly #options: Options;
  readonly #byKey = new Map<string, Judged[]>();
  /** By lane, the greatest arrival so far: a record may stand behind one that arrived later. */
  readonly #clocks = new Map<string, number>();
  /** By lane, how far it was when each record arrived, and in which step of half a `remember` that was. */
  readonly #reached = new Map<string, { step: number; watermark: number }[]>();

  constructor(analysis: StatusAnalysis, options: Options) {
    this.#analysis = analysis;
    this.#options = options;
  }

  take(standing: Standing): Outcome {
    const isLate = isBehind(this.#analysis, standing) || this.#mayRepeat(standing);
    const arrival = this.#clocks.get(standing.lane) ?? standing.arrival;
    const judged = { ...standing, arrival, isLate };
    listIn(this.#byKey, this.#analysis.keyOf(standing.event)).push(judged);
    return isLate ? 'late' : 'accepted';
  }

  arrived(lane: string, arrival: number, watermark: number): void {
    const { rows } = this.#analysis;
    const clock = Math.max(arrival, this.#clocks.get(lane) ?? NONE);
    this.#clocks.set(lane, clock);
    if (rows === 'all') return;
    const list = this.#reached.get(lane) ?? [];
    this.#reached.set(lane, list);
    const step = Math.floor(clock / Math.max(1, Math.floor(rows.remember / 2)));
    list.push({ step, watermark });
  }

  /** It is no later than what its lane had at the end of the step of arrivals before the last one. */
  #mayRepeat({ event, lane, isRedriven }: Standing): boolean {
    const list = this.#reached.get(lane) ?? [];
    const now = list.at(-1)?.step ?? 0;
    const next = list.find(({ step }) => step >= now - 1);
    const isFirst = next === list[0];
    if (isRedriven || !next || isFirst) return false;
    return event.timestamp - this.#analysis.outOfOrderness <= next.watermark;
  }

  events(): Iterable<readonly Taken[]> {
    return this.#byKey.values();
  }

  *rows(): Generator<readonly [string, ExpectedStatusRow]> {
    for (const [key, all] of this.#byKey) {
      yield [key, rowOfLives(this.#analysis, this.#options, this.#livesOf(all))];
    }
  }

  #livesOf(events: readonly Judged[]): readonly Life[] {
    const lives: Life[] = [];
    for (const standing of [...events].sort((a, b) => a.arrival - b.arrival)) {
      const known = lives.at(-1);
      const life = known && !this.#isForgotten(known, standing) ? known : newLife(lives);
      life.events.push(standing);
      life.seen = endOfStep(standing.arrival, this.#options);
      life.hasOnTime ||= !standing.isLate;
    }
    return lives;
  }

  #isForgotten({ events, seen }: Life, { arrival }: Standing): boolean {
    if (arrival - lastArrivalOf(events) > this.#options.stateRetention) return true;
    const { rows } = this.#analysis;
    if (rows === 'all' || arrival - seen <= rows.remember) return false;
    return !endsAsProblem(this.#analysis, events);
  }
}

/** Of a job that has rows of problems. */
const isBehind = ({ rows }: StatusAnalysis, { event, watermark }: Standing): boolean =>
  rows !== 'all' && event.timestamp < watermark - rows.lateness;

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
    const { keyOf, outOfOrderness } = this.#analysis;
    const lives = listIn(this.#byKey, keyOf(standing.event));
    const known = lives.at(-1);
    const life = known && !this.#isForgotten(known, standing, own) ? known : newLife(lives);
    const { timestamp } = standing.event;
    life.events.push(standing);
    life.seen = endOfStep(Math.max(own, timestamp - outOfOrderness), this.#options);
    if (isBehind(this.#analysis, standing) && !life.hasOnTime) return 'late';
    life.hasOnTime = true;
    return 'accepted';
  }

  #isForgotten({ events, seen }: Life, { arrival }: Standing, own: number): boolean {
    if (arrival - lastArrivalOf(events) > this.#options.stateRetention) return true;
    const { rows } = this.#analysis;
    return rows !== 'all' && own - seen > rows.remember && !endsAsProblem(this.#analysis, events);
  }

  *events(): Generator<readonly Taken[]> {
    for (const lives of this.#byKey.values()) yield lives.flatMap(({ events }) => events);
  }

  *rows(): Generator<readonly [string, ExpectedStatusRow]> {
    for (const [key, lives] of this.#byKey) {
      yield [key, rowOfLives(this.#analysis, this.#options, lives)];
    }
  }
}

/** The row of a key, by its lives: at least one. */
function rowOfLives(
  analysis: StatusAnalysis,
  { watermark }: Options,
  lives: readonly Life[],
): ExpectedStatusRow {
  const { rows, problems } = analysis;
  const { events, hasOnTime } = lives.at(-1) as Life;
  const content = rowOf(analysis, events, watermark);
  const lastArrival = lastArrivalOf(events);
  if (rows === 'all') return { content, lastArrival, isNeeded: true, others: [] };
  const shown = lives.filter((life) => life.hasOnTime);
  const contents = shown.map((life) => rowOf(analysis, life.events, watermark));
  const needed = contents.findLastIndex(({ status }) => problems.includes(String(status)));
  const isNeeded = hasOnTime && needed === contents.length - 1 && needed >= 0;
  return { content, lastArrival, isNeeded, others: contents.slice(Math.max(0, needed)) };
}

function endsAsProblem(analysis: StatusAnalysis, events: readonly Standing[]): boolean {
  const { status } = rowOf(analysis, events, Number.POSITIVE_INFINITY);
  return analysis.problems.includes(String(status));
}

/** In which it is noted how far a clock was. */
function endOfStep(clock: number, { stateRetention }: Options): number {
  const step = stepOf(stateRetention);
  return Math.ceil(clock / step) * step;
}

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
