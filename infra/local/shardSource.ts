/** What is asked of a stream. Kinesis behind it, or a test. */
import type { ShardId } from '../../shared/model/lane.ts';
import type { SequenceNumber } from '../../shared/model/position.ts';

export interface SourceRecord {
  readonly sequence: SequenceNumber;
  readonly partitionKey: string;
  /** Epoch seconds with fraction, as Lambda's event has it. */
  readonly arrivalSeconds: number;
  readonly data: Uint8Array;
}

export interface ShardRead {
  readonly records: readonly SourceRecord[];
  /** 'atTip': nothing follows for now. 'ended': the shard is closed and nothing ever follows. */
  readonly state: 'more' | 'atTip' | 'ended';
}

export interface SourceShard {
  readonly shard: ShardId;
  readonly parents: readonly ShardId[];
}

export interface ShardSource {
  /** All shards, closed ones included. */
  listShards(): Promise<readonly SourceShard[]>;
  /** The records that follow `after`, or the oldest ones. */
  read(shard: ShardId, after: SequenceNumber | undefined): Promise<ShardRead>;
}

/** Waiting, owned by tests. */
export interface Timing {
  /** Monotonic milliseconds. */
  now(): number;
  /** Resolves after a time, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Everything behind a position, or in the shard, up to its present end. */
export async function recordsAfter(
  source: ShardSource,
  shard: ShardId,
  after: SequenceNumber | undefined,
): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (;;) {
    const read = await source.read(shard, records.at(-1)?.sequence ?? after);
    records.push(...read.records);
    if (read.state === 'ended' || (read.state === 'atTip' && read.records.length === 0)) {
      return records;
    }
  }
}
