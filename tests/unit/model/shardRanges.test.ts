import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  equalRanges,
  shardOf,
  shardOfHash,
  shardRanges,
} from '../../../shared/model/shardRanges.ts';

const HASH_KEYS = 2n ** 128n;

describe('shardOf', () => {
  it('agrees with the definition: MD5 of the UTF-8 key, looked up in the ranges', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 70 }), (key, count) => {
        const digest = BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
        const ranges = equalRanges(count);
        const owner = ranges.list.find(({ start, end }) => start <= digest && digest <= end);
        expect(shardOf(key, ranges)).toBe(owner);
      }),
    );
  });

  it('decides by all 128 bits where ranges begin inside the top 48', () => {
    const digest = BigInt(`0x${createHash('md5').update('a key').digest('hex')}`);
    const split = (at: bigint) =>
      shardRanges([
        { shard: 'low', start: 0n, end: at - 1n },
        { shard: 'high', start: at, end: HASH_KEYS - 1n },
      ]);
    for (const [at, shard] of [
      [digest - 1n, 'high'],
      [digest, 'high'],
      [digest + 1n, 'low'],
    ] as const) {
      const ranges = split(at);
      expect(ranges && shardOf('a key', ranges).shard).toBe(shard);
      expect(ranges && shardOfHash(digest, ranges).shard).toBe(shard);
    }
  });
});

describe('shardRanges', () => {
  it('refuses ranges with a gap, an overlap or an open end', () => {
    const [a, b, c] = equalRanges(3).list;
    if (!a || !b || !c) throw new Error('three ranges');
    expect(shardRanges([c, a, b])?.list).toEqual([a, b, c]);
    expect(shardRanges([a, c])).toBeUndefined();
    expect(shardRanges([a, b])).toBeUndefined();
    expect(shardRanges([a, { ...b, start: b.start - 1n }, c])).toBeUndefined();
    expect(shardRanges([])).toBeUndefined();
  });

  it('gives equal ranges Kinesis’s shard names', () => {
    expect(equalRanges(11).list.at(-1)?.shard).toBe('shardId-000000000010');
  });
});
