/** A stream in memory: what is put on it is taken off it by shard, in order. */
import type { ShardId, StreamName } from '../../model/lane.ts';
import { type ShardRange, type ShardRanges, shardOfHash } from '../../model/shardRanges.ts';
import { arrivalTime } from '../../model/time.ts';
import type { Clock } from '../../ports/ports.ts';
import type { PutOutcome, RecordSink, SinkRecord } from '../../ports/recordSink.ts';
import type { StreamRecord } from '../../records/entry.ts';

/** What stands on a shard. */
export interface ShardRecords {
  readonly stream: StreamName;
  readonly shard: ShardId;
  readonly records: StreamRecord[];
}

export class MemoryStream implements RecordSink {
  readonly #stream: StreamName;
  readonly #ranges: ShardRanges;
  readonly #clock: Clock;
  readonly #waiting = new Map<ShardId, ShardRecords>();
  #put = 0;

  constructor(stream: StreamName, ranges: ShardRanges, clock: Clock) {
    this.#stream = stream;
    this.#ranges = ranges;
    this.#clock = clock;
  }

  async listShards(): Promise<readonly ShardRange[]> {
    return this.#ranges.list;
  }

  async putRecords(records: readonly SinkRecord[]): Promise<readonly PutOutcome[]> {
    return records.map((record) => this.#store(record));
  }

  /** What was put since, shard by shard. */
  take(): ShardRecords[] {
    const taken = [...this.#waiting.values()];
    this.#waiting.clear();
    return taken;
  }

  #store({ partitionKey, explicitHashKey, data }: SinkRecord): PutOutcome {
    const { shard } = shardOfHash(BigInt(explicitHashKey), this.#ranges);
    this.#put += 1;
    const sequence = String(this.#put);
    const waiting = this.#waiting.get(shard) ?? { stream: this.#stream, shard, records: [] };
    this.#waiting.set(shard, waiting);
    const arrival = arrivalTime(this.#clock.now());
    waiting.records.push({ sequence, arrival, partitionKey, data });
    return { kind: 'stored', shard, sequence };
  }
}
