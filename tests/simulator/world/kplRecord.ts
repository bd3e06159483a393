/** Writes what the Kinesis Producer Library writes: several user records in one record of its own format. */
import { createHash } from 'node:crypto';

const MAGIC = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);

/** All under one partition key, in order. */
export function kplRecord(partitionKey: string, records: readonly Uint8Array[]): Uint8Array {
  const message = Buffer.concat([
    field(1, Buffer.from(partitionKey)),
    ...records.map((data) => field(3, Buffer.concat([varintField(1, 0), field(3, data)]))),
  ]);
  return Buffer.concat([MAGIC, message, createHash('md5').update(message).digest()]);
}

/** A length-delimited protobuf field. */
const field = (number: number, content: Uint8Array): Buffer =>
  Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);

const varintField = (number: number, value: number): Buffer =>
  Buffer.concat([varint(number * 8), varint(value)]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) + 0x80);
  return Buffer.from([...bytes, left]);
}
