/**
 * A job with its closers as they run on AWS, in simulated time: lanes fill their batches, a batch whose watermark
 * passes a window's end nudges, and the schedule runs every minute.
 */

import type { WindowJob } from '../shared/job/windowJob.ts';
import { equalRanges, shardOf } from '../shared/model/shardRanges.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import type { BenchEvent } from './events.ts';
import { PACKED, recordsOf, STREAM } from './records.ts';
import {
  addUnits,
  BenchClock,
  type Closer,
  createCloser,
  type Ingest,
  ingestInto,
  mirrored,
  NO_UNITS,
  type Stand,
  standFor,
  type Units,
  unitsOf,
  unitsSince,
} from './stand.ts';

/** 'cold': every run is a new process, which has to read everything again. */
type Temperature = 'cold' | 'warm';

export interface ClosingUnits {
  readonly temperature: Temperature;
  /** Runs that did something. */
  closing: Units;
  /** Runs that found nothing to do: scheduled ones, and nudges that came before their time. */
  idle: Units;
  rows: Units;
  runs: number;
  idleRuns: number;
  windows: number;
}

export interface Simulation {
  readonly job: WindowJob;
  readonly events: Iterable<BenchEvent>;
  readonly batch: number;
  readonly lanes: number;
  readonly temperatures: readonly Temperature[];
}

export interface SimulationReport {
  /** In thousands. */
  readonly thousands: number;
  readonly ingest: Units;
  readonly closers: readonly ClosingUnits[];
}

const MINUTE_MS = 60_000;

export async function simulate(options: Simulation): Promise<SimulationReport> {
  const scene = new Scene(options);
  const shardFor = sharder(options.lanes);
  const waiting = new Map<string, BenchEvent[]>();
  let events = 0;
  for (const event of options.events) {
    events += 1;
    await scene.passTimeTo(event.timestamp);
    const shard = shardFor(event.itemId);
    const batch = waiting.get(shard) ?? [];
    waiting.set(shard, batch);
    batch.push(event);
    if (batch.length < options.batch) continue;
    waiting.delete(shard);
    await scene.deliver(shard, batch);
  }
  return { thousands: events / 1_000, ...scene.report() };
}

/** The shard of an item; hashed once, because MD5 would be most of the simulation. */
function sharder(lanes: number): (itemId: string) => string {
  const ranges = equalRanges(lanes);
  const known = new Map<string, string>();
  return (itemId) => {
    const shard = known.get(itemId) ?? shardOf(itemId, ranges).shard;
    known.set(itemId, shard);
    return shard;
  };
}

/** One ingest function, whose log every closer has a copy of. */
class Scene {
  readonly #clock = new BenchClock();
  readonly #source: Stand;
  readonly #closers: readonly MeasuredCloser[];
  readonly #ingest: Ingest;
  #isNudged = false;
  #nextMinute = Number.NaN;

  constructor({ job, temperatures }: Simulation) {
    this.#source = standFor(job, this.#clock);
    this.#closers = temperatures.map(
      (each) => new MeasuredCloser(each, standFor(job, this.#clock)),
    );
    const copies = this.#closers.map(({ stand }) => stand.stored);
    const logs = mirrored(this.#source.state, copies);
    this.#ingest = ingestInto(this.#source, logs, () => {
      this.#isNudged = true;
    });
  }

  /** Runs the schedule of every minute that has begun. */
  async passTimeTo(ms: number): Promise<void> {
    if (Number.isNaN(this.#nextMinute)) this.#nextMinute = ms + MINUTE_MS;
    for (; this.#nextMinute <= ms; this.#nextMinute += MINUTE_MS) {
      this.#clock.moveTo(this.#nextMinute);
      for (const closer of this.#closers) await closer.run('schedule');
    }
  }

  async deliver(shard: string, batch: readonly BenchEvent[]): Promise<void> {
    this.#clock.moveTo(batch.at(-1)?.timestamp ?? 0);
    await this.#ingest.ingest({ stream: STREAM, shard, records: recordsOf(batch, PACKED) });
    if (!this.#isNudged) return;
    this.#isNudged = false;
    for (const closer of this.#closers) await closer.run('nudge');
  }

  report(): Omit<SimulationReport, 'thousands'> {
    return {
      ingest: unitsOf(this.#source.meter),
      closers: this.#closers.map(({ units }) => units),
    };
  }
}

class MeasuredCloser {
  readonly stand: Stand;
  readonly units: ClosingUnits;
  #warm: Closer | undefined;

  constructor(temperature: Temperature, stand: Stand) {
    this.stand = stand;
    this.units = {
      temperature,
      closing: NO_UNITS,
      idle: NO_UNITS,
      rows: NO_UNITS,
      runs: 0,
      idleRuns: 0,
      windows: 0,
    };
  }

  async run(trigger: 'schedule' | 'nudge'): Promise<void> {
    const { stand, units } = this;
    const before = unitsOf(stand.meter);
    const closer = this.#warm ?? createCloser(stand.job, stand, DEFAULT_SETTINGS);
    if (units.temperature === 'warm') this.#warm = closer;
    const { outcome, windowsClosed } = await closer.run(trigger);
    const spent = unitsSince(stand.meter, before);
    units.rows = unitsOf(stand.rowMeter);
    units.windows += windowsClosed;
    if (outcome === 'nothingDue') {
      units.idle = addUnits(units.idle, spent);
      units.idleRuns += 1;
    } else {
      units.closing = addUnits(units.closing, spent);
      units.runs += 1;
    }
  }
}
