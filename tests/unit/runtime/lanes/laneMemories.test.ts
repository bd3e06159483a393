/** What a child's lane knows of named producers, in every kind of job: all that its parents do, once they are read to their ends. */
import { beforeEach, describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { isKeyed } from '../../../../shared/job/traits.ts';
import { totalOf } from '../../../../shared/model/counts.ts';
import { hashKeyOf } from '../../../../shared/model/hashRange.ts';
import { keyOfText } from '../../../../shared/operators/intake/partitionKey.ts';
import { type LaneItem, readLane } from '../../../../shared/state/lane/laneItem.ts';
import type { Commit } from '../../../../shared/state/lane/laneLog.ts';
import { retireLanes } from '../../../../shared/state/lane/retiredLanes.ts';
import { TestEngine } from '../../../support/engine.ts';
import { LEFT, type Line, named, RIGHT } from '../../../support/namedRecords.ts';
import { signal } from '../../../support/signals.ts';
import { end } from '../../../support/splitShards.ts';
import { KINDS, L, R } from '../eachKind.ts';

describe.each(KINDS)('a child of a lane of a %s job', (_, jobOf) => {
  let shards: TestEngine;

  beforeEach(() => {
    shards = new TestEngine(jobOf());
    shards.parents['left'] = ['whole'];
    shards.parents['right'] = ['whole'];
    shards.parents['merged'] = ['left', 'right'];
    Object.assign(shards.ranges, { left: LEFT, right: RIGHT });
  });

  const byKeys = (...some: readonly (readonly [number, string])[]): Line[] =>
    some.map(([second, key]) => [second, signal(key, 'knock', second)]);

  it('waits with named records until its parent is read to its end, and takes over what that remembers', async () => {
    await shards.put('whole', [named(byKeys([1, L], [2, R]))]);
    const again = [named(byKeys([1, L], [3, L]), { planned: LEFT })];
    for (const rest of ['hasMore', 'drained'] as const) {
      shards.rest['whole'] = rest;
      await expect(shards.put('left', again)).rejects.toThrow(RetryableError);
      await expect(shards.put('left', again)).rejects.toThrow(/whole is not read to its end/);
    }
    end(shards);
    const { counts } = await shards.put('left', again);
    expect(counts).toEqual({ accepted: 1, filtered: 0, late: 0, dead: 0, repeated: 1 });
    shards.coldStart();
    expect((await shards.put('left', again)).counts).toMatchObject({ accepted: 0, repeated: 2 });
  });

  it('is known by a head that is warm while the lane is retired', async () => {
    await shards.put('whole', [signal(L, 'knock', 1)]);
    shards.coldStart();
    await shards.put('whole', [signal(L, 'knock', 1)]);
    const lane = shards.lane('whole');
    const item = (await readLane(shards.state, lane)) as LaneItem;
    const head = (await shards.head('whole')) as Commit;
    await retireLanes(shards.state, [{ lane, item, head, expired: 0 }]);
    const { counts } = await shards.put('whole', [named(byKeys([2, L]))]);
    expect(counts).toMatchObject({ accepted: 1 });
  });

  it('waits for the lanes behind a parent without one, and takes over theirs', async () => {
    await shards.put('whole', [named(byKeys([1, L], [2, R]))]);
    // Nothing was ever put on the left, and of the right its records are plain.
    end(shards, 'left');
    const merged = [named(byKeys([1, L], [2, R], [3, L]))];
    await expect(shards.put('merged', merged)).rejects.toThrow(RetryableError);
    end(shards);
    await shards.put('right', [signal(R, 'knock', 2)]);
    end(shards, 'right');
    const { counts } = await shards.put('merged', merged);
    expect(counts).toMatchObject({ accepted: 1, repeated: 2 });
  });

  it('decides by the own key of an event what either parent has taken', async () => {
    end(shards);
    await shards.put('left', [named(byKeys([1, L], [4, L]), { planned: LEFT })]);
    await shards.put('right', [named(byKeys([2, R]), { planned: RIGHT })]);
    end(shards, 'left');
    end(shards, 'right');
    const record = named(byKeys([1, L], [2, R], [3, R], [4, L], [5, R]));
    const { counts } = await shards.put('merged', [record]);
    // Both parents' watermarks are at 4, which a pattern job holds to.
    expect([totalOf(counts), counts.repeated]).toEqual([2, 3]);
    expect((await shards.put('merged', [record])).counts).toMatchObject({ repeated: 5 });
  });

  it('decides by the key of its line of an event that is not alone there: their common one, or the text', async () => {
    end(shards);
    const ofBoth = (n: number) => JSON.stringify([signal(L, 'knock', n), signal(R, 'knock', n)]);
    const onLeft = [1, 2, 3, 4].find((n) => hashKeyOf(keyOfText(ofBoth(n))) <= LEFT.end) ?? 0;
    const line: Line = [onLeft, ofBoth(onLeft)];
    const ofOne: Line = [9, JSON.stringify([signal(R, 'knock', 5), signal(R, 'knock', 6)])];
    await shards.put('left', [named([line], { planned: LEFT })]);
    await shards.put('right', [named([ofOne], { planned: RIGHT })]);
    end(shards, 'left');
    end(shards, 'right');
    const { counts } = await shards.put('merged', [named([line, ofOne])]);
    expect(counts).toMatchObject({ accepted: 0, repeated: 4 });
  });

  it('takes over from a lane that is retired', async () => {
    await shards.put('whole', [named(byKeys([1, L]))]);
    end(shards);
    await shards.put('right', [named(byKeys([2, R]), { planned: RIGHT })]);
    const lane = shards.lane('whole');
    const item = await readLane(shards.state, lane);
    const head = await shards.head('whole');
    if (!item || !head) throw new Error('the lane has not begun');
    await retireLanes(shards.state, [{ lane, item, head: { ...head, ended: true }, expired: 0 }]);
    // The log may be gone, but for who takes keys over from it.
    for (const { pk, sk } of isKeyed(shards.job) ? [] : shards.items('#log#')) {
      if (String(pk).includes('/whole')) shards.state.remove({ pk: String(pk), sk: String(sk) });
    }
    shards.coldStart();
    const { counts } = await shards.put('left', [named(byKeys([1, L], [3, L]), { planned: LEFT })]);
    expect(counts).toMatchObject({ accepted: 1, repeated: 1 });
  });
});
