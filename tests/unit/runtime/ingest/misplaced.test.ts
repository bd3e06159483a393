/** Events of an aggregate that stand on another shard than their hash key's, because their producer did not know better. */
import { beforeEach, describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { isKeyed } from '../../../../shared/job/traits.ts';
import { type HashRange, hashKeyOf, WHOLE_RANGE } from '../../../../shared/model/hashRange.ts';
import type { ShardId } from '../../../../shared/model/lane.ts';
import { readLane } from '../../../../shared/state/lane/laneItem.ts';
import { TestEngine } from '../../../support/engine.ts';
import {
  at,
  gatedJob,
  knocksJob,
  sharedTasksJob,
  signal,
  tasksJob,
} from '../../../support/signals.ts';
import { aggregate } from '../../records/aggregate.ts';

const MIDDLE = 2n ** 127n;
const LEFT: HashRange = { start: 0n, end: MIDDLE - 1n };
const RIGHT: HashRange = { start: MIDDLE, end: WHOLE_RANGE.end };
const keys = Array.from({ length: 40 }, (_, n) => `key ${n}`);
const L = keys.find((key) => hashKeyOf(key) < MIDDLE) as string;
const R = keys.find((key) => hashKeyOf(key) >= MIDDLE) as string;

const events = (...signals: readonly object[]) =>
  signals.map((each) => Buffer.from(JSON.stringify(each)));
const packed = (...of: readonly (readonly [key: string, data: Buffer, hashKey?: bigint])[]) =>
  aggregate(
    of.map(([partitionKey, data, explicitHashKey]) => ({
      partitionKey,
      data,
      ...(explicitHashKey === undefined ? {} : { explicitHashKey }),
    })),
  );
const one = (key: string, second: number): Buffer =>
  events(signal(key, 'knock', second))[0] as Buffer;

function splitShards(job: Job): TestEngine {
  const shards = new TestEngine(job);
  shards.ranges['left'] = LEFT;
  shards.ranges['right'] = RIGHT;
  return shards;
}

describe.each([
  ['gated window', gatedJob()],
  ['status', tasksJob()],
  ['pattern', knocksJob()],
])('a %s job', (_, job) => {
  let shards: TestEngine;

  beforeEach(() => {
    shards = splitShards(job as unknown as Job);
  });

  const totals = async (shard: ShardId) => (await shards.head(shard))?.totals;

  it('counts an event once that its producer left on one shard and put again on the other', async () => {
    await shards.put('left', [packed([L, one(L, 0)], [R, one(R, 1)])]);
    await shards.put('right', [packed([R, one(R, 1)])]);
    expect(await totals('left')).toEqual({
      accepted: 1,
      filtered: 1,
      misplaced: 1,
      late: 0,
      dead: 0,
    });
    expect(await totals('right')).toEqual({ accepted: 1, filtered: 0, late: 0, dead: 0 });
    expect(await shards.side('left')).toEqual([]);
  });

  it('does not look at what it drops: neither garbage nor a time moves anything', async () => {
    const garbage = Buffer.from('no event\n{"key":');
    const report = await shards.put('left', [
      packed([R, garbage], [R, one(R, 500)], [L, one(L, 7)]),
    ]);
    expect(report.counts).toEqual({ accepted: 1, filtered: 3, misplaced: 3, late: 0, dead: 0 });
    expect((await shards.head('left'))?.greatest).toBe(at(7));
  });

  it('goes by the explicit hash key where there is one', async () => {
    const report = await shards.put('left', [packed([R, one(R, 0), 5n], [L, one(L, 1), MIDDLE])]);
    // Where a key's state is on its shard, what the source says decides as well: that is what a split goes by.
    const counted = isKeyed(shards.job) ? { accepted: 0, dead: 1 } : { accepted: 1 };
    expect(report.counts).toMatchObject({ ...counted, misplaced: 1 });
  });

  it('keeps running totals, over commits without such events too', async () => {
    for (let n = 0; n < 2; n += 1) await shards.put('left', [packed([R, one(R, n)])]);
    shards.coldStart();
    await shards.put('left', [signal(L, 'knock', 5)]);
    expect(await totals('left')).toMatchObject({ accepted: 1, filtered: 2, misplaced: 2 });
  });
});

describe('the range of a shard', () => {
  it('is inclusive at both ends', async () => {
    const { start, end } = RIGHT;
    const shards = splitShards(knocksJob() as unknown as Job);
    const around = [start - 1n, start, end].map((hashKey) => [R, one(R, 0), hashKey] as const);
    const { counts } = await shards.put('right', [packed(...around)]);
    expect(counts).toMatchObject({ accepted: 2, misplaced: 1 });
  });

  it('is noted as the lane begins, and known when the stream has forgotten the shard', async () => {
    const shards = splitShards(tasksJob() as unknown as Job);
    await shards.put('left', [signal(L, 'knock', 0)]);
    expect((await readLane(shards.state, shards.lane('left')))?.range).toEqual(LEFT);
    shards.ranges['left'] = undefined;
    shards.coldStart();
    const { counts } = await shards.put('left', [packed([L, one(L, 0)], [R, one(R, 1)])]);
    expect(counts).toMatchObject({ accepted: 1, misplaced: 1 });
  });

  it('is asked of the stream by a lane that began before, once', async () => {
    const shards = splitShards(sharedTasksJob() as unknown as Job);
    shards.ranges['left'] = undefined;
    await shards.put('left', [signal(L, 'knock', 0)]);
    await expect(shards.put('left', [packed([L, one(L, 0)])])).rejects.toThrow(RetryableError);
    shards.ranges['left'] = LEFT;
    for (let n = 0; n < 2; n += 1) {
      const { counts } = await shards.put('left', [packed([R, one(R, n)])]);
      expect(counts).toMatchObject({ misplaced: 1 });
      shards.ranges['left'] = undefined;
    }
  });
});

it('counts every event of mixed aggregates', async () => {
  const job = sharedTasksJob();
  const mixed = {
    ...job,
    sources: job.sources.map((each) => ({ ...each, aggregates: 'mixed' as const })),
  };
  const shards = splitShards(mixed as unknown as Job);
  const { counts } = await shards.put('left', [packed([L, one(L, 0)], [R, one(R, 1)])]);
  expect(counts).toEqual({ accepted: 2, filtered: 0, late: 0, dead: 0 });
});
