/** A stream in memory whose faults are drawn from a seed, and whose records can be looked at. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RetryableError, UnknownOutcomeError } from '../../../shared/errors.ts';
import {
  equalRanges,
  type ShardRange,
  shardOfHash,
  shardRanges,
} from '../../../shared/model/shardRanges.ts';
import type { PutOutcome, RecordSink, SinkRecord } from '../../../shared/ports/recordSink.ts';

/** Each a probability from 0 to 1. */
export interface SinkFaults {
  /** One record of a request is refused. */
  readonly refused?: number;
  /** A whole request is refused. */
  readonly throttled?: number;
  /** A request is stored, at least in part, but its reply is lost. */
  readonly lostReply?: number;
  /** `listShards` is refused. */
  readonly unlisted?: number;
}

export interface StoredRecord extends SinkRecord {
  readonly shard: string;
}

export class MemorySink implements RecordSink {
  readonly records: StoredRecord[] = [];
  readonly requests: (readonly SinkRecord[])[] = [];
  lostReplies = 0;
  faults: SinkFaults;
  readonly #random: () => number;
  #shards: readonly ShardRange[];
  #sent = 0;

  constructor(shards: number, random: () => number = () => 1, faults: SinkFaults = {}) {
    this.#shards = equalRanges(shards).list;
    this.#random = random;
    this.faults = faults;
  }

  /** Replaces the shards by so many new ones with equal ranges. */
  reshard(count: number, generation: string): void {
    this.#shards = equalRanges(count).list.map((range) => ({
      ...range,
      shard: `${generation}-${range.shard}`,
    }));
  }

  /** Splits a shard into two halves. */
  replace(shard: string, [first, second]: readonly [string, string]): void {
    this.#shards = this.#shards.flatMap((range) => {
      if (range.shard !== shard) return [range];
      const middle = (range.start + range.end) / 2n;
      return [
        { shard: first, start: range.start, end: middle },
        { shard: second, start: middle + 1n, end: range.end },
      ];
    });
  }

  /** Every event line of a shard, in the order it is stored. */
  linesOf(shard: string): string[] {
    return this.records
      .filter((record) => record.shard === shard)
      .flatMap((record) => Buffer.from(record.data).toString().split('\n'));
  }

  get shards(): string[] {
    return [...new Set(this.records.map((record) => record.shard))];
  }

  async putRecords(records: readonly SinkRecord[]): Promise<readonly PutOutcome[]> {
    this.requests.push(records);
    await this.#network();
    if (this.#happens('throttled')) throw new RetryableError('slow down');
    const outcomes = records.map((record) => this.#store(record));
    await this.#network();
    if (this.#happens('lostReply')) {
      this.lostReplies += 1;
      throw new UnknownOutcomeError('no reply');
    }
    return outcomes;
  }

  async listShards(): Promise<readonly ShardRange[]> {
    await this.#network();
    if (this.#happens('unlisted')) throw new RetryableError('not now');
    return this.#shards;
  }

  #store(record: SinkRecord): PutOutcome {
    if (this.#happens('refused')) return { kind: 'refused', reason: 'this shard is busy' };
    const ranges = shardRanges(this.#shards);
    if (!ranges) throw new Error('the sink has no shards');
    const { shard } = shardOfHash(BigInt(record.explicitHashKey), ranges);
    this.records.push({ ...record, shard });
    this.#sent += 1;
    return { kind: 'stored', shard, sequence: String(this.#sent) };
  }

  #happens(fault: keyof SinkFaults): boolean {
    return this.#random() < (this.faults[fault] ?? 0);
  }

  /** Requests overtake each other: each takes some turns of the event loop. */
  async #network(): Promise<void> {
    for (let turns = Math.floor(this.#random() * 3); turns > 0; turns -= 1) await nextTurn();
  }
}
