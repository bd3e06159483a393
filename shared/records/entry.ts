/** What a record's bytes turn into: entries, one per event, each still to be validated by a job's source. */
import type { SequenceNumber } from '../model/position.ts';
import type { ArrivalTime } from '../model/time.ts';
import type { Redriven } from './envelopes.ts';
import type { HashKey } from './kpl.ts';
import type { ProducerPlace } from './stamp.ts';

/** A record as Kinesis hands it over. */
export interface StreamRecord {
  readonly sequence: SequenceNumber;
  readonly arrival: ArrivalTime;
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** A record that a reader of files has parsed already: one text of JSON without a line end, and what it parses into. */
interface ParsedRecord extends Omit<StreamRecord, 'data'> {
  readonly line: string;
  /** Exactly what `JSON.parse` makes of the line. */
  readonly value: unknown;
}

export type BatchRecord = StreamRecord | ParsedRecord;

/** One event's place and content, or what stands in the place of one. */
export type Entry = ReadableEntry | DamagedEntry | ControlEntry;

/** `sequence` and `index` make it a `Position`. */
interface EntryPlace {
  readonly sequence: SequenceNumber;
  readonly index: number;
  readonly arrival: ArrivalTime;
  readonly partitionKey: string;
  /** The event as it came: text, or bytes where they are not text. Kept for the dead letter. */
  readonly raw: string | Uint8Array;
  /** Of an event in an aggregate that says by what its producer chose the shard. */
  readonly hashKey?: HashKey | undefined;
  /** Set where the event comes from a dead letter that was put back on its stream. */
  readonly redriven?: Redriven | undefined;
  /** Set where a named producer put the event. */
  readonly produced?: ProducerPlace | undefined;
}

export interface ReadableEntry extends EntryPlace {
  /** The parsed JSON, which may still be no event of the stream. */
  readonly value: unknown;
}

export interface DamagedEntry extends EntryPlace {
  /** Why it cannot be decoded at all. */
  readonly problem: string;
}

/** Says something of its sender to its reader, and is no event: counted as filtered, whoever reads it. */
export interface ControlEntry extends EntryPlace {
  readonly value: undefined;
  readonly isControl: true;
}
