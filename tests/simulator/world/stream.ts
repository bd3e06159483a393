/** A Kinesis stream: shards over a hash range, split and merged; records with growing sequence numbers. */
import { type HashRange, hashKeyOf } from '../../../shared/model/hashRange.ts';
import type { ArrivalTime } from '../../../shared/model/time.ts';
import type { StreamRecord } from '../../../shared/records/entry.ts';
import type { Random } from '../random.ts';
import type { Fact } from '../truth.ts';

/** A record, and what it is known to hold. */
export interface PutRecord extends StreamRecord {
  readonly facts: readonly Fact[];
}

export interface Shard {
  /** The name of its stream. */
  readonly stream: string;
  readonly id: string;
  readonly low: number;
  readonly high: number;
  readonly parents: readonly string[];
  /** From then on its parents were closed. */
  readonly openedAt: number;
  readonly records: PutRecord[];
  isClosed: boolean;
}

export class Stream {
  readonly name: string;
  readonly shards: Shard[] = [];
  onPut: (shard: Shard) => void = () => undefined;
  onShard: (shard: Shard) => void = () => undefined;
  readonly #random: Random;
  readonly #onTheWay = new Map<() => void, Shard>();
  #sequence: bigint;

  constructor(name: string, count: number, random: Random) {
    this.name = name;
    this.#random = random;
    // Starts just below a power of ten, so that sequence numbers of two lengths meet in most runs.
    this.#sequence = 10n ** BigInt(random.pick([3, 20, 55])) - BigInt(random.between(1, 200));
    for (let i = 0; i < count; i += 1)
      this.#open(i / count, (i + 1) / count, [], Number.NEGATIVE_INFINITY);
  }

  shardOf(partitionKey: string): Shard {
    const shard = this.shards.find((each) => !each.isClosed && takes(each, partitionKey));
    if (!shard) throw new Error(`no open shard takes ${partitionKey}`);
    return shard;
  }

  put(partitionKey: string, arrival: number, data: Uint8Array, facts: readonly Fact[]): PutRecord {
    return this.putAt(this.shardOf(partitionKey), { partitionKey, arrival, data, facts });
  }

  /** The open shard that takes a hash key. */
  shardAt(point: number): Shard {
    const shard = this.shards.find(
      (each) => !each.isClosed && each.low <= point && point < each.high,
    );
    if (!shard) throw new Error(`no open shard takes ${point}`);
    return shard;
  }

  /** The shard, open or not, that was told to take these hash keys. */
  shardWith({ start, end }: HashRange): Shard {
    const shard = this.shards.find((each) => {
      const range = hashRangeOf(each);
      return range.start === start && range.end === end;
    });
    if (!shard) throw new Error(`no shard ever took ${start} to ${end}`);
    return shard;
  }

  get hasAnyOnTheWay(): boolean {
    return this.#onTheWay.size > 0;
  }

  /** A record is taken by a shard and has no place in it yet; it gets one when that is asked for, or when the shard is closed. */
  onTheWay(shard: Shard, put: () => void): () => void {
    const leave = () => {
      if (this.#onTheWay.delete(leave)) put();
    };
    this.#onTheWay.set(leave, shard);
    return leave;
  }

  putAt(
    shard: Shard,
    {
      partitionKey,
      arrival,
      data,
      facts,
    }: Pick<PutRecord, 'partitionKey' | 'data' | 'facts'> & {
      arrival: number;
    },
  ): PutRecord {
    this.#sequence += BigInt(this.#random.between(1, 9));
    const record: PutRecord = {
      sequence: String(this.#sequence),
      arrival: Math.floor(arrival) as ArrivalTime,
      partitionKey,
      data,
      facts,
    };
    shard.records.push(record);
    this.onPut(shard);
    return record;
  }

  /** Splits an open shard in two, or merges two neighbours; says what it did. */
  reshard(at: number): string {
    const open = this.shards.filter((s) => !s.isClosed).sort((a, b) => a.low - b.low);
    if (open.length > 1 && this.#random.chance(0.5)) {
      const first = this.#random.below(open.length - 1);
      const [left, right] = [open[first] as Shard, open[first + 1] as Shard];
      this.#close(left, right);
      const child = this.#open(left.low, right.high, [left.id, right.id], at);
      return `merged ${left.id} and ${right.id} into ${child.id}`;
    }
    const shard = this.#random.pick(open);
    this.#close(shard);
    const middle = (shard.low + shard.high) / 2;
    const children = [
      this.#open(shard.low, middle, [shard.id], at),
      this.#open(middle, shard.high, [shard.id], at),
    ];
    return `split ${shard.id} into ${children.map((s) => s.id).join(' and ')}`;
  }

  shard(id: string): Shard | undefined {
    return this.shards.find((each) => each.id === id);
  }

  #close(...shards: Shard[]): void {
    for (const shard of shards) {
      for (const [leave, on] of this.#onTheWay) if (on === shard) leave();
      shard.isClosed = true;
      this.onPut(shard);
    }
  }

  #open(low: number, high: number, parents: readonly string[], openedAt: number): Shard {
    const id = `shardId-${String(this.shards.length).padStart(12, '0')}`;
    const shard: Shard = {
      stream: this.name,
      id,
      low,
      high,
      parents,
      openedAt,
      records: [],
      isClosed: false,
    };
    this.shards.push(shard);
    this.onShard(shard);
    return shard;
  }
}

/** Whether the shard takes records of this key, or did while it was open. */
export function takes({ low, high }: Shard, partitionKey: string): boolean {
  const point = pointOf(hashKeyOf(partitionKey));
  return low <= point && point < high;
}

const TOP_BITS = 48;
const LOW_BITS = 128n - BigInt(TOP_BITS);

/** Where between 0 and 1 a hash key stands. */
export const pointOf = (hashKey: bigint): number => Number(hashKey >> LOW_BITS) / 2 ** TOP_BITS;

/** The hash keys of the shard, as Kinesis tells them. */
export const hashRangeOf = ({ low, high }: Shard): HashRange => ({
  start: firstHashKey(low),
  end: firstHashKey(high) - 1n,
});

const firstHashKey = (point: number): bigint =>
  BigInt(Math.ceil(point * 2 ** TOP_BITS)) << LOW_BITS;

/** `<stream>/<shard>`, as a lane is named. */
export const nameOfShard = ({ stream, id }: Pick<Shard, 'stream' | 'id'>): string =>
  `${stream}/${id}`;
