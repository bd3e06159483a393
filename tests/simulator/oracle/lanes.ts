/**
 * What all oracles share: they read what each shard holds, in order, and say of every event whether it is accepted,
 * filtered, late or dead, and how far W of its lane is. The rules are those of `docs/semantics.md`:
 *
 * - W of a lane is its greatest valid event time so far less `outOfOrderness`; filtered events count too.
 * - An event that is no event or is out of range is dead and moves nothing.
 * - An event of an aggregate whose hash key the shard does not take is filtered and moves nothing: it was put again. So is one of a named
 *   producer whose record was planned for more than the shard takes.
 * - Of a named producer's events each counts where it first stands; a copy is no event, and moves nothing.
 * - What claims to be a redriven event and is none is dead, in its own job, and moves nothing.
 * - A redriven event moves nothing, and counts once per origin, for its own job.
 * - Where a job keeps a key's state on its shard, an event that comes on another shard is dead, and moves nothing.
 */
import type { Analysis } from '../analyses/analysis.ts';
import type { Content, Fact, StreamEvent } from '../truth.ts';
import { Edges } from './edges.ts';

export interface LaneContents {
  /** `<stream>/<shard>` */
  readonly lane: string;
  /** The lanes of the shards that this one came from; in the list of lanes they stand before it. */
  readonly parents: readonly string[];
  /** When its parents were closed; without it, when its first record came. */
  readonly openedAt?: number;
  /** Which points the shard takes, from one on and up to another. All, where it does not say. */
  readonly low?: number;
  readonly high?: number;
  /** Whether its shard takes, or took, records of this partition key. */
  takes(partitionKey: string): boolean;
  readonly records: readonly {
    readonly sequence: string;
    readonly arrival: number;
    readonly facts: readonly Fact[];
  }[];
}

export interface ExpectedLane {
  readonly counts: Record<Outcome, number>;
  /** Of the filtered ones. */
  misplaced: number;
  /** Beside the others: copies. */
  repeated: number;
  watermark: number;
}

export type Outcome = 'accepted' | 'filtered' | 'late' | 'dead';

export interface ExpectedSide {
  readonly kind: 'late' | 'dead';
  readonly lane: string;
  readonly position: string;
  readonly watermark: number;
  readonly arrival: number;
  readonly raw: Uint8Array;
}

export interface ExpectedBasis {
  readonly edges: Edges;
  readonly lanes: ReadonlyMap<string, ExpectedLane>;
  readonly side: readonly ExpectedSide[];
}

/** An event that the job can read, where it stands. */
export interface Standing {
  readonly event: StreamEvent;
  readonly lane: string;
  readonly position: string;
  readonly arrival: number;
  readonly raw: Uint8Array;
  /** By which W it is judged: the lane's own just before it. */
  readonly watermark: number;
  /** Whether the job's own code throws on it: the deployed version does on poison. */
  readonly throws: boolean;
  /** Whether it comes from a dead letter. */
  readonly isRedriven: boolean;
}

export interface Reading {
  readonly job: string;
  readonly lanes: readonly LaneContents[];
  /** Which copy of a redriven event counts, where there are several. */
  isAdmitted(lane: string, position: string): boolean;
}

export interface Judgement {
  readonly outcome: Outcome;
  /** A dead event moves W nevertheless: that it is dead showed only later. */
  readonly movesClock?: boolean;
}

/** What a kind of job makes of events. */
export interface Verdicts {
  /** Whether a redriven event is judged by the W that its origin met, or by the lane's own. */
  readonly redriven: 'byOrigin' | 'byLane';
  /** Where the events of a key may be decided upon. */
  readonly keys: 'ownShard' | 'anyShard';
  /** Before the first record of a lane. */
  onLane?(lane: ExpectedLane, contents: LaneContents): void;
  onRecord?(lane: ExpectedLane, arrival: number, contents: LaneContents): void;
  judge(standing: Standing): Judgement;
  /** W of the lane may have moved. */
  onMoved?(lane: ExpectedLane): void;
  afterLane?(lane: ExpectedLane, contents: LaneContents): void;
}

const EARLIEST_MS = Date.UTC(1980, 0, 1);

const FURTHEST = { on: 'event as far ahead as it may be' };
const OLDEST = { on: 'event of the very first moment', before: 'event before that moment' };

/** The basis may grow while later lanes are read. */
export class LaneReader implements ExpectedBasis {
  readonly lanes = new Map<string, ExpectedLane>();
  readonly side: ExpectedSide[] = [];
  readonly edges = new Edges();
  readonly #analysis: Pick<Analysis, 'outOfOrderness' | 'maxFutureSkew'>;
  readonly #reading: Reading;
  /** Events of named producers. */
  readonly #taken = new Set<string>();

  constructor(analysis: Pick<Analysis, 'outOfOrderness' | 'maxFutureSkew'>, reading: Reading) {
    this.#analysis = analysis;
    this.#reading = reading;
  }

  /** The greatest W that these lanes ended with. */
  watermarkAfter(lanes: readonly string[]): number {
    const ends = lanes.map((lane) => this.lanes.get(lane)?.watermark ?? Number.NEGATIVE_INFINITY);
    return Math.max(Number.NEGATIVE_INFINITY, ...ends);
  }

  readAll(verdicts: Verdicts): void {
    for (const contents of this.#reading.lanes) {
      const counts = { accepted: 0, filtered: 0, late: 0, dead: 0 };
      const watermark = Number.NEGATIVE_INFINITY;
      const lane: ExpectedLane = { counts, misplaced: 0, repeated: 0, watermark };
      this.lanes.set(contents.lane, lane);
      verdicts.onLane?.(lane, contents);
      for (const record of contents.records) this.#readRecord(lane, contents, record, verdicts);
      verdicts.afterLane?.(lane, contents);
    }
  }

  #readRecord(
    lane: ExpectedLane,
    contents: LaneContents,
    { sequence, arrival, facts }: LaneContents['records'][number],
    verdicts: Verdicts,
  ): void {
    const own = facts.filter(
      (fact) => isMisplaced(contents, fact) || !this.#isCopy(contents, fact),
    );
    lane.repeated += facts.length - own.length;
    // A record of copies alone is as if it had not come.
    if (own.length > 0) verdicts.onRecord?.(lane, arrival, contents);
    for (const fact of own) {
      if (isMisplaced(contents, fact)) {
        lane.misplaced += 1;
        lane.counts.filtered += 1;
        continue;
      }
      const position = `${sequence}/${fact.index}`;
      const isAstray =
        verdicts.keys === 'ownShard' && fact.key !== undefined && !contents.takes(fact.key);
      this.#readFact(lane, { lane: contents.lane, position, arrival, fact, isAstray }, verdicts);
    }
  }

  /** Whether the event of a named producer was taken before, here or on a shard that this one came from; if not, it is now. */
  #isCopy({ lane }: LaneContents, { put }: Fact): boolean {
    if (!put) return false;
    const stream = lane.slice(0, lane.lastIndexOf('/'));
    const name = `${stream} ${put.name} ${put.place}`;
    if (this.#taken.has(name)) return true;
    this.#taken.add(name);
    return false;
  }

  /** An accepted event turned out to be dead, when W had come so far. */
  bury({ lane, position, arrival, raw }: Standing, watermark: number): void {
    const { counts } = this.lanes.get(lane) as ExpectedLane;
    counts.accepted -= 1;
    counts.dead += 1;
    this.side.push({ kind: 'dead', lane, position, watermark, arrival, raw });
  }

  #readFact(lane: ExpectedLane, place: Place, verdicts: Verdicts): void {
    const { fact } = place;
    if (fact.kind === 'forged') this.#readForged(lane, place, fact);
    else if (fact.kind !== 'redriven') this.#readEvent(lane, place, fact, verdicts);
    else if (this.#isOwn(place, fact)) this.#readRedriven(lane, place, fact, verdicts);
    else lane.counts.filtered += 1;
  }

  #readEvent(lane: ExpectedLane, place: Place, content: Content, verdicts: Verdicts): void {
    const { watermark } = lane;
    const event = this.#readable(content, place.arrival, 'deployed');
    if (!event || place.isAstray) {
      this.#count(lane, place, 'dead', watermark);
      return;
    }
    const throws = event.flaw === 'poison';
    const judgement = verdicts.judge({
      ...standingAt(place),
      event,
      watermark,
      throws,
      isRedriven: false,
    });
    const { outcome, movesClock = outcome !== 'dead' } = judgement;
    this.#count(lane, place, outcome, watermark);
    if (!movesClock) return;
    lane.watermark = Math.max(lane.watermark, event.timestamp - this.#analysis.outOfOrderness);
    verdicts.onMoved?.(lane);
  }

  #readRedriven(
    lane: ExpectedLane,
    place: Place,
    { origin, content }: Redriven,
    verdicts: Verdicts,
  ): void {
    const watermark = verdicts.redriven === 'byOrigin' ? origin.watermark : lane.watermark;
    const event = this.#readable(content, place.arrival, 'mended');
    const standing = { ...standingAt(place), throws: false, isRedriven: true };
    const outcome =
      event && !place.isAstray ? verdicts.judge({ ...standing, event, watermark }).outcome : 'dead';
    this.#count(lane, place, outcome, watermark);
  }

  #readForged(lane: ExpectedLane, place: Place, { job }: Forged): void {
    if (job === this.#reading.job) this.#count(lane, place, 'dead', lane.watermark);
    else lane.counts.filtered += 1;
  }

  #isOwn({ lane, position }: Place, { origin }: Redriven): boolean {
    return origin.job === this.#reading.job && this.#reading.isAdmitted(lane, position);
  }

  #count(lane: ExpectedLane, place: Place, outcome: Outcome, watermark: number): void {
    lane.counts[outcome] += 1;
    if (outcome === 'late' || outcome === 'dead') {
      this.side.push({ kind: outcome, ...standingAt(place), watermark });
    }
  }

  /** The event as that version of the job reads it; undefined where it is none or out of range. */
  #readable(
    content: Content,
    arrival: number,
    version: 'deployed' | 'mended',
  ): StreamEvent | undefined {
    if (content.kind === 'garbage') return undefined;
    const { timestamp, flaw } = content.event;
    if (flaw === 'unreadable' && version === 'deployed') return undefined;
    this.edges.note(timestamp - arrival - this.#analysis.maxFutureSkew, FURTHEST);
    this.edges.note(timestamp - EARLIEST_MS, OLDEST);
    const isInRange =
      timestamp >= EARLIEST_MS && timestamp <= arrival + this.#analysis.maxFutureSkew;
    return isInRange ? content.event : undefined;
  }
}

interface Place {
  readonly lane: string;
  readonly position: string;
  readonly arrival: number;
  readonly fact: Fact;
  /** Its key is another shard's. */
  readonly isAstray: boolean;
}

type Redriven = Extract<Fact, { readonly kind: 'redriven' }>;
type Forged = Extract<Fact, { readonly kind: 'forged' }>;

function isMisplaced(
  { low = 0, high = 1 }: Pick<LaneContents, 'low' | 'high'>,
  { point, put }: Fact,
): boolean {
  if (put && (put.low < low || put.high > high)) return true;
  return point !== undefined && (point < low || point >= high);
}

const standingAt = ({ lane, position, arrival, fact: { raw } }: Place) => ({
  lane,
  position,
  arrival,
  raw,
});
