/**
 * The oracle: a naive batch program that says what a job's answers must be, from what each shard holds. It
 * keeps every event of every window in a list, knows nothing of slices, batches, commits or pages, and uses
 * nothing of the engine. The rules are those of `docs/semantics.md`:
 *
 * - W of a lane is its greatest valid event time so far less `outOfOrderness`; filtered events count too.
 * - An event counts in each of its windows whose `end + lateness` is above its own lane's W just before it;
 *   it is late when there is none.
 * - An event that is no event, is out of range, or throws in the job's own code is dead and moves nothing. The
 *   job's aggregate sees only events that are neither filtered nor late.
 * - A redriven event meets the W of its origin, moves nothing, and counts once per origin, for its own job.
 */
import { type Analysis, type ExpectedRow, mendedEvent } from './analyses.ts';
import { type Behavior, type Content, type Fact, POISON_USER, UNKNOWN_BEHAVIOR } from './truth.ts';

export interface LaneContents {
  /** `<stream>/<shard>` */
  readonly lane: string;
  readonly records: readonly {
    readonly sequence: string;
    readonly arrival: number;
    readonly facts: readonly Fact[];
  }[];
}

interface ExpectedCounts {
  accepted: number;
  filtered: number;
  late: number;
  dead: number;
}

export interface ExpectedLane {
  readonly counts: ExpectedCounts;
  watermark: number;
}

interface ExpectedSide {
  readonly kind: 'late' | 'dead';
  readonly lane: string;
  readonly position: string;
  readonly watermark: number;
  readonly arrival: number;
  readonly raw: Uint8Array;
}

export interface Expected {
  /** By window end (ms), then partition key. */
  readonly rows: ReadonlyMap<number, readonly ExpectedRow[]>;
  /** All events of a window, by its end: for bounds on interim rows. */
  readonly windows: ReadonlyMap<number, readonly Behavior[]>;
  readonly lanes: ReadonlyMap<string, ExpectedLane>;
  readonly side: readonly ExpectedSide[];
  /** Events that only some of their windows took. */
  readonly inEditions: number;
}

/** The job as it was deployed at first, or mended. */
type Version = 'deployed' | 'mended';

const EARLIEST_MS = Date.UTC(1980, 0, 1);

/** `isAdmitted` says which copy of a redriven event counts, where there are several. */
export function expectedResults(
  job: string,
  analysis: Analysis,
  lanes: readonly LaneContents[],
  isAdmitted: (lane: string, position: string) => boolean,
): Expected {
  const run = new Run(job, analysis, isAdmitted);
  for (const lane of lanes) run.readLane(lane);
  return run.finished();
}

class Run {
  readonly #job: string;
  readonly #analysis: Analysis;
  readonly #isAdmitted: (lane: string, position: string) => boolean;
  readonly #windows = new Map<number, Behavior[]>();
  readonly #lanes = new Map<string, ExpectedLane>();
  readonly #side: ExpectedSide[] = [];
  #inEditions = 0;

  constructor(
    job: string,
    analysis: Analysis,
    isAdmitted: (lane: string, position: string) => boolean,
  ) {
    this.#job = job;
    this.#analysis = analysis;
    this.#isAdmitted = isAdmitted;
  }

  readLane({ lane, records }: LaneContents): void {
    const counts = { accepted: 0, filtered: 0, late: 0, dead: 0 };
    const state: ExpectedLane = { counts, watermark: Number.NEGATIVE_INFINITY };
    this.#lanes.set(lane, state);
    for (const { sequence, arrival, facts } of records) {
      for (const fact of facts) {
        const position = `${sequence}/${fact.index}`;
        const keep = (kind: 'late' | 'dead', watermark: number): void => {
          counts[kind] += 1;
          this.#side.push({ kind, lane, position, watermark, arrival, raw: fact.raw });
        };
        if (fact.kind === 'redriven')
          this.#readRedriven(state, lane, position, arrival, fact, keep);
        else this.#readEvent(state, arrival, fact, keep);
      }
    }
  }

  #readEvent(
    lane: ExpectedLane,
    arrival: number,
    content: Content,
    keep: (kind: 'late' | 'dead', watermark: number) => void,
  ): void {
    const outcome = this.#judged(content, arrival, lane.watermark, 'deployed');
    if (outcome === 'late' || outcome === 'dead') keep(outcome, lane.watermark);
    else lane.counts[outcome] += 1;
    if (outcome === 'dead' || content.kind === 'garbage') return;
    lane.watermark = Math.max(
      lane.watermark,
      content.event.timestamp - this.#analysis.outOfOrderness,
    );
  }

  #readRedriven(
    state: ExpectedLane,
    lane: string,
    position: string,
    arrival: number,
    fact: Fact & { kind: 'redriven' },
    keep: (kind: 'late' | 'dead', watermark: number) => void,
  ): void {
    const { origin, content } = fact;
    if (origin.job !== this.#job || !this.#isAdmitted(lane, position)) {
      state.counts.filtered += 1;
      return;
    }
    const outcome = this.#judged(content, arrival, origin.watermark, 'mended');
    if (outcome === 'late' || outcome === 'dead') keep(outcome, origin.watermark);
    else state.counts[outcome] += 1;
  }

  /** Counts the event in the windows that take it, and says what became of it. */
  #judged(
    content: Content,
    arrival: number,
    watermark: number,
    version: Version,
  ): keyof ExpectedCounts {
    const event = this.#readable(content, arrival, version);
    if (!event) return 'dead';
    if (!this.#analysis.accepts(event)) return 'filtered';
    const ends = this.#windowEnds(event.timestamp);
    const open = ends.filter((end) => end + this.#analysis.lateness > watermark);
    if (open.length === 0) return 'late';
    if (version === 'deployed' && event.userId === POISON_USER) return 'dead';
    if (open.length < ends.length) this.#inEditions += 1;
    for (const end of open) this.#eventsOf(end).push(event);
    return 'accepted';
  }

  /** The event as that version of the job reads it; undefined where it is none or out of range. */
  #readable(content: Content, arrival: number, version: Version): Behavior | undefined {
    if (content.kind === 'garbage') return undefined;
    const event = version === 'mended' ? mendedEvent(content.event) : content.event;
    const isTooEarly = event.timestamp < EARLIEST_MS;
    const isTooFarAhead = event.timestamp > arrival + this.#analysis.maxFutureSkew;
    const isUnknown = event.behavior === UNKNOWN_BEHAVIOR;
    return isUnknown || isTooEarly || isTooFarAhead ? undefined : event;
  }

  #eventsOf(end: number): Behavior[] {
    const events = this.#windows.get(end) ?? [];
    this.#windows.set(end, events);
    return events;
  }

  #windowEnds(timestamp: number): number[] {
    const { size, slide, offset } = this.#analysis;
    const ends: number[] = [];
    let start = Math.floor((timestamp - offset) / slide) * slide + offset;
    for (; start + size > timestamp; start -= slide) ends.push(start + size);
    return ends;
  }

  finished(): Expected {
    const rows = [...this.#windows].map(
      ([end, events]) => [end, this.#analysis.rows(events)] as const,
    );
    return {
      rows: new Map(rows),
      windows: this.#windows,
      lanes: this.#lanes,
      side: this.#side,
      inEditions: this.#inEditions,
    };
  }
}
