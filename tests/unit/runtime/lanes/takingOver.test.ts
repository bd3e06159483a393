/** What a child's lane takes over of its parents' keys: its own, and all of them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { minutes } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { HASH_KEYS } from '../../../../shared/model/hashRange.ts';
import { HASHES } from '../../../../shared/operators/keyed/coverage.ts';
import { TestEngine } from '../../../support/engine.ts';
import { signal } from '../../../support/signals.ts';
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
import { removeUnneeded, tellingGate } from '../../../support/tellingGate.ts';

describe("a child's lane after a split", () => {
  it('takes over the keys of its own range, and no others', async () => {
    const shards = await splitFull(tellingGate());
    const [left = ''] = within(LEFT);
    const [right = ''] = within(RIGHT);
    await shards.put('left', [x(left, 1)]);
    await shards.put('right', [x(right, 1)]);
    expect(await keysOf(shards, 'left')).toEqual(within(LEFT));
    expect(await keysOf(shards, 'right')).toEqual(within(RIGHT));
    expect(toldAt(shards, 1).map(({ id }) => id)).toEqual(['1: 1', '1: 1']);
  });

  it('goes by the partition key, not by the key that is decided on', async () => {
    const shards = split(tellingGate({ key: ({ kind }) => kind }));
    await shards.put(
      'whole',
      KEYS.map((key) => signal(key, `kind of ${key}`, 0)),
    );
    end(shards);
    await fireFor(shards);
    expect(await keysOf(shards, 'left')).toEqual(
      within(LEFT)
        .map((key) => `kind of ${key}`)
        .sort(),
    );
    expect(await keysOf(shards, 'right')).toEqual(
      within(RIGHT)
        .map((key) => `kind of ${key}`)
        .sort(),
    );
  });

  it('needs nothing of its parent from then on', async () => {
    const shards = await splitFull(tellingGate());
    await fireFor(shards);
    for (const { pk, sk } of [...shards.state.items()]) {
      if (String(pk).includes('/whole')) shards.state.remove({ pk: String(pk), sk: String(sk) });
    }
    shards.coldStart();
    await shards.put('left', xs(within(LEFT), 1));
    await shards.put('right', xs(within(RIGHT), 1));
    expect(toldAt(shards, 1).map(({ id }) => id)).toEqual(KEYS.map(() => '1: 1'));
  });

  it('is opened by fireTimers where it gets no record, with all that is its own', async () => {
    const shards = await splitFull(tellingGate());
    await shards.cold.fire('nudge');
    expect(await shards.head('left')).toBeUndefined();
    await fireFor(shards);
    for (const [shard, range] of [
      ['left', LEFT],
      ['right', RIGHT],
    ] as const) {
      expect(await shards.head(shard)).toMatchObject({ slot: 0, totals: { accepted: 0 } });
      expect((await shards.head(shard))?.adopting).toBeUndefined();
      expect(await keysOf(shards, shard)).toEqual(within(range));
    }
    const before = [...shards.state.items()].filter(({ pk }) => String(pk).includes('#log#'));
    await fireFor(shards);
    expect([...shards.state.items()].filter(({ pk }) => String(pk).includes('#log#'))).toEqual(
      before,
    );
  });

  it('takes nothing over from a parent without keys, and begins all the same', async () => {
    const shards = split(tellingGate());
    await shards.put('whole', ['garbage']);
    end(shards);
    await shards.put('left', [x('a', 0)]);
    expect((await shards.commits('left'))[0]?.part).toEqual({ from: 0, to: HASHES });
    expect(shards.items('#part#')).toEqual([]);
  });

  it('hands on what it took over to its own children, also of keys that had no record since', async () => {
    const shards = split(tellingGate());
    shards.parents['leaf'] = ['left'];
    shards.parents['other leaf'] = ['left'];
    const middle = HASH_KEYS / 4n;
    shards.ranges['leaf'] = { start: 0n, end: middle - 1n };
    shards.ranges['other leaf'] = { start: middle, end: LEFT.end };
    await shards.put('whole', xs(KEYS, 0));
    end(shards);
    end(shards, 'left');
    await fireFor(shards, 25);
    const leaves = [await keysOf(shards, 'leaf'), await keysOf(shards, 'other leaf')];
    expect(leaves).toEqual([
      within({ start: 0n, end: middle - 1n }),
      within({ start: middle, end: LEFT.end }),
    ]);
  });
});

describe("a merged shard's lane", () => {
  let shards: TestEngine<Job>;

  const merged = (job: Job) => {
    const built = new TestEngine<Job>(job);
    built.parents['merged'] = ['left', 'right'];
    Object.assign(built.ranges, { left: LEFT, right: RIGHT });
    return built;
  };

  beforeEach(() => {
    shards = merged(tellingGate());
  });

  async function fillBoth() {
    await shards.put('left', xs(within(LEFT), 0));
    await shards.put('right', xs(within(RIGHT), 0));
  }

  it('takes over the keys of both parents', async () => {
    await fillBoth();
    end(shards, 'left');
    await expect(shards.put('merged', [x('k0', 1)])).rejects.toThrow('right is not read');
    await fireFor(shards);
    expect(await shards.head('merged')).toBeUndefined();
    end(shards, 'right');
    await shards.put('merged', xs(KEYS, 1));
    expect(await keysOf(shards, 'merged')).toEqual([...KEYS].sort());
    expect(toldAt(shards, 1).map(({ id }) => id)).toEqual(KEYS.map(() => '1: 1'));
  });

  it('is opened by fireTimers, too, once both have ended', async () => {
    await fillBoth();
    end(shards, 'left');
    end(shards, 'right');
    await fireFor(shards, 22);
    expect(await keysOf(shards, 'merged')).toEqual([...KEYS].sort());
  });

  it.each([
    ['left', 'right', 2],
    ['right', 'left', 2],
  ])('of a key that %s had before %s takes what was touched last', async (first, last, seen) => {
    shards = merged(tellingGate({ key: ({ kind }) => kind }));
    const own = { left: within(LEFT)[0] ?? '', right: within(RIGHT)[0] ?? '' } as Record<
      string,
      string
    >;
    await shards.put(
      first,
      [0, 1, 2].map((n) => signal(own[first] ?? '', 'same', n)),
    );
    shards.clock.advance(minutes(2));
    await shards.put(
      last,
      [0, 1].map((n) => signal(own[last] ?? '', 'same', n)),
    );
    end(shards, 'left');
    end(shards, 'right');
    await shards.put('merged', [signal('k0', 'same', 9)]);
    expect(toldAt(shards, 9)).toEqual([{ key: 'same', id: `9: ${seen}` }]);
  });
});

it('a child that is cold restores from its own log alone, whatever is removed of it that is not needed', async () => {
  const shards = await splitFull(tellingGate());
  await shards.put('left', xs(within(LEFT), 1));
  await removeUnneeded(shards, 'left');
  shards.coldStart();
  await shards.put('left', xs(within(LEFT), 2));
  expect(new Set(toldAt(shards, 2).map(({ id }) => id))).toEqual(new Set(['2: 2']));
});
