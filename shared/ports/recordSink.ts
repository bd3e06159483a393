/** Where a producer's records go: one stream. Kinesis behind it, or memory. */
import type { ShardId } from '../model/lane.ts';
import type { SequenceNumber } from '../model/position.ts';
import type { ShardRange } from '../model/shardRanges.ts';

export interface SinkRecord {
  readonly partitionKey: string;
  /** A hash key in decimal digits: decides the shard instead of the partition key's MD5. */
  readonly explicitHashKey: string;
  readonly data: Uint8Array;
}

export type PutOutcome =
  | { readonly kind: 'stored'; readonly shard: ShardId; readonly sequence: SequenceNumber }
  /** Certainly not stored: throttled, or failed inside. Worth another try. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No reply: it may be stored, now or in a moment. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface RecordSink {
  /**
   * Stores records; the outcomes are in their order. Some may be refused while others are stored.
   * Throws RetryableError (nothing stored) or UnknownOutcomeError (no reply: any of them may be stored);
   * anything else thrown will not get better by trying again. It sends a request once: what is repeated is
   * for the producer to decide, and to say.
   */
  putRecords(records: readonly SinkRecord[]): Promise<readonly PutOutcome[]>;
  /** The open shards. Throws RetryableError where it cannot say for now. */
  listShards(): Promise<readonly ShardRange[]>;
}

/** A clock, and how to wait; the process's own where nothing else is said. */
export interface PutTiming {
  /** In milliseconds. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
  /** 0 to 1: spreads retries of several producers. */
  random(): number;
}

/** Limits of PutRecords. */
export const SINK_LIMITS = {
  recordsMax: 500,
  requestBytesMax: 5 * 1024 * 1024,
  /** Data and partition key of one record. */
  recordBytesMax: 1024 * 1024,
  partitionKeyLengthMax: 256,
} as const;

/** As much of a key as Kinesis takes, such as of a long URL. */
export const asPartitionKey = (key: string): string =>
  key.slice(0, SINK_LIMITS.partitionKeyLengthMax).toWellFormed();
