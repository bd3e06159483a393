/**
 * How far the sources of a repartition stream have come, as one of its shards tells: of each forwarding lane, what its progress said. Pure.
 *
 * 1. The watermark is the least of the sources that are not idle, as a job's is the least of its lanes. Whether one is idle goes by the arrivals of
 *    valid events: it has had none for `idleAfter` before the latest of all sources. Garbage does not stop time.
 * 2. Neither what is said late nor what is said twice does any harm: a source goes no way back.
 * 3. A source that is silent for long is left out: its shard is closed, or what it says next stands on its own.
 * 4. A stream of which nothing was heard counts as one that was heard first of all: when a job begins, one forwarding lane is not ahead of all.
 */
import type { StreamName } from '../../model/lane.ts';
import {
  type ArrivalTime,
  type Duration,
  earliest,
  latest,
  NO_WATERMARK,
  since,
  type Watermark,
} from '../../model/time.ts';
import type { SourceProgress } from '../../records/forwarded.ts';
import type { ProducerName } from '../../records/stamp.ts';

export interface SourceClock {
  readonly watermark: Watermark;
  /** When its last valid event arrived. */
  readonly arrival: ArrivalTime;
}

/** By the names that forwarding lanes put under: those that had a valid event. And streams of which none was heard yet, by `unheard`. */
export type SourceClocks = ReadonlyMap<string, SourceClock>;

export const NO_SOURCES: SourceClocks = new Map();

/** No name of a producer. */
const unheard = (stream: StreamName): string => ` ${stream}`;

export interface SourceLives {
  /** All that the job reads. */
  readonly streams: readonly StreamName[];
  /** Without a valid event for so long, a source holds nothing back. */
  readonly idleAfter: Duration;
  /** And for so long, it is left out. */
  readonly keptFor: Duration;
}

/** Mutable while a batch is taken in. */
export class SourceClocksDraft {
  readonly #clocks: Map<string, SourceClock>;
  readonly #lives: SourceLives;

  constructor(before: SourceClocks, lives: SourceLives) {
    this.#clocks = new Map(before);
    this.#lives = lives;
  }

  /** Gives the watermark behind it. */
  note(source: ProducerName, { stream, watermark, arrival }: SourceProgress): Watermark {
    if (arrival !== undefined) {
      if (this.#clocks.size === 0) this.#begin(arrival);
      this.#clocks.delete(unheard(stream));
      const before = this.#clocks.get(source);
      this.#clocks.set(source, {
        watermark: latest(watermark, before?.watermark ?? watermark),
        arrival: latest(arrival, before?.arrival ?? arrival),
      });
    }
    return this.#watermark();
  }

  #begin(arrival: ArrivalTime): void {
    for (const stream of this.#lives.streams) {
      this.#clocks.set(unheard(stream), { watermark: NO_WATERMARK, arrival });
    }
  }

  #watermark(): Watermark {
    const active = this.#heardWithin(this.#lives.idleAfter).map(([, { watermark }]) => watermark);
    return active.length === 0 ? NO_WATERMARK : active.reduce(earliest);
  }

  #heardWithin(time: Duration): [string, SourceClock][] {
    const clocks = [...this.#clocks];
    const newest = clocks.reduce((at, [, { arrival }]) => Math.max(at, arrival), 0) as ArrivalTime;
    return clocks.filter(([, { arrival }]) => since(arrival, newest) <= time);
  }

  finish(): SourceClocks {
    return new Map(this.#heardWithin(this.#lives.keptFor));
  }
}

/** What a lane begins with: of a source that several of its parents know, where the slower one is. */
export function inheritedClocks(parents: readonly SourceClocks[]): SourceClocks {
  const all = new Map<string, SourceClock>();
  for (const [source, clock] of parents.flatMap((clocks) => [...clocks])) {
    const other = all.get(source) ?? clock;
    all.set(source, {
      watermark: earliest(clock.watermark, other.watermark),
      arrival: latest(clock.arrival, other.arrival),
    });
  }
  return all;
}
