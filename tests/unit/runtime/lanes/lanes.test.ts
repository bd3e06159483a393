/** How the lanes of keyed jobs begin and end when shards are split and merged. */
import { beforeEach, describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { days, minutes } from '../../../../shared/index.ts';
import { hashKeyOf } from '../../../../shared/model/hashRange.ts';
import { NO_WATERMARK } from '../../../../shared/model/time.ts';
import {
  createLane,
  FIRST_LANE,
  type LaneItem,
  readLane,
} from '../../../../shared/state/lane/laneItem.ts';
import type { Commit } from '../../../../shared/state/lane/laneLog.ts';
import { retireLanes } from '../../../../shared/state/lane/retiredLanes.ts';
import { TestEngine } from '../../../support/engine.ts';
import type { Interception } from '../../../support/interceptedTable.ts';
import { streamRecords } from '../../../support/records.ts';
import { at, gatedJob, knocksJob, signal } from '../../../support/signals.ts';

const rangeOfKey = (key: string) => ({ start: hashKeyOf(key), end: hashKeyOf(key) });
const knock = (key: string, second: number) => signal(key, 'knock', second);

describe("a child's lane of a pattern job", () => {
  let shards: TestEngine;

  beforeEach(() => {
    shards = new TestEngine(knocksJob({ stateRetention: days(90) }));
    shards.parents['left'] = ['whole'];
    shards.parents['right'] = ['whole'];
    shards.ranges['left'] = rangeOfKey('l');
    shards.ranges['right'] = rangeOfKey('r');
  });

  it('waits while its parent may still bring something', async () => {
    await shards.put('whole', [knock('l', 0)]);
    for (const rest of ['hasMore', 'drained'] as const) {
      shards.rest['whole'] = rest;
      await expect(shards.put('left', [knock('l', 1)])).rejects.toThrow(RetryableError);
      await expect(shards.put('left', [knock('l', 1)])).rejects.toThrow('whole is not read');
    }
    expect(await shards.head('left')).toBeUndefined();
    expect(await readLane(shards.state, shards.lane('left'))).toBeUndefined();
  });

  it('ends a drained parent, lets go what it held, and goes on from its watermark', async () => {
    await shards.put('whole', [knock('l', 0), knock('r', 50)]);
    shards.rest['whole'] = 'ended';
    await shards.put('left', [knock('l', 5), knock('l', 55)]);
    expect(await shards.head('whole')).toMatchObject({ ended: true, watermark: at(50) + 1 });
    // Its keys have gone over in slot 0.
    expect(await shards.head('left')).toMatchObject({
      slot: 1,
      totals: { accepted: 1, filtered: 0, late: 1, dead: 0 },
    });
    expect((await shards.side('left'))[0]?.watermark).toBe(at(50) + 1);
    shards.coldStart();
    await shards.put('right', [knock('r', 55), signal('r', 'other', 90)]);
    expect(shards.rows('alarms')).toEqual([{ key: 'r', id: '50-55' }]);
  });

  it('takes over the time-outs of its keys, once, and no others', async () => {
    await shards.put('whole', [knock('l', 0), knock('r', 1), signal('x', 'other', 5)]);
    shards.rest['whole'] = 'ended';
    await shards.put('left', [signal('l', 'other', 100)]);
    expect(shards.rows('given-up')).toEqual([{ key: 'l', id: '0@10' }]);
    await shards.put('right', [signal('r', 'other', 8)]);
    shards.coldStart();
    await shards.put('right', [signal('r', 'other', 100)]);
    expect(shards.rows('given-up')).toEqual([
      { key: 'l', id: '0@10' },
      { key: 'r', id: '1@11' },
    ]);
  });

  it('takes over the time-outs of its keys from packed records, which go by another key', async () => {
    const packed = [knock('l', 0), knock('r', 1), signal('l', 'other', 5)];
    const records = streamRecords([packed]).map((record) => ({ ...record, partitionKey: 'l' }));
    await shards.cold.ingest({ stream: 'signals', shard: 'whole', records });
    shards.rest['whole'] = 'ended';
    // The sibling runs ahead of what is in time on the other.
    await shards.put('left', [signal('l', 'other', 100)]);
    await shards.put('right', [knock('r', 8), signal('r', 'other', 9)]);
    expect(shards.rows('given-up')).toEqual([{ key: 'l', id: '0@10' }]);
    await shards.put('right', [signal('r', 'other', 10)]);
    expect(shards.rows('alarms')).toEqual([{ key: 'r', id: '1-8' }]);
  });

  it('takes over from a parent that ended long ago, however long it was silent', async () => {
    await shards.put('whole', [knock('l', 0), knock('r', 5)]);
    shards.rest['whole'] = 'ended';
    await shards.put('left', [signal('l', 'other', 100)]);
    await shards.cold.fire('schedule');
    for (let day = 0; day < 40; day += 1) {
      shards.clock.advance(days(1));
      await shards.cold.fire('schedule');
      forgetExpired(shards);
    }
    shards.coldStart();
    await shards.put('right', [signal('r', 'other', 3), signal('r', 'other', 100)]);
    expect((await shards.head('right'))?.totals).toMatchObject({ late: 1, accepted: 1 });
    expect(shards.rows('given-up')).toEqual([
      { key: 'l', id: '0@10' },
      { key: 'r', id: '5@15' },
    ]);
  });

  it('needs no lane of a parent that never held a record', async () => {
    shards.rest['whole'] = 'ended';
    await shards.put('left', [knock('l', 0)]);
    expect(await shards.head('whole')).toMatchObject({ slot: 0, ended: true });
    expect(await shards.head('whole')).toMatchObject({ watermark: NO_WATERMARK });
    expect(await shards.head('left')).toMatchObject({ slot: 1, watermark: at(0) });
  });

  it('goes on from the later of two parents, above both generations', async () => {
    shards.parents['merged'] = ['left', 'right'];
    await shards.put('whole', [knock('l', 0)]);
    shards.rest['whole'] = 'ended';
    await shards.put('left', [knock('l', 20), signal('l', 'other', 40)]);
    await shards.put('right', [signal('r', 'other', 70)]);
    shards.rest['left'] = 'ended';
    await expect(shards.put('merged', [knock('l', 71)])).rejects.toThrow('right is not read');
    shards.rest['right'] = 'ended';
    await shards.put('merged', [knock('l', 69), knock('l', 71)]);
    expect((await shards.head('merged'))?.totals).toMatchObject({ late: 1, accepted: 1 });
    const generations = await Promise.all(
      ['whole', 'left', 'right', 'merged'].map(
        async (shard) => (await readLane(shards.state, shards.lane(shard)))?.generation,
      ),
    );
    expect(generations[0]).toBe(0);
    expect(generations[1]).toBeGreaterThan(0);
    expect(generations[3]).toBeGreaterThan(Math.max(generations[1] ?? 0, generations[2] ?? 0));
  });

  it('takes what another invocation has put down of its beginning', async () => {
    await shards.put('whole', [knock('l', 50)]);
    shards.rest['whole'] = 'ended';
    const item = { parents: ['whole'], generation: 7, startWatermark: at(60) as never };
    await createLane(shards.state, shards.lane('left'), item);
    await shards.put('left', [knock('l', 55)]);
    expect((await shards.head('left'))?.totals).toMatchObject({ late: 1 });
  });
});

/** Time to live does its work. */
function forgetExpired(shards: TestEngine): void {
  for (const item of [...shards.state.items()]) {
    const expiresAt = item['expiresAt'] as number | undefined;
    if (expiresAt === undefined || expiresAt * 1_000 > shards.clock.now()) continue;
    shards.state.remove({ pk: String(item['pk']), sk: String(item['sk']) });
  }
}

describe('what waits on a lane', () => {
  it('is still there when the lane gets nothing but garbage for weeks', async () => {
    const shards = new TestEngine(knocksJob({ stateRetention: days(90) }));
    await shards.put('s', [knock('a', 0), knock('b', 0)]);
    for (let day = 0; day < 30; day += 1) {
      for (let n = 0; n < 3; n += 1) {
        shards.clock.advance(minutes(n === 0 ? 24 * 60 - 1 : 0.5));
        await shards.put('s', ['garbage']);
      }
      shards.coldStart();
      forgetExpired(shards);
    }
    const head = await shards.head('s');
    await shards.put('s', [signal('a', 'other', 900)]);
    expect(head?.totals).toMatchObject({ accepted: 2, dead: 90 });
    expect(shards.rows('given-up')).toHaveLength(2);
  });

  it('is brought again by a lane that is silent for weeks, and found once', async () => {
    const shards = new TestEngine(knocksJob({ stateRetention: days(90) }));
    await shards.put('s', [knock('a', 0), signal('a', 'other', 5)]);
    for (let day = 0; day < 30; day += 1) {
      shards.clock.advance(days(1));
      await shards.cold.fire('schedule');
      forgetExpired(shards);
    }
    shards.coldStart();
    await shards.put('s', [signal('b', 'other', 90)]);
    expect(shards.rows('given-up')).toEqual([{ key: 'a', id: '0@10' }]);
  });

  it('times out whether or not its state has expired meanwhile', async () => {
    const shown = async (forget: (shards: TestEngine) => void) => {
      const shards = new TestEngine(knocksJob({ stateRetention: days(1) }));
      await shards.put('s', [knock('a', 0), signal('a', 'other', 5)]);
      for (let day = 0; day < 30; day += 1) {
        shards.clock.advance(days(1));
        await shards.cold.fire('schedule');
        forget(shards);
      }
      shards.coldStart();
      await shards.put('s', [signal('b', 'other', 90)]);
      return shards.rows('given-up');
    };
    expect(await shown(forgetExpired)).toEqual(await shown(() => {}));
  });
});

describe('a lane whose head has alerts that are not put', () => {
  const CONTENTS = [knock('a', 0), knock('a', 1), knock('a', 2), signal('a', 'other', 30)];

  it('has them put by whoever takes it over, also where the batch is covered already', async () => {
    let isDead = true;
    const onResults: Interception = {
      before({ operation }) {
        if (isDead && operation === 'batchPut') throw new RetryableError('died');
      },
    };
    const shards = new TestEngine(knocksJob(), { onResults });
    await expect(shards.put('s', CONTENTS)).rejects.toThrow('died');
    isDead = false;
    shards.coldStart();
    expect(await shards.deliver('s', CONTENTS)).toMatchObject({ commits: 0 });
    expect(shards.rows('alarms')).toHaveLength(2);
  });
});

const CONTENT = [signal('a', 'x', 0)];

it('somebody slow who opens a lane meets it as it was retired meanwhile', async () => {
  let isSlow = true;
  const shards: TestEngine = new TestEngine(gatedJob(), {
    onState: {
      async before({ operation, partitions: [partition] }) {
        const lane = shards.lane('s');
        if (!isSlow || operation !== 'get' || partition !== lane.job) return;
        isSlow = false;
        const records = streamRecords(CONTENT);
        await shards.cold.ingest({ stream: lane.stream, shard: 's', records });
        const head = (await shards.head('s')) as Commit;
        const item = (await readLane(shards.state, lane)) as LaneItem;
        const ended = { ...head, ended: true as const };
        await retireLanes(shards.state, [{ lane, item, head: ended, expired: 0 }]);
      },
    },
  });
  await createLane(shards.state, shards.lane('s'), { ...FIRST_LANE, parents: [] });
  expect(await shards.deliver('s', CONTENT)).toMatchObject({ commits: 0 });
  expect(isSlow).toBe(false);
});

describe('a gate', () => {
  it('follows a split: the child knows what its parent let pass', async () => {
    const shards = new TestEngine(gatedJob());
    shards.parents['child'] = ['s'];
    await shards.put('s', [signal('a', 'x', 0), signal('a', 'x', 1)]);
    shards.rest['s'] = 'ended';
    await shards.put('child', [signal('a', 'x', 2), signal('b', 'x', 3)]);
    expect((await shards.head('child'))?.totals).toMatchObject({ accepted: 1, filtered: 1 });
    expect(shards.rows('blocked')).toEqual([{ key: 'a', id: 'blocked' }]);
  });

  it('has final windows, also where a parent got no record at all', async () => {
    const shards = new TestEngine(gatedJob());
    shards.parents['child'] = ['s'];
    shards.rest['s'] = 'ended';
    await shards.put('child', [signal('a', 'x', 20)]);
    shards.clock.advance(minutes(2));
    await shards.put('child', [signal('a', 'x', 130)]);
    await shards.cold.close('schedule');
    expect(shards.rows('counted')).toMatchObject([{ final: true }]);
  });

  it('does not hold back windows by a shard between two reshardings that got no record', async () => {
    const shards = new TestEngine(gatedJob());
    shards.parents['middle'] = ['s'];
    shards.parents['last'] = ['middle'];
    await shards.put('s', [signal('a', 'x', 10)]);
    shards.rest['s'] = 'ended';
    shards.rest['middle'] = 'ended';
    await shards.put('last', [signal('a', 'x', 20)]);
    shards.clock.advance(minutes(2));
    await shards.put('last', [signal('a', 'x', 130)]);
    await shards.cold.close('schedule');
    expect(shards.rows('counted')).toHaveLength(1);
  });
});
