/**
 * Packing: events of one shard, in put order, into records of newline-delimited JSON; and which events can be put at all. No I/O.
 * When a record is sent is not decided here.
 */

import { PoisonEventError } from '../errors.ts';
import { ASCII_MAX, SPACE } from '../model/ascii.ts';
import { SINK_LIMITS } from '../ports/recordSink.ts';
import { isAggregate } from '../records/kpl.ts';

/** An event on its way. */
export interface PutEvent {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** Given instead of the partition key's MD5. */
  readonly explicitHashKey?: bigint;
  /** The how-manieth put it was: put order, whatever queue it is in. */
  readonly order: number;
  /** When it was put (ms): how long it has been waiting. */
  readonly since: number;
}

/** Events that travel as one record. Never empty once sealed. */
export interface PackedRecord {
  readonly events: PutEvent[];
  bytes: number;
}

export const emptyRecord = (): PackedRecord => ({ events: [], bytes: 0 });

/** A record's first event names its partition key; it counts towards the size that Kinesis allows. */
const keyBytes = (event: PutEvent): number => Buffer.byteLength(event.partitionKey);

/** Whether the record can take the event: a record's first event always fits, since `checkEvent` passed it. */
export const hasRoomFor = (
  record: PackedRecord,
  event: PutEvent,
  recordBytesMax: number,
): boolean => record.events.length === 0 || record.bytes + 1 + event.data.length <= recordBytesMax;

export function append(record: PackedRecord, event: PutEvent): void {
  record.bytes += event.data.length + (record.events.length === 0 ? keyBytes(event) : 1);
  record.events.push(event);
}

/** The record's data: its events, one a line. */
export function dataOf(record: PackedRecord): Uint8Array {
  const [first] = record.events;
  if (record.events.length === 1 && first) return first.data;
  const data = Buffer.allocUnsafe(
    record.events.reduce((sum, event) => sum + event.data.length + 1, -1),
  );
  let at = 0;
  for (const [i, event] of record.events.entries()) {
    if (i > 0) data[at++] = NEWLINE;
    data.set(event.data, at);
    at += event.data.length;
  }
  return data;
}

const NEWLINE = 0x0a;

/**
 * The event's bytes, without a final newline.
 * Throws PoisonEventError where no reader would see exactly this event in a record.
 */
export function checkEvent(partitionKey: string, raw: string | Uint8Array): Uint8Array {
  const bytes = typeof raw === 'string' ? Buffer.from(raw) : raw;
  const data = bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes;
  const problem = problemOf(partitionKey, data);
  if (problem) throw new PoisonEventError(`the event cannot be put: ${problem}`);
  return data;
}

function problemOf(partitionKey: string, data: Uint8Array): string | undefined {
  const { partitionKeyLengthMax, recordBytesMax } = SINK_LIMITS;
  if (partitionKey.length === 0 || partitionKey.length > partitionKeyLengthMax) {
    return `its partition key has ${partitionKey.length} characters; 1 to ${partitionKeyLengthMax} are allowed`;
  }
  if (data.length + Buffer.byteLength(partitionKey) > recordBytesMax) {
    return `its ${data.length} bytes are more than a record holds (1 MiB with the partition key)`;
  }
  if (data.includes(NEWLINE)) return 'it has several lines; write it as one line of JSON';
  if (isAggregate(data)) return 'it is an aggregated record, which cannot be packed';
  return isBlank(data) ? 'it is blank' : undefined;
}

/** Only what starts with white space, or outside ASCII where some of it lies, is worth a closer look. */
function isBlank(data: Uint8Array): boolean {
  const first = data[0] ?? SPACE;
  if (first > SPACE && first <= ASCII_MAX) return false;
  return Buffer.from(data).toString('utf8').trim() === '';
}
