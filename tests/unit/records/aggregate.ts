/** Writes what the Kinesis Producer Library writes: for tests of reading it. */
import { createHash } from 'node:crypto';

const MAGIC = Buffer.of(0xf3, 0x89, 0x9a, 0xc2);

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.of(...bytes, rest);
}

/** A field with wire type 2. */
export const delimited = (field: number, content: Uint8Array): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);

/** A field with wire type 0. */
export const number = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field * 8), varint(value)]);

export const withDigest = (message: Uint8Array): Buffer =>
  Buffer.concat([MAGIC, message, createHash('md5').update(message).digest()]);

export function aggregate(
  records: readonly { readonly partitionKey: string; readonly data: Uint8Array }[],
): Buffer {
  const keys = [...new Set(records.map(({ partitionKey }) => partitionKey))];
  return withDigest(
    Buffer.concat([
      ...keys.map((key) => delimited(1, Buffer.from(key))),
      ...records.map(({ partitionKey, data }) =>
        delimited(
          3,
          Buffer.concat([
            number(1, keys.indexOf(partitionKey)),
            number(2, 0),
            delimited(3, data),
            delimited(4, delimited(1, Buffer.from('a tag'))),
          ]),
        ),
      ),
    ]),
  );
}
