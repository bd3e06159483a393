/** What a record's bytes turn into: entries, one per event, each still to be validated by a job's source. */
import type { SequenceNumber } from '../model/position.ts';
import type { ArrivalTime } from '../model/time.ts';
import type { HashKey } from './kpl.ts';
import type { Redriven } from './redrive.ts';

/** A record as Kinesis hands it over. */
export interface StreamRecord {
  readonly sequence: SequenceNumber;
  readonly arrival: ArrivalTime;
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** One event's place and content. `sequence` and `index` make it a `Position`. */
export interface Entry {
  readonly sequence: SequenceNumber;
  readonly index: number;
  readonly arrival: ArrivalTime;
  readonly partitionKey: string;
  /** The event as it came: text, or bytes where they are not text. Kept for the dead letter. */
  readonly raw: string | Uint8Array;
  /** The parsed JSON; meaningless where there is a problem. */
  readonly value: unknown;
  /** Why the entry cannot be decoded at all. */
  readonly problem?: string;
  /** Of an event in an aggregate that says by what its producer chose the shard. */
  readonly hashKey?: HashKey | undefined;
  /** Set where the event comes from a dead letter that was put back on its stream. */
  readonly redriven?: Redriven | undefined;
}
