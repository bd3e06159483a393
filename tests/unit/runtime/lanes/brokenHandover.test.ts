/** A child's lane begins alike however often it is broken off, and whoever begins it. */
import { describe, expect, it } from 'vitest';
import { RetryableError, UnknownOutcomeError } from '../../../../shared/errors.ts';
import { minutes, seconds } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { HASH_KEYS } from '../../../../shared/model/hashRange.ts';
import { HASHES } from '../../../../shared/operators/keyed/coverage.ts';
import { readLanes } from '../../../../shared/state/lane/laneItem.ts';
import type { TestEngine } from '../../../support/engine.ts';
import type { Call, Interception } from '../../../support/interceptedTable.ts';
import { knocksJob, type Signal, signal } from '../../../support/signals.ts';
import {
  end,
  fireFor,
  KEYS,
  keysOf,
  LEFT,
  RIGHT,
  split,
  splitFull,
  toldAt,
  within,
  x,
  xs,
} from '../../../support/splitShards.ts';
import { noise, tellingGate } from '../../../support/tellingGate.ts';

/** Fails appends to a lane's log at these slots, once each. */
function failingAt(shard: string, slots: readonly number[]) {
  const left = new Set(slots.map((slot) => `${shard} ${slot}`));
  const onState: Interception = {
    before({ operation, items: [item] }) {
      if (operation !== 'put' || !String(item?.['pk']).includes('#log#')) return;
      const place = `${String(item?.['pk']).split('/').at(-1)} ${Number(item?.['sk'])}`;
      if (left.delete(place)) throw new RetryableError(`died at ${place}`);
    },
  };
  return { onState, left };
}

describe('a child whose beginning is broken off', () => {
  /** The large side takes some commits to take over what it gets. */
  const LARGE = { start: 0n, end: (HASH_KEYS / 16n) * 15n };
  const SMALL = { start: LARGE.end + 1n, end: HASH_KEYS - 1n };
  const MANY = Array.from({ length: 80 }, (_, n) => `k${n}`);

  async function largeSplit(slots: readonly number[]) {
    const failing = failingAt('left', slots);
    const shards = split(tellingGate({ stateBytes: 30_000 }), failing.onState, [LARGE, SMALL]);
    await shards.put('whole', xs(MANY, 0));
    end(shards);
    return { shards, left: failing.left };
  }

  async function expectWhole(shards: TestEngine<Job>) {
    const commits = await shards.commits('left');
    const parts = commits.flatMap(({ part }) => (part ? [[part.from, part.to]] : []));
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map(([from]) => from)).toEqual([0, ...parts.slice(0, -1).map(([, to]) => to)]);
    expect(parts.at(-1)?.[1]).toBe(HASHES);
    const marks = commits.slice(0, parts.length).map(({ adopting }) => adopting);
    expect(marks).toEqual([...parts.slice(0, -1).map(([, to]) => to), undefined]);
    expect(await keysOf(shards, 'left')).toEqual(within(LARGE, MANY));
  }

  it.each([
    ['a cold function', (shards: TestEngine<Job>) => shards.coldStart()],
    ['the same function', () => undefined],
    ['another function, in turns', (shards: TestEngine<Job>) => shards.swapFunctions()],
  ])('goes on where the head says, before it takes a record: by %s', async (_, between) => {
    const { shards, left } = await largeSplit([0, 1, 2]);
    const records = within(LARGE, MANY)
      .slice(0, 5)
      .map((key) => x(key, 1));
    for (let n = 0; n < 3; n += 1) {
      await expect(shards.deliver('left', records)).rejects.toThrow(`died at left ${n}`);
      expect((await shards.head('left'))?.totals.accepted ?? 0).toBe(0);
      between(shards);
    }
    expect(left.size).toBe(0);
    await shards.deliver('left', records);
    await expectWhole(shards);
    expect(toldAt(shards, 1).map(({ id }) => id)).toEqual(records.map(() => '1: 1'));
  });

  it('is gone on with by fireTimers, and then by ingest', async () => {
    const { shards, left } = await largeSplit([0, 1]);
    await fireFor(shards, 14);
    expect(left.size).toBe(0);
    await expectWhole(shards);
    shards.coldStart();
    await shards.put('left', xs(within(LARGE, MANY), 1));
    expect(new Set(toldAt(shards, 1).map(({ id }) => id))).toEqual(new Set(['1: 1']));
    expect(toldAt(shards, 1)).toHaveLength(within(LARGE, MANY).length);
  });

  it('restores what it has so far without its parents: by its own parts', async () => {
    const { shards } = await largeSplit([2]);
    const [key = ''] = within(LARGE, MANY);
    await expect(shards.put('left', [x(key, 1)])).rejects.toThrow('died at left 2');
    const head = await shards.head('left');
    expect(head).toMatchObject({ slot: 1, keptFrom: 0 });
    const known = await keysOf(shards, 'left');
    expect(known.length).toBeGreaterThan(0);
    expect(known.length).toBeLessThan(within(LARGE, MANY).length);
  });

  it('keeps its parent listed and whole until it has taken over all', async () => {
    let isDown = true;
    const onState: Interception = {
      before({ operation, items: [item] }) {
        const isSecond =
          String(item?.['pk']).endsWith('#log#signals/left') && Number(item?.['sk']) === 1;
        if (isDown && operation === 'put' && isSecond) throw new UnknownOutcomeError('down');
      },
    };
    const { timedOut: _, ...job } = knocksJob({ within: seconds(1_000) });
    const shards = split(job as Job, onState, [LARGE, SMALL]);
    await shards.put('whole', [
      ...MANY.map((key) => signal(key, 'knock', 0, noise(key, 30_000))),
      signal('k0', 'other', 1),
    ]);
    end(shards);
    const listed = async () => [...(await readLanes(shards.state, job.id)).keys()].sort();
    await shards.put('right', [signal('r', 'other', 1)]);
    await fireFor(shards, 2);
    expect(await shards.head('left')).toMatchObject({ slot: 0 });
    expect((await shards.head('left'))?.adopting).toBeGreaterThan(0);
    expect(await listed()).toEqual(['signals/left', 'signals/right', 'signals/whole']);
    isDown = false;
    await fireFor(shards, 2);
    expect((await shards.head('left'))?.adopting).toBeUndefined();
    expect(await listed()).toEqual(['signals/left', 'signals/right']);
    await shards.put(
      'left',
      within(LARGE, MANY).map((key) => signal(key, 'knock', 2)),
    );
    await shards.put('left', [signal('k0', 'other', 3)]);
    expect(shards.rows('alarms')).toHaveLength(within(LARGE, MANY).length);
  });
});

it('a child is begun once where ingest and runs of fireTimers begin it side by side', async () => {
  const shards = await splitFull(tellingGate());
  await fireFor(shards, 10);
  const left = xs(within(LEFT), 1);
  shards.clock.advance(minutes(1));
  await Promise.all([
    shards.cold.fire('schedule'),
    shards.deliver('left', left, 0, shards.cold.ingest),
    shards.deliver('left', left, 0, shards.cold.ingest),
    shards.cold.fire('schedule'),
  ]);
  shards.coldStart();
  await shards.deliver('left', xs(within(LEFT), 2), left.length);
  expect((await shards.head('left'))?.totals).toMatchObject({
    accepted: left.length,
    filtered: left.length,
  });
  expect(new Set(toldAt(shards, 1).map(({ id }) => id))).toEqual(new Set(['1: 1']));
  expect(new Set(toldAt(shards, 2).map(({ id }) => id))).toEqual(new Set(['2: 2']));
  expect(await keysOf(shards, 'left')).toEqual(within(LEFT));
});

/** Every function that takes it dies, until one does not. Gives how many died. */
async function deliverAtLast(shards: TestEngine<Job>, shard: string, records: readonly Signal[]) {
  for (let deaths = 0; ; deaths += 1) {
    const [outcome] = await Promise.allSettled([shards.deliver(shard, records)]);
    if (outcome.status === 'fulfilled') return deaths;
    expect(String(outcome.reason)).toContain('died');
    shards.coldStart();
  }
}

describe('a split', () => {
  const WRITES = ['put', 'batchPut', 'update', 'batchRemove'];
  const SORTED = KEYS.toSorted();

  /** Both children begin, and the function dies at a write of theirs; gives whether there was one. */
  async function dyingAt(write: number, when: 'before' | 'after') {
    let left = Number.POSITIVE_INFINITY;
    const die = ({ operation }: Call) => {
      if (!WRITES.includes(operation)) return;
      left -= 1;
      if (left === -1) throw new RetryableError('died');
    };
    const shards = split(knocksJob({ within: seconds(100) }), { [when]: die });
    const knocks = (keys: readonly string[], second: number) =>
      keys.map((key) => signal(key, 'knock', second));
    await shards.put('whole', knocks(KEYS, 0));
    end(shards);
    left = write;
    let deaths = 0;
    for (const [shard, range] of [
      ['left', LEFT],
      ['right', RIGHT],
    ] as const) {
      const [first = ''] = within(range);
      const records = [...knocks(within(range), 50), signal(first, 'other', 200)];
      deaths += await deliverAtLast(shards, shard, records);
    }
    left = Number.POSITIVE_INFINITY;
    await fireFor(shards, 1);
    return { shards, deaths };
  }

  it.each(['before', 'after'] as const)(
    'ends alike wherever a function dies: %s any of its writes',
    async (when) => {
      let write = 0;
      for (let deaths = 1; deaths > 0; write += 1) {
        const died = await dyingAt(write, when);
        deaths = died.deaths;
        const { shards } = died;
        expect(shards.rows('alarms')).toEqual(SORTED.map((key) => ({ key, id: '0-50' })));
        expect(shards.rows('given-up')).toEqual(SORTED.map((key) => ({ key, id: '50@150' })));
      }
      // For each child its item, its keys, and its records; before them the end of the parent.
      expect(write).toBeGreaterThan(6);
    },
  );
});
