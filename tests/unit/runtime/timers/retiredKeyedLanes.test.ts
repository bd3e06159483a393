/** How lanes of keyed jobs end, and what their children still find of them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { days, minutes } from '../../../../shared/index.ts';
import { hashKeyOf } from '../../../../shared/model/hashRange.ts';
import { NO_WATERMARK } from '../../../../shared/model/time.ts';
import { readLane, readLanes } from '../../../../shared/state/lane/laneItem.ts';
import { readRetired } from '../../../../shared/state/lane/retiredLanes.ts';
import { TestEngine } from '../../../support/engine.ts';
import { gatedJob, knocksJob, signal } from '../../../support/signals.ts';

const rangeOfKey = (key: string) => ({ start: hashKeyOf(key), end: hashKeyOf(key) });

describe('a lane of a pattern job', () => {
  const knock = (key: string, second: number) => signal(key, 'knock', second);
  let shards: TestEngine;
  const listed = async () =>
    [...(await readLanes(shards.state, shards.job.id)).keys()].map((n) => n.slice(8));
  const fire = async (times: number) => {
    for (let i = 0; i < times; i += 1) await shards.cold.fire('schedule');
  };

  beforeEach(() => {
    shards = new TestEngine(knocksJob({ stateRetention: days(90) }));
    shards.parents['left'] = ['whole'];
    shards.parents['right'] = ['whole'];
    shards.ranges['left'] = rangeOfKey('l');
    shards.ranges['right'] = rangeOfKey('r');
    shards.rest['whole'] = 'ended';
  });

  it('is retired once all children have taken over, also one that never gets a record', async () => {
    await shards.put('whole', [knock('l', 0), knock('r', 5)]);
    await shards.put('left', [signal('l', 'other', 100)]);
    expect(await listed()).toEqual(['left', 'whole']);
    await fire(2);
    expect(await listed()).toEqual(['left', 'right']);
    for (let day = 0; day < 40; day += 1) {
      shards.clock.advance(days(1));
      await fire(1);
    }
    shards.coldStart();
    await shards.put('right', [signal('r', 'other', 100)]);
    expect(shards.rows('given-up')).toEqual([
      { key: 'l', id: '0@10' },
      { key: 'r', id: '5@15' },
    ]);
  });

  it('is kept as long as a child of a merge cannot begin', async () => {
    shards.parents['left'] = ['whole', 'other'];
    delete shards.parents['right'];
    await shards.put('whole', [knock('l', 0)]);
    await shards.put('other', [knock('l', 1)]);
    shards.rest['other'] = 'hasMore';
    await expect(shards.put('left', [knock('l', 2)])).rejects.toThrow('is not read to its end');
    await fire(2);
    expect(await listed()).toEqual(['other', 'whole']);
    shards.rest['other'] = 'ended';
    shards.clock.advance(minutes(30));
    for (let minute = 0; minute < 12; minute += 1) {
      shards.clock.advance(minutes(1));
      await fire(1);
    }
    expect(await listed()).toEqual(['left']);
  });

  it('goes before its children: it is by those that are listed that a lane counts as handed over', async () => {
    shards.parents['leaf'] = ['left'];
    shards.parents['other leaf'] = ['left'];
    await shards.put('whole', [knock('l', 0), knock('r', 5)]);
    await shards.put('left', [signal('l', 'other', 100)]);
    shards.rest['left'] = 'ended';
    await shards.put('leaf', [signal('l', 'other', 110)]);
    expect(await listed()).toEqual(['leaf', 'left', 'whole']);
    await fire(1);
    expect(await listed()).toContain('left');
    await fire(3);
    expect(await listed()).toEqual(['leaf', 'other leaf', 'right']);
  });

  it('that a zombie opens again is taken off the list, also where its children are retired as well', async () => {
    shards.parents['leaf'] = ['left', 'right'];
    await shards.put('whole', [knock('l', 0)]);
    const [item] = [...shards.state.items()].filter(({ sk }) => sk === 'lane#signals/whole');
    await shards.put('left', [signal('l', 'other', 100)]);
    await fire(2);
    for (const shard of ['left', 'right']) shards.rest[shard] = 'ended';
    await shards.put('leaf', [signal('l', 'other', 110)]);
    await fire(3);
    expect(await listed()).toEqual(['leaf']);
    await shards.state.put(item ?? {}, { kind: 'absent' });
    expect(await listed()).toEqual(['leaf', 'whole']);
    await fire(1);
    expect(await listed()).toEqual(['leaf']);
  });

  it('leaves its watermark and a lesser generation to a child that begins when its log has expired', async () => {
    await shards.put('whole', [signal('l', 'other', 50)]);
    await shards.put('left', [signal('l', 'other', 60)]);
    await fire(2);
    expect(await listed()).toEqual(['left', 'right']);
    for (const item of [...shards.state.items()]) {
      const pk = String(item['pk']);
      if (pk.endsWith('#log#signals/whole')) shards.state.remove({ pk, sk: String(item['sk']) });
    }
    shards.coldStart();
    await shards.put('right', [signal('r', 'other', 49), signal('r', 'other', 51)]);
    expect((await shards.head('right'))?.totals).toMatchObject({ late: 1, accepted: 1 });
    const [left, right] = await Promise.all(
      ['left', 'right'].map((shard) => readLane(shards.state, shards.lane(shard))),
    );
    expect([left?.generation, right?.generation].sort()).toEqual([1, 2]);
  });

  it('has a generation above those of all lanes that were retired', async () => {
    shards.parents['leaf'] = ['left', 'right'];
    await shards.put('whole', [signal('l', 'other', 0)]);
    await shards.put('left', [signal('l', 'other', 1)]);
    await fire(2);
    shards.rest['left'] = 'ended';
    shards.rest['right'] = 'ended';
    await shards.put('leaf', [signal('l', 'other', 2)]);
    await fire(3);
    expect(await listed()).toEqual(['leaf']);
    shards.rest['leaf'] = 'ended';
    shards.parents['last'] = ['leaf'];
    await shards.put('last', [signal('r', 'other', 3)]);
    expect((await readLane(shards.state, shards.lane('last')))?.generation).toBe(4);
  });
});

describe('a lane of a gated window job', () => {
  it('is retired by closing once a child has ended it, and its child goes on from it', async () => {
    const engine = new TestEngine(gatedJob());
    engine.parents['left'] = ['whole'];
    engine.parents['right'] = ['whole'];
    await engine.put('whole', [signal('a', 'x', 0), signal('a', 'x', 61)]);
    engine.rest['whole'] = 'ended';
    await engine.put('left', [signal('a', 'x', 122)]);
    const close = () => engine.cold.close('schedule');
    await close();
    expect(await readLane(engine.state, engine.lane('whole'))).toBeDefined();
    await engine.cold.fire('schedule');
    await engine.put('left', [signal('b', 'x', 183)]);
    await close();
    await engine.put('left', [signal('b', 'x', 244)]);
    await close();
    expect(await readLane(engine.state, engine.lane('whole'))).toBeUndefined();
    expect(await readRetired(engine.state, engine.lane('whole'))).toMatchObject({
      head: { ended: true, totals: { accepted: 2 } },
    });
    engine.coldStart();
    await engine.put('right', [signal('r', 'x', 1)]);
    expect((await engine.head('right'))?.totals).toMatchObject({ late: 1 });
    expect((await readLane(engine.state, engine.lane('right')))?.startWatermark).not.toBe(
      NO_WATERMARK,
    );
  });
});
