/**
 * A job as it is deployed, in simulated time: lanes deliver a batch when Lambda would, ingest nudges, and the schedule runs
 * every minute.
 */
import type { ShardRecords } from '../shared/adapters/memory/stream.ts';
import type { Job } from '../shared/job/job.ts';
import { repartitionStreamOf } from '../shared/job/repartition.ts';
import { streamsOf } from '../shared/job/spec.ts';
import { hasWindows, needsFiring } from '../shared/job/traits.ts';
import type { ShardId, StreamName } from '../shared/model/lane.ts';
import { equalRanges, shardOf } from '../shared/model/shardRanges.ts';
import type { CloseReport } from '../shared/runtime/closing/closeWindows.ts';
import type { IngestReport } from '../shared/runtime/ingest/ingest.ts';
import type { RunTrigger } from '../shared/runtime/scheduledRun.ts';
import type { EngineSettings } from '../shared/runtime/settings.ts';
import type { FireReport } from '../shared/runtime/timers/fireTimers.ts';
import type { Line } from './records.ts';
import { type Invocation, Scene, type Temperature } from './scene.ts';

/** When Lambda invokes an ingest function: so long after the first line, or with so many. */
export interface Batching {
  readonly windowMs: number;
  readonly lines: number;
}

/** An invocation, by which function and why: the stream of a batch, or what triggered a run. */
export type Invoked =
  | ({ readonly by: 'ingest'; readonly why: StreamName } & Invocation<IngestReport>)
  | ({ readonly by: 'close'; readonly why: RunTrigger } & Invocation<CloseReport>)
  | ({ readonly by: 'fire'; readonly why: RunTrigger } & Invocation<FireReport>);

export interface DeploymentOptions {
  readonly batching: Batching;
  readonly linesEach: number;
  /** Of each stream; one where it is not said. */
  readonly lanes?: ReadonlyMap<StreamName, number>;
  readonly engines: { readonly ingest: Temperature; readonly scheduled: Temperature };
  readonly settings?: EngineSettings;
  /** When the schedule first runs. */
  readonly firstRunMs: number;
  onInvocation(invoked: Invoked): void;
}

interface Lane {
  readonly stream: StreamName;
  readonly shard: ShardId;
  /** What waits to be delivered, and until when; nothing is due. */
  lines: Line[];
  bytes: number;
  dueMs: number;
}

/** What was forwarded to a shard of the job's own stream. */
interface ForwardedBatch extends ShardRecords {
  readonly dueMs: number;
}

const dueMsOf = (due: { readonly dueMs: number } | undefined): number =>
  due?.dueMs ?? Number.POSITIVE_INFINITY;

const MINUTE_MS = 60_000;
/** Of the 6 MB that Lambda takes, without its envelope; base64 makes four bytes of three. */
const PAYLOAD_BYTES = 5_500_000;
const BASE64 = 4 / 3;

export class Deployment {
  readonly scene: Scene;
  readonly #options: DeploymentOptions;
  readonly #lanes = new Map<StreamName, (partitionKey: string) => Lane>();
  /** Lanes on which lines wait, in the order in which they are due. */
  readonly #waiting = new Set<Lane>();
  /** Of the job's own stream, by shard, in the order in which they are due. */
  readonly #forwarded = new Map<ShardId, ForwardedBatch>();
  #nextRunMs: number;

  constructor(job: Job, options: DeploymentOptions) {
    this.#options = options;
    this.#nextRunMs = options.firstRunMs;
    for (const stream of streamsOf(job))
      this.#lanes.set(stream, lanesOf(stream, options.lanes?.get(stream) ?? 1));
    const own = repartitionStreamOf(job);
    const look = async (stream: StreamName, shard: ShardId) => {
      if (stream === own) {
        return this.#forwarded.has(shard) ? 'hasMore' : 'drained';
      }
      const waiting = [...this.#waiting].filter((lane) => lane.stream === stream);
      return waiting.some((lane) => lane.shard === shard) ? 'hasMore' : 'drained';
    };
    const { settings } = options;
    this.scene = new Scene(job, {
      ...(settings ? { settings } : {}),
      ports: { reader: { look } },
      ownShards: options.lanes?.get(own ?? '') ?? 1,
    });
  }

  /** An event arrives, after what was due before. */
  async take(line: Line): Promise<void> {
    const { stream, partitionKey, arrivalMs } = line;
    if (this.#isDue(arrivalMs)) await this.passTimeTo(arrivalMs);
    const { windowMs, lines: most } = this.#options.batching;
    const lane = this.#lanes.get(stream)?.(partitionKey);
    if (!lane) throw new Error(`the job does not read ${stream}`);
    if (lane.lines.length === 0) {
      lane.dueMs = arrivalMs + windowMs;
      this.#waiting.add(lane);
    }
    lane.lines.push(line);
    lane.bytes += line.line.length + 1;
    const isFull = lane.lines.length >= most || lane.bytes * BASE64 >= PAYLOAD_BYTES;
    if (isFull) await this.#deliver(lane, arrivalMs);
  }

  /** Batches whose time has come and schedules, in order. */
  async passTimeTo(ms: number): Promise<void> {
    while (this.#isDue(ms)) {
      const next = this.#firstDue();
      const forwarded = this.#firstForwarded();
      const [nextMs, forwardedMs] = [dueMsOf(next), dueMsOf(forwarded)];
      if (forwarded && forwardedMs < Math.min(nextMs, this.#nextRunMs)) {
        await this.#deliverForwarded(forwarded, forwardedMs);
      } else if (next && nextMs < this.#nextRunMs) await this.#deliver(next, nextMs);
      else await this.#runSchedule();
    }
  }

  /** What waits still is delivered at once. */
  async deliverRest(ms: number): Promise<void> {
    await this.passTimeTo(ms);
    for (const lane of this.#waiting) await this.#deliver(lane, ms);
    for (const batch of this.#forwarded.values()) await this.#deliverForwarded(batch, ms);
  }

  #isDue(ms: number): boolean {
    return [this.#nextRunMs, dueMsOf(this.#firstDue()), dueMsOf(this.#firstForwarded())].some(
      (due) => ms >= due,
    );
  }

  #firstForwarded(): ForwardedBatch | undefined {
    return this.#forwarded.values().next().value;
  }

  /** Lambda gathers what was forwarded as it does any records. */
  #gatherForwarded(nowMs: number): void {
    for (const { stream, shard, records } of this.scene.takeForwarded()) {
      const dueMs = nowMs + this.#options.batching.windowMs;
      const batch = this.#forwarded.get(shard) ?? { stream, shard, records: [], dueMs };
      this.#forwarded.set(shard, batch);
      batch.records.push(...records);
    }
  }

  async #deliverForwarded(batch: ForwardedBatch, nowMs: number): Promise<void> {
    const { engines, onInvocation } = this.#options;
    this.#forwarded.delete(batch.shard);
    const delivery = { engine: engines.ingest, nowMs };
    const invocation = await this.scene.ingestForwarded(batch, delivery);
    onInvocation({ by: 'ingest', why: batch.stream, ...invocation });
  }

  #firstDue(): Lane | undefined {
    return this.#waiting.values().next().value;
  }

  async #deliver(lane: Lane, nowMs: number): Promise<void> {
    const { engines, linesEach, onInvocation } = this.#options;
    const { stream, shard, lines } = lane;
    this.#waiting.delete(lane);
    lane.lines = [];
    lane.bytes = 0;
    const delivery = { engine: engines.ingest, shard, linesEach, nowMs };
    onInvocation({ by: 'ingest', why: stream, ...(await this.scene.ingest(lines, delivery)) });
    this.#gatherForwarded(nowMs);
    if (this.scene.takeNudge()) await this.#close('nudge');
  }

  async #runSchedule(): Promise<void> {
    this.scene.clock.moveTo(this.#nextRunMs);
    this.#nextRunMs += MINUTE_MS;
    if (needsFiring(this.scene.job)) await this.#fire('schedule');
    if (hasWindows(this.scene.job)) await this.#close('schedule');
  }

  async #close(why: RunTrigger): Promise<void> {
    const { engines, onInvocation } = this.#options;
    onInvocation({ by: 'close', why, ...(await this.scene.close(why, engines.scheduled)) });
  }

  async #fire(why: RunTrigger): Promise<void> {
    const { engines, onInvocation } = this.#options;
    onInvocation({ by: 'fire', why, ...(await this.scene.fire(why, engines.scheduled)) });
  }
}

/** The lane of a key; hashed once for each, because MD5 would be most of the simulation. */
function lanesOf(stream: StreamName, shards: number): (partitionKey: string) => Lane {
  const ranges = equalRanges(shards);
  const lanes = new Map(
    ranges.list.map(({ shard }) => [shard, { stream, shard, lines: [], bytes: 0, dueMs: 0 }]),
  );
  const known = new Map<string, Lane>();
  return (key) => {
    const lane = known.get(key) ?? (lanes.get(shardOf(key, ranges).shard) as Lane);
    known.set(key, lane);
    return lane;
  };
}
