/** What a producer is told, and what it tells. */
import type { ShardId } from '../model/lane.ts';
import type { SequenceNumber } from '../model/position.ts';
import type { RecordSink } from '../ports/recordSink.ts';
export interface ProducerOptions {
  readonly sink: RecordSink;
  /** How long an event may wait for others to share its record. */
  readonly lingerMs?: number;
  /** A record is closed before it exceeds this. 25 KB is one PUT unit; at most 1 MiB. */
  readonly recordBytesMax?: number;
  /** `put` resolves late while more than this waits to be acknowledged. */
  readonly pendingBytesMax?: number;
  /** An event that could not be sent for so long is given up. */
  readonly deliveryTimeoutMs?: number;
  /** The clock, and how to wait; tests own them. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** 0 to 1: spreads retries of several producers. */
  readonly random?: () => number;
  readonly onAcknowledged?: (acknowledged: Acknowledged) => void;
  /** A record without a reply goes again: from now on its events may be there twice. */
  readonly onRepeated?: (repeated: Repeated) => void;
  readonly onUndelivered?: (undelivered: Undelivered) => void;
}

/** A stored record. */
export interface Acknowledged {
  readonly shard: ShardId;
  readonly sequence: SequenceNumber;
  /** How many events it holds. */
  readonly events: number;
}

/** A record that is put again although its first put may have succeeded. */
export interface Repeated {
  readonly reason: string;
  readonly events: number;
}

/** Events given up, in put order. After a lost reply they may be stored all the same. */
export interface Undelivered {
  readonly reason: string;
  readonly events: readonly { readonly partitionKey: string; readonly data: Uint8Array }[];
}

/** Events by what became of them. */
export interface ProducerTotals {
  readonly acknowledged: number;
  readonly undelivered: number;
}

export type ProducerSettings = Required<ProducerOptions>;
