/** One mapping on one shard: reads on, gathers batches, delivers them in order, keeps the checkpoint. */
import type { ShardId } from '../../shared/model/lane.ts';
import type { SequenceNumber } from '../../shared/model/position.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { MappingDefinition } from './definitions.ts';
import { deliver } from './deliver.ts';
import { payloadBytesOf } from './kinesisEvent.ts';
import type { ShardRead, ShardSource, SourceRecord, Timing } from './shardSource.ts';
import { pause, type Wakeups } from './wakeups.ts';

export interface PollerPorts {
  readonly source: ShardSource;
  readonly checkpoints: Checkpoints;
  readonly timing: Timing;
  readonly signal: AbortSignal;
  /** When to look again at a shard, or at the list of them, where nothing was found. */
  readonly wakeups: Wakeups;
  invoke(shard: ShardId, records: readonly SourceRecord[]): Promise<unknown>;
  /** Failures that the runner goes on from: of the function, and of the stream. */
  onFailure(error: unknown): void;
  onReadFailure(error: unknown): void;
}

/** Lambda's limit of an invocation's payload. */
const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;
const POLL_INTERVAL_MS = 200;
const READ_RETRY_MS = 500;
/** Pauses double while a shard is idle. */
const DOUBLINGS_MAX = 10;
/** The first empty read may have begun before what is waited for was put; the second one did not. */
const EMPTY_READS_AT_REST = 2;

export class ShardPoller {
  readonly shard: ShardId;
  readonly #mapping: MappingDefinition;
  readonly #ports: PollerPorts;
  #waiting: SourceRecord[] = [];
  #readUpTo: SequenceNumber | undefined;
  #hasEnded = false;
  #isFinished = false;
  #emptyReads = 0;
  /** Empty reads since something was found, or since somebody asked whether there is nothing. */
  #idleReads = 0;
  #wake: AbortSignal;
  #asked = new AbortController();
  #atRest: (() => void)[] = [];
  #prefetched: Promise<ShardRead> | undefined;

  constructor(shard: ShardId, mapping: MappingDefinition, ports: PollerPorts) {
    this.shard = shard;
    this.#mapping = mapping;
    this.#ports = ports;
    this.#wake = ports.wakeups.next;
    this.#readUpTo = ports.checkpoints.get(mapping.name, shard)?.after;
  }

  /** Runs until the shard is drained for ever, or the signal aborts. */
  async run(): Promise<'drained' | 'stopped'> {
    const { signal } = this.#ports;
    while (!signal.aborted) {
      const batch = await this.#nextBatch();
      if (batch.length === 0) break;
      this.#prefetched ??= this.#hasEnded ? undefined : this.#read();
      await this.#deliver(batch);
    }
    const isDrained = this.#hasEnded && this.#waiting.length === 0 && !signal.aborted;
    if (isDrained) this.#checkpoint({ drained: true });
    this.#isFinished = true;
    this.#settle();
    return isDrained ? 'drained' : 'stopped';
  }

  /** Resolves when everything that is on the shard now is processed. */
  async rest(): Promise<void> {
    if (this.#isFinished) return;
    this.#emptyReads = 0;
    const resting = new Promise<void>((resolve) => this.#atRest.push(resolve));
    this.#idleReads = 0;
    this.#asked.abort();
    this.#asked = new AbortController();
    await resting;
  }

  /** Empty only when the shard has ended or the runner stops. */
  async #nextBatch(): Promise<readonly SourceRecord[]> {
    const { timing, signal } = this.#ports;
    let sendAt = this.#waiting.length > 0 ? this.#windowEnd() : undefined;
    while (!signal.aborted) {
      const full = this.#fullBatch();
      if (full > 0) return this.#waiting.splice(0, full);
      const isTimeUp = sendAt !== undefined && timing.now() >= sendAt;
      if (this.#hasEnded || isTimeUp) return this.#waiting.splice(0);
      await this.#readOn();
      if (this.#waiting.length > 0) sendAt ??= this.#windowEnd();
    }
    return [];
  }

  async #readOn(): Promise<void> {
    const { records, state } = await (this.#prefetched ?? this.#read());
    this.#prefetched = undefined;
    this.#waiting.push(...records);
    this.#readUpTo = records.at(-1)?.sequence ?? this.#readUpTo;
    this.#hasEnded = state === 'ended';
    const foundNothing = records.length === 0 && state === 'atTip' && this.#waiting.length === 0;
    this.#emptyReads = foundNothing ? this.#emptyReads + 1 : 0;
    this.#idleReads = foundNothing ? this.#idleReads + 1 : 0;
    if (this.#emptyReads >= EMPTY_READS_AT_REST) this.#settle();
    if (records.length === 0 && !this.#hasEnded) await this.#pause();
  }

  /** As it was since the read began: what is put meanwhile ends the pause. */
  async #pause(): Promise<void> {
    const { timing, signal, wakeups } = this.#ports;
    const doublings = Math.min(DOUBLINGS_MAX, Math.max(0, this.#idleReads - EMPTY_READS_AT_REST));
    const ms = Math.min(POLL_INTERVAL_MS * 2 ** doublings, wakeups.pauseMsMax);
    const wake = AbortSignal.any([this.#wake, this.#asked.signal]);
    await pause(timing, { ms, msMin: POLL_INTERVAL_MS }, { stop: signal, wake });
    if (this.#wake.aborted) this.#idleReads = 0;
  }

  #windowEnd(): number {
    return this.#ports.timing.now() + this.#mapping.batchWindowSeconds * 1_000;
  }

  /** How many waiting records make a full batch; 0 while there is room for more. */
  #fullBatch(): number {
    let bytes = 0;
    for (const [i, record] of this.#waiting.entries()) {
      bytes += payloadBytesOf(record);
      if (bytes > PAYLOAD_BYTES_MAX) return Math.max(1, i);
      if (i + 1 === this.#mapping.batchSize) return i + 1;
    }
    return 0;
  }

  /** Never rejects: a read that fails is reported and counts as one that found nothing yet. */
  async #read(): Promise<ShardRead> {
    const { source, timing, signal, onReadFailure } = this.#ports;
    this.#wake = this.#ports.wakeups.next;
    try {
      return await source.read(this.shard, this.#readUpTo);
    } catch (error) {
      onReadFailure(error);
      await timing.sleep(READ_RETRY_MS, signal);
      return { records: [], state: 'more' };
    }
  }

  #settle(): void {
    for (const resolve of this.#atRest.splice(0)) resolve();
  }

  async #deliver(batch: readonly SourceRecord[]): Promise<void> {
    const { timing, signal, onFailure } = this.#ports;
    await deliver(batch, this.#mapping, {
      timing,
      signal,
      onFailure,
      invoke: (records) => this.#ports.invoke(this.shard, records),
      onProcessed: (records) => this.#checkpoint({ after: records.at(-1)?.sequence ?? '' }),
    });
  }

  #checkpoint(change: { after: SequenceNumber } | { drained: true }): void {
    const { name } = this.#mapping;
    const before = this.#ports.checkpoints.get(name, this.shard);
    this.#ports.checkpoints.set(name, this.shard, { ...before, ...change });
  }
}
