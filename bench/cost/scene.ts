/**
 * A job as it is deployed, in simulated time, while what it spends is counted: lanes deliver a batch when Lambda would,
 * ingest nudges, and the schedule runs every minute.
 *
 * Every invocation is a cold one and reads all that it needs. On AWS most are warm and read less, so read units are an
 * upper bound; what is written is the same.
 */

import { type MemoryTable, memoryTable } from '../../shared/adapters/memory/table.ts';
import { meteredTable, type UnitMeter, unitMeter } from '../../shared/adapters/meteredTable.ts';
import { type Job, tablesOf } from '../../shared/job/job.ts';
import { hasTimers } from '../../shared/job/traits.ts';
import { arrivalTime } from '../../shared/model/time.ts';
import { type Ports, resultTables } from '../../shared/ports/ports.ts';
import type { StreamRecord } from '../../shared/records/entry.ts';
import type { EngineSettings } from '../../shared/runtime/settings.ts';
import { stateTable } from '../../shared/state/keys.ts';
import { BenchClock, createCloser, createIngest, createTimerFirer, OPEN_SHARDS } from '../stand.ts';
import { type Stored, storedIn } from './storage.ts';
import type { CostEvent } from './traffic.ts';

/** What invocations of one kind did and consumed. */
export interface Spent {
  invocations: number;
  /** Requests to DynamoDB. */
  requests: number;
  read: number;
  write: number;
}

/** When Lambda invokes an ingest function: after so long, so many records or so many bytes. */
export interface Batching {
  readonly windowMs: number;
  readonly records: number;
}

export const noneSpent = (): Spent => ({ invocations: 0, requests: 0, read: 0, write: 0 });

export function addSpent(to: Spent, spent: Spent): void {
  to.invocations += spent.invocations;
  to.requests += spent.requests;
  to.read += spent.read;
  to.write += spent.write;
}

const MINUTE_MS = 60_000;
/** The schedule is not at a full minute, as on AWS: windows are found closed, and timers half due. */
const SCHEDULE_MS = 30_000;
/** Of the 6 MB that Lambda takes, without its envelope; base64 makes four bytes of three. */
const PAYLOAD_BYTES = 5_500_000;
const BASE64 = 4 / 3;
/** Events in one of the producer's records of 25 KB, and a record's sequence number apart from its count. */
const PACKED = 200;
const SEQUENCE_START = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575n * 10n ** 12n;
const SEQUENCE_STEP = 3_489_661_234n;

interface Waiting {
  readonly stream: string;
  readonly shard: string;
  readonly dueMs: number;
  readonly events: CostEvent[];
  bytes: number;
}

export class CostScene {
  readonly #job: Job;
  readonly #settings: EngineSettings;
  readonly #clock = new BenchClock();
  readonly #meter: UnitMeter = unitMeter();
  readonly #state: MemoryTable = memoryTable(stateTable('state'));
  readonly #answers: ReadonlyMap<string, MemoryTable>;
  readonly #ports: Omit<Ports, 'nudge'>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #spent = new Map<string, Spent>();
  #nextScheduleMs: number;
  #records = 0n;
  #isNudged = false;

  constructor(job: Job, settings: EngineSettings, startMs: number) {
    this.#job = job;
    this.#settings = settings;
    this.#nextScheduleMs = startMs + SCHEDULE_MS;
    this.#answers = new Map(tablesOf(job).map((table) => [table.name, memoryTable(table)]));
    const metered = new Map(
      [...this.#answers].map(([name, table]) => [name, meteredTable(table, this.#meter)]),
    );
    this.#ports = {
      state: meteredTable(this.#state, this.#meter),
      results: resultTables(metered),
      clock: this.#clock,
      ...OPEN_SHARDS,
    };
  }

  /** An event arrives; what was due before has been done. */
  async take(event: CostEvent, shard: string, batching: Batching): Promise<void> {
    const lane = `${event.stream}/${shard}`;
    let waiting = this.#waiting.get(lane);
    if (!waiting) {
      const dueMs = event.arrivalMs + batching.windowMs;
      waiting = { stream: event.stream, shard, dueMs, events: [], bytes: 0 };
      this.#waiting.set(lane, waiting);
    }
    waiting.events.push(event);
    waiting.bytes += event.line.length + 1;
    const isFull =
      waiting.bytes * BASE64 >= PAYLOAD_BYTES || waiting.events.length >= batching.records * PACKED;
    if (isFull) await this.#deliver(lane, waiting, event.arrivalMs);
  }

  /** Whether something is to be done before an event that arrives then. */
  isDue(ms: number): boolean {
    return ms >= this.#nextScheduleMs || ms >= (this.#firstDue()?.[1].dueMs ?? ms + 1);
  }

  /** Batches whose time has come and schedules, in order. */
  async passTimeTo(ms: number): Promise<void> {
    for (;;) {
      const next = this.#firstDue();
      const dueMs = Math.min(next?.[1].dueMs ?? Number.POSITIVE_INFINITY, this.#nextScheduleMs);
      if (dueMs > ms) return;
      if (next && next[1].dueMs <= this.#nextScheduleMs) await this.#deliver(...next, dueMs);
      else await this.#runSchedule();
    }
  }

  /** Since the last call, by kind of invocation; ingest by stream: `ingest:orders`. */
  takeSpent(): ReadonlyMap<string, Spent> {
    const spent = new Map(this.#spent);
    this.#spent.clear();
    return spent;
  }

  stored(): { readonly state: Stored; readonly answers: Stored } {
    const now = this.#clock.now();
    const rows = [...this.#answers.values()].flatMap((table) => [...table.items()]);
    return { state: storedIn(this.#state.items(), now), answers: storedIn(rows, now) };
  }

  #firstDue(): [string, Waiting] | undefined {
    let first: [string, Waiting] | undefined;
    for (const entry of this.#waiting) {
      if (!first || entry[1].dueMs < first[1].dueMs) first = entry;
    }
    return first;
  }

  async #deliver(lane: string, { stream, shard, events }: Waiting, nowMs: number): Promise<void> {
    this.#waiting.delete(lane);
    this.#clock.moveTo(nowMs);
    const nudge = {
      send: async () => {
        this.#isNudged = true;
      },
    };
    const ports = { ...this.#ports, nudge };
    const batch = { stream, shard, records: this.#recordsOf(events) };
    await this.#measure(`ingest:${stream}`, () =>
      createIngest(this.#job, ports, this.#settings).ingest(batch),
    );
    if (!this.#isNudged) return;
    this.#isNudged = false;
    if (this.#job.kind === 'window') await this.#close('nudge');
    else await this.#fire('nudge');
  }

  async #runSchedule(): Promise<void> {
    this.#clock.moveTo(this.#nextScheduleMs);
    this.#nextScheduleMs += MINUTE_MS;
    await this.#fire('schedule');
    await this.#close('schedule');
  }

  async #close(trigger: 'nudge' | 'schedule'): Promise<void> {
    const job = this.#job;
    if (job.kind !== 'window') return;
    const ports = { ...this.#ports, results: this.#ports.results(job.table.name) };
    await this.#measure(`close:${trigger}`, () =>
      createCloser(job, ports, this.#settings).run(trigger),
    );
  }

  async #fire(trigger: 'nudge' | 'schedule'): Promise<void> {
    if (!hasTimers(this.#job)) return;
    await this.#measure(`fire:${trigger}`, () =>
      createTimerFirer(this.#job, this.#ports, this.#settings).run(trigger),
    );
  }

  async #measure(kind: string, work: () => Promise<unknown>): Promise<void> {
    const { read, write, requests } = this.#meter;
    await work();
    const total = this.#spent.get(kind) ?? noneSpent();
    this.#spent.set(kind, total);
    addSpent(total, {
      invocations: 1,
      requests: this.#meter.requests - requests,
      read: this.#meter.read - read,
      write: this.#meter.write - write,
    });
  }

  /** Numbered by this scene alone, so that its items have the same bytes in every run. */
  #recordsOf(events: readonly CostEvent[]): StreamRecord[] {
    const records: StreamRecord[] = [];
    for (let at = 0; at < events.length; at += PACKED) {
      const packed = events.slice(at, at + PACKED);
      const last = packed.at(-1) as CostEvent;
      this.#records += 1n;
      records.push({
        sequence: String(SEQUENCE_START + this.#records * SEQUENCE_STEP),
        arrival: arrivalTime(last.arrivalMs),
        partitionKey: last.partitionKey,
        data: Buffer.from(packed.map(({ line }) => line).join('\n')),
      });
    }
    return records;
  }
}
