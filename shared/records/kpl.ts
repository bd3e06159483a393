/**
 * The Kinesis Producer Library's aggregated record format: magic F3 89 9A C2, a protobuf message, and an
 * MD5 of the message. Source: "KPL Aggregated Record Format" in the amazon-kinesis-producer repository.
 *
 * AggregatedRecord { repeated string partition_key_table = 1; repeated string explicit_hash_key_table = 2;
 *                    repeated Record records = 3; }
 * Record { required uint64 partition_key_index = 1; optional uint64 explicit_hash_key_index = 2;
 *          required bytes data = 3; repeated Tag tags = 4; }
 */
import { createHash } from 'node:crypto';
import { ByteReader } from '../aggregates/bytes.ts';

export interface UserRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

const MAGIC = [0xf3, 0x89, 0x9a, 0xc2] as const;
const DIGEST_LENGTH = 16;

export const isAggregate = (data: Uint8Array): boolean =>
  data[0] === MAGIC[0] && MAGIC.every((byte, i) => data[i] === byte);

/** The user records, in order and made as they are asked for, or why the aggregate cannot be read. */
export function unpackAggregate(
  data: Uint8Array,
): { records: Iterable<UserRecord> } | { problem: string } {
  const message = data.subarray(MAGIC.length, data.length - DIGEST_LENGTH);
  const digest = data.subarray(data.length - DIGEST_LENGTH);
  if (data.length < MAGIC.length + DIGEST_LENGTH) {
    return { problem: 'the aggregated record is cut short' };
  }
  if (!createHash('md5').update(message).digest().equals(digest)) {
    return { problem: "the aggregated record's MD5 does not match its content" };
  }
  try {
    const { keys, records } = checkMessage(message);
    return records > 0
      ? { records: readMessage(message, keys) }
      : { problem: 'the aggregated record holds no events' };
  } catch {
    return { problem: 'the aggregated record is not the protobuf message it should be' };
  }
}

/** Throws where any part of the message is not what it should be, so that an aggregate is read as a whole or not at all. */
function checkMessage(message: Uint8Array): { keys: string[]; records: number } {
  const keys: string[] = [];
  let records = 0;
  for (const { field, bytes } of fieldsOf(message)) {
    if (field === 1 && bytes) keys.push(new TextDecoder().decode(bytes));
    if (field !== 3 || !bytes) continue;
    readRecord(bytes, []);
    records += 1;
  }
  return { keys, records };
}

function* readMessage(message: Uint8Array, keys: readonly string[]): Iterable<UserRecord> {
  for (const { field, bytes } of fieldsOf(message)) {
    if (field === 3 && bytes) yield readRecord(bytes, keys);
  }
}

function readRecord(message: Uint8Array, keys: readonly string[]): UserRecord {
  let partitionKey = '';
  let data: Uint8Array = new Uint8Array();
  for (const { field, bytes, number } of fieldsOf(message)) {
    if (field === 1) partitionKey = keys[number] ?? '';
    if (field === 3 && bytes) data = bytes;
  }
  return { partitionKey, data };
}

interface Field {
  readonly field: number;
  readonly bytes?: Uint8Array;
  readonly number: number;
}

/** Protobuf wire types 0 (varint), 1 (64 bit), 2 (length-delimited) and 5 (32 bit). */
function* fieldsOf(message: Uint8Array): Iterable<Field> {
  const reader = new ByteReader(message);
  while (!reader.isAtEnd) {
    const tag = varint(reader);
    const field = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) yield { field, number: varint(reader) };
    else if (wireType === 2) yield { field, bytes: reader.bytes(varint(reader)), number: 0 };
    else if (wireType === 1) reader.bytes(8);
    else if (wireType === 5) reader.bytes(4);
    else throw new RangeError(`wire type ${wireType}`);
  }
}

/** Longer varints than any real one would end as infinite or no number at all, and the reader nowhere. */
function varint(reader: ByteReader): number {
  const value = reader.unsigned();
  if (!Number.isSafeInteger(value)) throw new RangeError('a varint of the message is out of range');
  return value;
}
