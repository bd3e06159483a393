/**
 * Which shard an event belongs to: Kinesis hashes the partition key with MD5 into 128 bits, and every shard
 * owns a range of them.
 */
import { hash } from 'node:crypto';
import { InvariantViolation, JobDefinitionError } from '../errors.ts';
import { HASH_KEYS, type HashRange } from './hashRange.ts';
import type { ShardId } from './lane.ts';

export interface ShardRange extends HashRange {
  readonly shard: ShardId;
}

/** Open shards' ranges, sorted, together covering every hash key exactly once. */
export interface ShardRanges {
  readonly list: readonly ShardRange[];
  /** The top 48 bits of each start: almost always enough to decide, and a plain number. */
  readonly tops: readonly number[];
}

const TOP_BYTES = 6;
const LOW_BITS = 80n;
const SHARDS_MAX = 10_000;

/** The ranges of these shards; undefined where they leave a gap or overlap, as in the middle of a resharding. */
export function shardRanges(shards: readonly ShardRange[]): ShardRanges | undefined {
  const list = [...shards].sort((a, b) => (a.start < b.start ? -1 : 1));
  let next = 0n;
  for (const range of list) {
    if (range.start !== next || range.end < range.start) return undefined;
    next = range.end + 1n;
  }
  if (next !== HASH_KEYS) return undefined;
  return { list, tops: list.map(({ start }) => Number(start >> LOW_BITS)) };
}

/** The ranges that Kinesis gives a new stream of so many shards. */
export function equalRanges(count: number): ShardRanges {
  if (!Number.isSafeInteger(count) || count < 1 || count > SHARDS_MAX) {
    throw new JobDefinitionError(
      `${count} shards are not possible; give a whole number from 1 to ${SHARDS_MAX}`,
    );
  }
  const width = HASH_KEYS / BigInt(count);
  const ranges = shardRanges(
    Array.from({ length: count }, (_, i) => ({
      shard: shardIdOf(i),
      start: width * BigInt(i),
      end: i === count - 1 ? HASH_KEYS - 1n : width * BigInt(i + 1) - 1n,
    })),
  );
  if (!ranges) throw new InvariantViolation('equal ranges do not cover the hash keys');
  return ranges;
}

const SHARD_NUMBER_DIGITS = 12;

/** `shardId-000000000003`, as Kinesis names its shards. */
export const shardIdOf = (number: number): ShardId =>
  `shardId-${String(number).padStart(SHARD_NUMBER_DIGITS, '0')}`;

/** The shard that Kinesis puts a record with this partition key on. */
export function shardOf(partitionKey: string, ranges: ShardRanges): ShardRange {
  const { list, tops } = ranges;
  if (list.length === 1) return list[0] as ShardRange;
  const digest = hash('md5', partitionKey, 'buffer');
  const top = digest.readUIntBE(0, TOP_BYTES);
  const at = lastNotAbove(tops, top);
  return tops[at] === top
    ? shardOfHash(BigInt(`0x${digest.toString('hex')}`), ranges)
    : rangeAt(list, at);
}

/** The shard that owns this hash key. */
export function shardOfHash(hashKey: bigint, { list, tops }: ShardRanges): ShardRange {
  let at = lastNotAbove(tops, Number(hashKey >> LOW_BITS));
  while (rangeAt(list, at).start > hashKey) at -= 1;
  return rangeAt(list, at);
}

function lastNotAbove(tops: readonly number[], top: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((tops[middle] as number) <= top) low = middle;
    else high = middle - 1;
  }
  return low;
}

function rangeAt(list: readonly ShardRange[], index: number): ShardRange {
  const range = list[index];
  if (!range) throw new InvariantViolation("a hash key is outside the shards' ranges");
  return range;
}
