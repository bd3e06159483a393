/** Kinesis as functions see it beside their batches: lists of shards, and nothing left to read in them. */
import { hashKeyOf } from '../../../shared/model/hashRange.ts';
import { type Input, streamIn } from './requests.ts';

/** Streams whose shards are drained, or have ended, for whoever looks into them. */
export class ShardsOfStreams {
  readonly #split = new Set<string>();

  /** The first shard is closed, and has two children. */
  split(stream: string): void {
    this.#split.add(stream);
  }

  answer(action: string, input: Input): object {
    const stream = streamIn(input);
    const isSplit = this.#split.has(stream);
    switch (action) {
      case 'ListShards':
        return { Shards: isSplit ? AFTER_SPLIT : SHARDS };
      case 'GetShardIterator':
        return { ShardIterator: `${stream}/${input['ShardId']}` };
      case 'GetRecords':
        return { Records: [], NextShardIterator: input['ShardIterator'], MillisBehindLatest: 0 };
      default:
        throw new Error(`no answer to ${action}`);
    }
  }
}

export const shardName = (n: number): string => `shardId-${String(n).padStart(12, '0')}`;

/** The number of the child that takes a partition key once the first shard is split. */
export const childFor = (partitionKey: string): number =>
  hashKeyOf(partitionKey) < HALF ? LOWER : UPPER;

const LOWER = 2;
const UPPER = 3;
const HALF = 2n ** 127n;
const END = 2n ** 128n;

/** Takes the hash keys from one up to another, which is exclusive. */
const shard = (n: number, from: bigint, to: bigint) => ({
  ShardId: shardName(n),
  SequenceNumberRange: { StartingSequenceNumber: '0' },
  HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to - 1n) },
});
/** Either takes any key, so that both may get the same. */
const SHARDS = [shard(0, 0n, END), shard(1, 0n, END)] as const;
const [FIRST, SECOND] = SHARDS;
const CHILDREN = [shard(LOWER, 0n, HALF), shard(UPPER, HALF, END)];
const AFTER_SPLIT = [
  { ...FIRST, SequenceNumberRange: { StartingSequenceNumber: '0', EndingSequenceNumber: '9' } },
  SECOND,
  ...CHILDREN.map((child) => ({ ...child, ParentShardId: FIRST.ShardId })),
];
