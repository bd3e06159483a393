/** A stream in memory, with resharding, and a clock that runs as fast as the test. */
import type {
  ShardRead,
  ShardSource,
  SourceRecord,
  SourceShard,
  Timing,
} from '../../../infra/local/shardSource.ts';
import type { ShardId } from '../../../shared/model/lane.ts';

interface FakeShard extends SourceShard {
  readonly records: SourceRecord[];
  isClosed: boolean;
}

export interface FakeStream extends ShardSource {
  /** Adds records named by their data; gives their sequence numbers. */
  put(shard: ShardId, ...texts: string[]): string[];
  add(shard: ShardId, parents?: readonly ShardId[]): void;
  close(shard: ShardId): void;
  /** The next read of any shard fails. */
  failOnce(): void;
}

/** @param readMax records a read gives at most, so that reading on is exercised */
export function fakeStream(readMax = 3): FakeStream {
  const shards = new Map<ShardId, FakeShard>();
  let sequence = 10 ** 9;
  let failures = 0;
  const shardOf = (shard: ShardId): FakeShard => {
    const found = shards.get(shard);
    if (!found) throw new Error(`no shard ${shard}`);
    return found;
  };
  return {
    add: (shard, parents = []) =>
      void shards.set(shard, { shard, parents, records: [], isClosed: false }),
    close(shard) {
      shardOf(shard).isClosed = true;
    },
    failOnce() {
      failures += 1;
    },
    put: (shard, ...texts) =>
      texts.map((text) => {
        sequence += 7;
        const record = { sequence: String(sequence), partitionKey: 'key', arrivalSeconds: 1 };
        shardOf(shard).records.push({ ...record, data: Buffer.from(text) });
        return record.sequence;
      }),
    listShards: async () => [...shards.values()].map(({ shard, parents }) => ({ shard, parents })),
    async read(shard, after): Promise<ShardRead> {
      await new Promise(setImmediate);
      if (failures > 0) {
        failures -= 1;
        throw new Error('the stream is out of reach');
      }
      const { records, isClosed } = shardOf(shard);
      const from = after === undefined ? 0 : records.findIndex((r) => r.sequence === after) + 1;
      const read = records.slice(from, from + readMax);
      if (from + read.length < records.length) return { records: read, state: 'more' };
      return { records: read, state: isClosed ? 'ended' : 'atTip' };
    },
  };
}

/** Sleeping moves the clock on at once. */
export function fastTiming(): Timing & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = 0;
  return {
    slept,
    now: () => now,
    async sleep(ms) {
      slept.push(ms);
      now += ms;
      await new Promise(setImmediate);
    },
  };
}
