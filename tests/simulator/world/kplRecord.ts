/** Writes what the Kinesis Producer Library writes: several user records in one record of its own format. */
import { createHash } from 'node:crypto';

const MAGIC = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);

export interface UserRecord {
  readonly partitionKey: string;
  /** Where its producer gives one instead of the partition key's. */
  readonly explicitHashKey?: bigint;
  readonly data: Uint8Array;
}

/** In order. The keys come last: that is as good an order as any. */
export function kplRecord(records: readonly UserRecord[]): Uint8Array {
  const keys = [...new Set(records.map(({ partitionKey }) => partitionKey))];
  const explicit = [...new Set(records.map(({ explicitHashKey }) => explicitHashKey))];
  const message = Buffer.concat([
    ...records.map(({ partitionKey, explicitHashKey, data }) => {
      const key = varintField(1, keys.indexOf(partitionKey));
      const hashKey =
        explicitHashKey === undefined ? [] : [varintField(2, explicit.indexOf(explicitHashKey))];
      return field(3, Buffer.concat([key, ...hashKey, field(3, data)]));
    }),
    ...keys.map((key) => field(1, Buffer.from(key))),
    // One that is not named stands for those without.
    ...explicit.map((key) => field(2, Buffer.from(String(key ?? '')))),
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
