/** Writes what the Kinesis Producer Library writes: for tests of reading it. */
import { createHash } from 'node:crypto';
import { delimited, number } from './protobuf.ts';

const MAGIC = Buffer.of(0xf3, 0x89, 0x9a, 0xc2);

export const withDigest = (message: Uint8Array): Buffer =>
  Buffer.concat([MAGIC, message, createHash('md5').update(message).digest()]);

export function aggregate(
  records: readonly {
    readonly partitionKey: string;
    readonly explicitHashKey?: bigint;
    readonly data: Uint8Array;
  }[],
): Buffer {
  const keys = [...new Set(records.map(({ partitionKey }) => partitionKey))];
  const explicit = [...new Set(records.map(({ explicitHashKey }) => explicitHashKey))].filter(
    (key) => key !== undefined,
  );
  return withDigest(
    Buffer.concat([
      ...keys.map((key) => delimited(1, Buffer.from(key))),
      ...explicit.map((key) => delimited(2, Buffer.from(String(key)))),
      ...records.map(({ partitionKey, explicitHashKey, data }) =>
        delimited(
          3,
          Buffer.concat([
            number(1, keys.indexOf(partitionKey)),
            ...(explicitHashKey === undefined
              ? []
              : [number(2, explicit.indexOf(explicitHashKey))]),
            delimited(3, data),
            delimited(4, delimited(1, Buffer.from('a tag'))),
          ]),
        ),
      ),
    ]),
  );
}
