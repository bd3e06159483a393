/** A shard that is split into two, and what the lanes of both know. */
import { minutes } from '../../shared/index.ts';
import type { Job } from '../../shared/job/job.ts';
import { HASH_KEYS, type HashRange, hashKeyOf, isWithin } from '../../shared/model/hashRange.ts';
import { restoreStore } from '../../shared/runtime/lanes/restoreStore.ts';
import type { Commit } from '../../shared/state/lane/laneLog.ts';
import { TestEngine } from './engine.ts';
import type { Interception } from './interceptedTable.ts';
import { signal } from './signals.ts';

export const x = (key: string, second: number) => signal(key, 'x', second);
export const KEYS = Array.from({ length: 40 }, (_, n) => `k${n}`);
export const LEFT = { start: 0n, end: HASH_KEYS / 2n - 1n };
export const RIGHT = { start: HASH_KEYS / 2n, end: HASH_KEYS - 1n };
export const within = (range: HashRange, keys = KEYS) =>
  keys.filter((key) => isWithin(range, hashKeyOf(key))).sort();

/** One of each key. */
export const xs = (keys: readonly string[], second: number) => keys.map((key) => x(key, second));

/** A shard that is split where a test says. */
export function split(
  job: Job,
  onState?: Interception,
  [left, right] = [LEFT, RIGHT],
): TestEngine<Job> {
  const shards = new TestEngine<Job>(job, onState ? { onState } : {});
  shards.parents['left'] = ['whole'];
  shards.parents['right'] = ['whole'];
  Object.assign(shards.ranges, { left, right });
  return shards;
}

/** A shard that has ended with one of each key, and is split in the middle. */
export async function splitFull(job: Job): Promise<TestEngine<Job>> {
  const shards = split(job);
  await shards.put('whole', xs(KEYS, 0));
  end(shards);
  return shards;
}

export const end = (shards: TestEngine<Job>, shard = 'whole') => {
  shards.rest[shard] = 'ended';
  shards.coldStart();
};

/** The keys of a lane that has begun, as a cold function restores them. */
export async function keysOf(shards: TestEngine<Job>, shard: string): Promise<string[]> {
  const store = await restoreStore(
    shards.state,
    shards.lane(shard),
    (await shards.head(shard)) as Commit,
  );
  return Array.from(store.entries(), ([key]) => key).sort();
}

/** Runs of `fireTimers`, a minute apart: a silent shard is looked into in one of ten. */
export async function fireFor(shards: TestEngine<Job>, runs = 11): Promise<void> {
  for (let n = 0; n < runs; n += 1) {
    shards.clock.advance(minutes(1));
    await shards.cold.fire('schedule');
  }
}

export const toldAt = (shards: TestEngine<Job>, second: number) =>
  shards.rows('blocked').filter(({ id }) => String(id).startsWith(`${second}:`));
