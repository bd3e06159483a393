/** Kinesis as functions see it beside their batches: lists of shards, and nothing left to read in them. */
import { type Input, streamIn } from './requests.ts';

/** Streams whose shards are drained, or have ended, for whoever looks into them. */
export class ShardsOfStreams {
  readonly #split = new Set<string>();

  /** The one shard that there was is closed, and has a child. */
  split(stream: string): void {
    this.#split.add(stream);
  }

  answer(action: string, input: Input): object {
    const stream = streamIn(input);
    const isSplit = this.#split.has(stream);
    switch (action) {
      case 'ListShards':
        return { Shards: isSplit ? [shard(0, { EndingSequenceNumber: '9' }), CHILD] : SHARDS };
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

const shard = (n: number, range: object = {}) => ({
  ShardId: shardName(n),
  SequenceNumberRange: { StartingSequenceNumber: '0', ...range },
  HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) },
});
const SHARDS = [shard(0), shard(1)];
const CHILD = { ...shard(2), ParentShardId: shardName(0) };
