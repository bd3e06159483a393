/**
 * Aggregates of many keys, as the Kinesis Producer Library makes them: for a shard that it believes to be there. After a split
 * or a merge the record lands where its first key belongs, and what does not belong there is put again.
 */
import { hashKeyOf } from '../../../shared/model/hashRange.ts';
import type { Random } from '../random.ts';
import type { Content, Fact } from '../truth.ts';
import { kplRecord } from './kplRecord.ts';
import { pointOf, type Shard, type Stream, takes } from './stream.ts';

export interface KeyedLine {
  readonly partitionKey: string;
  readonly content: Content;
  readonly raw: Uint8Array;
}

const KEYS_TRIED = 40;
const EXPLICIT = 0.3;

/** Keys of one shard, open or not; a single one where there are no more. */
export function keysOfShard(
  stream: Stream,
  random: Random,
  { count, draw }: { count: number; draw: () => string },
): string[] {
  const shard: Shard = random.pick(stream.shards);
  const keys = Array.from({ length: KEYS_TRIED }, draw).filter((key) => takes(shard, key));
  return keys.length > 0 ? keys.slice(0, count) : [draw()];
}

/** Puts the lines in one record; gives those that landed on another shard than their own. */
export function putAggregate(
  stream: Stream,
  lines: readonly KeyedLine[],
  { now, random }: { now: number; random: Random },
): readonly KeyedLine[] {
  const [first] = lines as [KeyedLine];
  const facts: Fact[] = lines.map(({ content, raw, partitionKey }, index) => ({
    ...content,
    raw,
    index,
    point: pointOf(hashKeyOf(partitionKey)),
  }));
  const records = lines.map(({ partitionKey, raw }) => ({
    partitionKey,
    data: raw,
    ...(random.chance(EXPLICIT) ? { explicitHashKey: hashKeyOf(partitionKey) } : {}),
  }));
  const shard = stream.shardOf(first.partitionKey);
  stream.put(first.partitionKey, now, kplRecord(records), facts);
  return lines.filter(({ partitionKey }) => !takes(shard, partitionKey));
}
