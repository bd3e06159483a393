/**
 * Packing: events of one shard, in put order, into records of newline-delimited JSON, a named producer's behind its stamp; and which
 * events can be put at all. No I/O.
 * When a record is sent is not decided here.
 */

import { PoisonEventError } from '../errors.ts';
import { ASCII_MAX, SPACE } from '../model/ascii.ts';
import type { Offset } from '../model/offset.ts';
import { SINK_LIMITS } from '../ports/recordSink.ts';
import { isAggregate } from '../records/kpl.ts';
import {
  encodeStamp,
  isStamped,
  type Plan,
  STEPS_PADDING,
  stampBytesOf,
  stepBytes,
} from '../records/stamp.ts';

/** An event on its way. */
export interface PutEvent {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** Given instead of the partition key's MD5. */
  readonly explicitHashKey?: bigint;
  /** Of a named producer's, where it stands in its source. */
  readonly offset?: Offset;
  /** It is one of those that each shard gets of one event. */
  readonly isCopy?: true;
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

/** Whether the record can take the event: a record's first event always fits, since `checkEvent` passed it. */
export const hasRoomFor = (
  record: PackedRecord,
  event: PutEvent,
  recordBytesMax: number,
): boolean =>
  record.events.length === 0 || record.bytes + moreBytes(record, event) <= recordBytesMax;

/** @param plan of a named producer's record */
export function append(record: PackedRecord, event: PutEvent, plan?: Plan): void {
  record.bytes += record.events.length === 0 ? firstBytes(event, plan) : moreBytes(record, event);
  record.events.push(event);
}

/** A record's first event names its partition key, which counts towards the size that Kinesis allows. */
function firstBytes({ data, partitionKey, offset }: PutEvent, plan: Plan | undefined): number {
  const plain = data.length + Buffer.byteLength(partitionKey);
  return plan ? plain + stampBytesOf(plan)(offset ?? 0) + STEPS_PADDING : plain;
}

function moreBytes({ events }: PackedRecord, { data, offset }: PutEvent): number {
  const before = events.at(-1)?.offset;
  const step = before === undefined || offset === undefined ? 0 : stepBytes(before, offset);
  return 1 + data.length + step;
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

/** The same behind its stamp. @param after the last offset of the record before it */
export function stampedDataOf(record: PackedRecord, plan: Plan, after: Offset | undefined): Buffer {
  const offsets = record.events.map(({ offset = 0 }) => offset);
  return Buffer.concat([encodeStamp(plan, after, offsets), dataOf(record)]);
}

const NEWLINE = 0x0a;

/**
 * The event's bytes, without a final newline.
 * Throws PoisonEventError where no reader would see exactly this event in a record.
 * @param stampLength what a stamp takes in front of it
 */
export function checkEvent(
  partitionKey: string,
  raw: string | Uint8Array,
  stampLength = 0,
): Uint8Array {
  const bytes = typeof raw === 'string' ? Buffer.from(raw) : raw;
  const data = bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes;
  const problem = problemOf(partitionKey, data, stampLength);
  if (problem) throw new PoisonEventError(`the event cannot be put: ${problem}`);
  return data;
}

function problemOf(
  partitionKey: string,
  data: Uint8Array,
  stampLength: number,
): string | undefined {
  const { partitionKeyLengthMax, recordBytesMax } = SINK_LIMITS;
  if (partitionKey.length === 0 || partitionKey.length > partitionKeyLengthMax) {
    return `its partition key has ${partitionKey.length} characters; 1 to ${partitionKeyLengthMax} are allowed`;
  }
  if (data.length + Buffer.byteLength(partitionKey) + stampLength > recordBytesMax) {
    const others =
      stampLength > 0 ? "the partition key and the producer's stamp" : 'the partition key';
    return `its ${data.length} bytes are more than a record holds (1 MiB with ${others})`;
  }
  if (data.includes(NEWLINE)) return 'it has several lines; write it as one line of JSON';
  if (isAggregate(data)) return 'it is an aggregated record, which cannot be packed';
  if (isStamped(data)) return "it begins like a named producer's record";
  return isBlank(data) ? 'it is blank' : undefined;
}

/** Only what starts with white space, or outside ASCII where some of it lies, is worth a closer look. */
function isBlank(data: Uint8Array): boolean {
  const first = data[0] ?? SPACE;
  if (first > SPACE && first <= ASCII_MAX) return false;
  return Buffer.from(data).toString('utf8').trim() === '';
}
