/** Kinesis as functions see it beside their batches: lists of shards, nothing left to read in them, and room to put records. */
import { hashKeyOf } from '../../../shared/model/hashRange.ts';
import { type Input, streamIn } from './requests.ts';

/** Streams whose shards are drained, or have ended, for whoever looks into them. */
export class ShardsOfStreams {
  readonly #split = new Set<string>();
  #put: PutRecord[] = [];

  /** The first shard is closed, and has two children. */
  split(stream: string): void {
    this.#split.add(stream);
  }

  /** What functions have put since. */
  takePut(): readonly PutRecord[] {
    return this.#put.splice(0);
  }

  answer(action: string, input: Input): object {
    const stream = streamIn(input);
    switch (action) {
      case 'ListShards':
        return { Shards: this.#shardsOf(stream) };
      case 'PutRecords':
        return { FailedRecordCount: 0, Records: this.#store(stream, input['Records'] as Entries) };
      case 'GetShardIterator':
        return { ShardIterator: `${stream}/${input['ShardId']}` };
      case 'GetRecords':
        return { Records: [], NextShardIterator: input['ShardIterator'], MillisBehindLatest: 0 };
      default:
        throw new Error(`no answer to ${action}`);
    }
  }

  #shardsOf(stream: string): readonly ListedShard[] {
    return this.#split.has(stream) ? AFTER_SPLIT : SHARDS;
  }

  #store(stream: string, entries: Entries): object[] {
    const open = this.#shardsOf(stream).filter((each) => !isClosed(each));
    return entries.map(({ ExplicitHashKey, Data }, n) => {
      const { ShardId = '' } = open.find((each) => takes(each, BigInt(ExplicitHashKey))) ?? {};
      this.#put.push({ stream, shard: numberOf(ShardId), data: Data });
      return { ShardId, SequenceNumber: `${this.#put.length}${n}` };
    });
  }
}

/** As it came to stand on a stream. */
export interface PutRecord {
  /** Physical name. */
  readonly stream: string;
  readonly shard: number;
  readonly data: Uint8Array;
}

type Entries = readonly { readonly ExplicitHashKey: string; readonly Data: Uint8Array }[];

interface ListedShard {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly SequenceNumberRange: {
    readonly StartingSequenceNumber: string;
    readonly EndingSequenceNumber?: string;
  };
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
}

const isClosed = ({ SequenceNumberRange }: ListedShard): boolean =>
  SequenceNumberRange.EndingSequenceNumber !== undefined;
const takes = ({ HashKeyRange: { StartingHashKey, EndingHashKey } }: ListedShard, key: bigint) =>
  BigInt(StartingHashKey) <= key && key <= BigInt(EndingHashKey);
const numberOf = (shard: string): number => Number(shard.split('-')[1]);

export const shardName = (n: number): string => `shardId-${String(n).padStart(12, '0')}`;

/** The number of the child that takes a partition key once the first shard is split. */
export const childFor = (partitionKey: string): number =>
  hashKeyOf(partitionKey) < HALF ? LOWER : UPPER;

const [LOWER, UPPER] = [1, 2];
const HALF = 2n ** 127n;
const END = 2n ** 128n;

/** Takes the hash keys from one up to another, which is exclusive. */
const shard = (n: number, from: bigint, to: bigint) => ({
  ShardId: shardName(n),
  SequenceNumberRange: { StartingSequenceNumber: '0' },
  HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to - 1n) },
});
const FIRST = shard(0, 0n, END);
const SHARDS: readonly ListedShard[] = [FIRST];
const CHILDREN = [shard(LOWER, 0n, HALF), shard(UPPER, HALF, END)];
const AFTER_SPLIT: readonly ListedShard[] = [
  { ...FIRST, SequenceNumberRange: { StartingSequenceNumber: '0', EndingSequenceNumber: '9' } },
  ...CHILDREN.map((child) => ({ ...child, ParentShardId: FIRST.ShardId })),
];
