/**
 * A keyed job as it runs on AWS, in simulated time: lanes fill their batches, ingest nudges, the schedule runs every
 * minute. After the last event time goes on until what is pending has fired.
 */

import type { Job } from '../shared/job/job.ts';
import { shardIdOf } from '../shared/model/shardRanges.ts';
import type { RunTrigger } from '../shared/runtime/scheduledRun.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import type { KeyedLine } from './keyedEvents.ts';
import { type KeyedStand, keyedIngest, keyedStandFor, spentOn } from './keyedStand.ts';
import { recordsOfLines } from './records.ts';
import {
  addUnits,
  createCloser,
  createTimerFirer,
  type Ingest,
  NO_UNITS,
  type Units,
} from './stand.ts';

export interface KeyedPlay {
  readonly job: Job;
  readonly lines: readonly KeyedLine[];
  readonly fill: Fill;
}

/** A batch is delivered when it has so many records, of one event each, or so long after its first one. */
export interface Fill {
  readonly records: number;
  readonly windowMs: number;
}

/** What each function spent. */
export interface KeyedReport {
  readonly stand: KeyedStand;
  readonly thousands: number;
  readonly ingest: Units;
  readonly fire: Units;
  readonly close: Units;
  readonly batches: number;
  readonly fireRuns: number;
  readonly timersDue: number;
}

const MINUTE_MS = 60_000;
/** After the beginning of a minute of event time, so that sheets are found half due. */
const SCHEDULE_MS = 30_000;
/** What waits longest: an order for its payment, then `flushAfter`, and a few runs. */
const AFTERMATH_MS = 30 * MINUTE_MS;

export async function play({ job, lines, fill }: KeyedPlay): Promise<KeyedReport> {
  const waiting = new Map<string, KeyedLine[]>();
  const scene = new Scene(job, waiting);
  for (const line of lines) {
    for (const [stream, batch] of waiting) {
      const dueMs = (batch[0]?.arrivalMs ?? 0) + fill.windowMs;
      if (dueMs <= line.arrivalMs) await scene.deliver(stream, dueMs);
    }
    await scene.passTimeTo(line.arrivalMs);
    const batch = waiting.get(line.stream) ?? [];
    waiting.set(line.stream, batch);
    batch.push(line);
    if (batch.length >= fill.records) await scene.deliver(line.stream, line.arrivalMs);
  }
  const endMs = lines.at(-1)?.arrivalMs ?? 0;
  for (const stream of waiting.keys()) await scene.deliver(stream, endMs);
  await scene.passTimeTo(endMs + AFTERMATH_MS);
  return { thousands: lines.length / 1_000, ...scene.report() };
}

/** One shard a stream. Every run of a scheduled function is a cold one. */
class Scene {
  readonly #stand: KeyedStand;
  readonly #ingest: Ingest;
  /** What has arrived on the streams and is not delivered yet. */
  readonly #waiting: Map<string, KeyedLine[]>;
  #batches = 0;
  #spent = { ingest: NO_UNITS, fire: NO_UNITS, close: NO_UNITS };
  #fireRuns = 0;
  #timersDue = 0;
  #isNudged = false;
  #nextMinute = Number.NaN;

  constructor(job: Job, waiting: Map<string, KeyedLine[]>) {
    this.#waiting = waiting;
    const look = async (stream: string) => (waiting.has(stream) ? 'hasMore' : 'drained');
    this.#stand = keyedStandFor(job, { look });
    this.#ingest = keyedIngest(this.#stand, () => {
      this.#isNudged = true;
    });
  }

  async passTimeTo(ms: number): Promise<void> {
    if (Number.isNaN(this.#nextMinute))
      this.#nextMinute = Math.ceil(ms / MINUTE_MS) * MINUTE_MS + SCHEDULE_MS;
    for (; this.#nextMinute <= ms; this.#nextMinute += MINUTE_MS) {
      this.#stand.clock.moveTo(this.#nextMinute);
      await this.#fire('schedule');
      await this.#close('schedule');
    }
  }

  /** What waits on the stream becomes a batch. */
  async deliver(stream: string, nowMs: number): Promise<void> {
    const batch = this.#waiting.get(stream) ?? [];
    await this.passTimeTo(nowMs);
    this.#waiting.delete(stream);
    this.#stand.clock.moveTo(nowMs);
    this.#batches += 1;
    const records = recordsOfLines(batch, 1);
    await this.#spend('ingest', () =>
      this.#ingest.ingest({ stream, shard: shardIdOf(0), records }),
    );
    if (!this.#isNudged) return;
    this.#isNudged = false;
    await (this.#stand.job.kind === 'window' ? this.#close('nudge') : this.#fire('nudge'));
  }

  async #fire(trigger: RunTrigger): Promise<void> {
    const { job, ports } = this.#stand;
    const report = await this.#spend('fire', () =>
      createTimerFirer(job, ports, DEFAULT_SETTINGS).run(trigger),
    );
    this.#fireRuns += 1;
    this.#timersDue += report.timersDue;
  }

  async #close(trigger: RunTrigger): Promise<void> {
    const { job, ports } = this.#stand;
    if (job.kind !== 'window') return;
    const results = ports.results(job.table.name);
    await this.#spend('close', () =>
      createCloser(job, { ...ports, results }, DEFAULT_SETTINGS).run(trigger),
    );
  }

  async #spend<T>(who: 'ingest' | 'fire' | 'close', work: () => Promise<T>): Promise<T> {
    const before = spentOn(this.#stand);
    const result = await work();
    const { read, write } = spentOn(this.#stand);
    const spent = { read: read - before.read, write: write - before.write };
    this.#spent = { ...this.#spent, [who]: addUnits(this.#spent[who], spent) };
    return result;
  }

  report(): Omit<KeyedReport, 'thousands'> {
    return {
      stand: this.#stand,
      ...this.#spent,
      batches: this.#batches,
      fireRuns: this.#fireRuns,
      timersDue: this.#timersDue,
    };
  }
}
