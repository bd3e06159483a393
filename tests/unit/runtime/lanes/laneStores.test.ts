/** The keyed stores of lanes: whoever goes on with a lane knows what everybody before it knew, and no more. */
import { beforeAll, describe, expect, it } from 'vitest';
import { RetryableError, UnknownOutcomeError } from '../../../../shared/errors.ts';
import { minutes, seconds } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { HASHES } from '../../../../shared/operators/keyed/coverage.ts';
import { NO_EFFECTS } from '../../../../shared/operators/keyed/keyedState.ts';
import { draftQuietCommit } from '../../../../shared/runtime/lanes/commitDraft.ts';
import { LaneStores } from '../../../../shared/runtime/lanes/laneStores.ts';
import { slotKey } from '../../../../shared/state/keys.ts';
import type { Commit } from '../../../../shared/state/lane/laneLog.ts';
import { TestEngine } from '../../../support/engine.ts';
import type { Interception } from '../../../support/interceptedTable.ts';
import { knocksJob, type Signal, signal } from '../../../support/signals.ts';
import { noise, removeUnneeded, tellingGate } from '../../../support/tellingGate.ts';

const x = (key: string, second: number) => signal(key, 'x', second);

type Between = (shards: TestEngine<Job>) => unknown;

/** Batches, and what happens between them to the function that takes them. */
async function run(job: Job, batches: readonly (readonly Signal[])[], between: Between) {
  const shards = new TestEngine<Job>(job);
  for (const batch of batches) {
    await shards.put('s', batch);
    await between(shards);
  }
  return shards;
}

const answersOf = async (shards: TestEngine<Job>) => ({
  rows: [...shards.tables.keys()].map((name) => shards.rows(name)),
  totals: (await shards.head('s'))?.totals,
});

/** So many batches of events of few keys, that come again and again. */
const batchesOf = (count: number, size: number, keys: number, kind: string, value?: number) =>
  Array.from({ length: count }, (_, batch) =>
    Array.from({ length: size }, (_, n) => {
      const second = batch * size + n;
      const key = `k${(second * 7 + batch) % keys}`;
      return signal(key, kind, second, value && noise(`${second}`, value));
    }),
  );

const isPart = ({ part }: Commit) => part !== undefined;

describe.each([
  ['a gate, with few keys', tellingGate(), batchesOf(12, 5, 7, 'x'), false],
  ['a gate, with parts', tellingGate({ stateBytes: 8_000 }), batchesOf(20, 10, 40, 'x'), true],
  ['a pattern', knocksJob({ within: seconds(20) }), batchesOf(12, 5, 7, 'knock'), false],
  [
    'a pattern, with parts',
    knocksJob({ within: seconds(60) }),
    batchesOf(20, 10, 97, 'knock', 8_000),
    true,
  ],
] as const)('%s', (_, job, batches, hasParts) => {
  let expected: Awaited<ReturnType<typeof answersOf>>;

  beforeAll(async () => {
    const warm = await run(job, batches, () => {});
    expected = await answersOf(warm);
    expect((await warm.commits('s')).some(isPart)).toBe(hasParts);
  });

  it.each<[string, Between]>([
    ['cold each time', (shards) => shards.coldStart()],
    ['one of two, which take turns', (shards) => shards.swapFunctions()],
    [
      'cold, and finds only what restoring needs',
      async (shards) => {
        shards.coldStart();
        await removeUnneeded(shards, 's');
      },
    ],
    [
      'read on by another after each batch',
      async (shards) => {
        shards.clock.advance(seconds(1));
        await shards.cold.fire('schedule');
      },
    ],
  ])('decides alike where its function is %s', async (_name, between) => {
    expect(expected.rows.flat().length).toBeGreaterThan(batches.length);
    expect(await answersOf(await run(job, batches, between))).toEqual(expected);
  });
});

describe('a part of a snapshot', () => {
  it('is put once the log since the last one is large enough, and no sooner', async () => {
    const shards = new TestEngine(tellingGate({ stateBytes: 16_000 }));
    for (let n = 0; n < 50; n += 1) await shards.put('s', [x(`k${n % 3}`, n)]);
    const parts = (await shards.commits('s')).filter(isPart).map(({ slot }) => slot);
    // 256 KB, of commits that take 16 KB of text and its names.
    expect(parts).toHaveLength(3);
    expect(parts[0]).toBeGreaterThanOrEqual(15);
    expect(parts[0]).toBeLessThanOrEqual(17);
    const [first = 0, second = 0, third = 0] = parts;
    expect([second - first, third - second]).toEqual([first, first]);
  });

  it('comes with long keys as well as with large states', async () => {
    const shards = new TestEngine(tellingGate());
    for (let n = 0; n < 30; n += 1) {
      await shards.put(
        's',
        Array.from({ length: 60 }, (_, m) => x(noise(`${n} ${m}`, 200), n)),
      );
    }
    expect((await shards.commits('s')).some(isPart)).toBe(true);
  });

  it('is never put where little changes', async () => {
    const shards = new TestEngine(tellingGate());
    for (let n = 0; n < 100; n += 1) await shards.put('s', [x('a', n)]);
    expect((await shards.commits('s')).some(isPart)).toBe(false);
    expect(await shards.head('s')).toMatchObject({ keptFrom: 0 });
  });

  it('of all keys moves on what restoring needs to its own commit', async () => {
    const shards = new TestEngine(tellingGate({ stateBytes: 16_000 }));
    for (let n = 0; n < 20; n += 1) await shards.put('s', [x(`k${n % 3}`, n)]);
    const commits = await shards.commits('s');
    const at = commits.findIndex(isPart);
    expect(commits[at]?.part).toMatchObject({ from: 0, to: HASHES });
    expect(commits[at - 1]).toMatchObject({ keptFrom: 0, keptExpires: commits[0]?.expiresAt });
    for (const commit of commits.slice(at)) {
      expect(commit).toMatchObject({ keptFrom: at, keptExpires: commits[at]?.expiresAt });
    }
  });

  it('goes round: each begins where the oldest that is needed does, and none is left out', async () => {
    const shards = new TestEngine(tellingGate({ stateBytes: 16_000 }));
    const quiet = Array.from({ length: 40 }, (_, n) => `q${n}`);
    for (let n = 0; n < 40; n += 10) {
      await shards.put(
        's',
        quiet.slice(n, n + 10).map((key) => x(key, 0)),
      );
    }
    for (let n = 1; n <= 30; n += 1) {
      const busy = Array.from({ length: 20 }, (_, m) => `k${m}`);
      await shards.put(
        's',
        busy.map((key) => x(key, n)),
      );
    }
    const parts = (await shards.commits('s')).flatMap(({ part }) => (part ? [part] : []));
    expect(parts.length).toBeGreaterThan(5);
    expect(parts[0]?.from).toBe(0);
    for (const [n, { from }] of parts.slice(1).entries()) {
      expect(from).toBe((parts[n]?.to ?? 0) % HASHES);
    }
    expect(parts.filter(({ to }) => to === HASHES).length).toBeGreaterThan(0);
    const kept = (await shards.commits('s')).map(({ keptFrom }) => keptFrom ?? 0);
    expect(kept).toEqual(kept.toSorted((a, b) => a - b));
    expect(kept.at(-1)).toBeGreaterThan(4);
    expect(await removeUnneeded(shards, 's')).toBeGreaterThan(10);
    shards.coldStart();
    await shards.put('s', [...quiet.map((key) => x(key, 1_000)), x('k0', 1_000)]);
    const told = shards.rows('blocked').filter(({ id }) => String(id).startsWith('1000:'));
    expect(told.filter(({ id }) => id === '1000: 1').map(({ key }) => key)).toEqual(
      quiet.toSorted(),
    );
    expect(told).toContainEqual({ key: 'k0', id: '1000: 30' });
  });
});

describe('a function that missed commits of another', () => {
  it('reads on from where its store stands, and nothing before that', async () => {
    const shards = new TestEngine(tellingGate());
    await shards.put('s', [x('a', 0)]);
    shards.swapFunctions();
    for (let n = 1; n < 4; n += 1) await shards.put('s', [x('a', n), x('b', n)]);
    shards.swapFunctions();
    expect(shards.state.remove({ pk: 'gated@1#log#signals/s', sk: slotKey(0) })).toBe('removed');
    await shards.put('s', [x('a', 5), x('b', 5)]);
    expect(shards.rows('blocked')).toContainEqual({ key: 'a', id: '5: 4' });
    expect(shards.rows('blocked')).toContainEqual({ key: 'b', id: '5: 3' });
  });

  it('restores the store anew where those commits are gone', async () => {
    const shards = new TestEngine(tellingGate({ stateBytes: 16_000 }));
    await shards.put('s', [x('a', 0), x('only the first', 0)]);
    shards.swapFunctions();
    for (let n = 1; n < 40; n += 1) await shards.put('s', [x('a', n)]);
    await removeUnneeded(shards, 's');
    expect((await shards.commits('s'))[0]?.slot).toBeGreaterThan(1);
    shards.clock.advance(minutes(11));
    shards.swapFunctions();
    await shards.put('s', [x('a', 50), x('only the first', 50)]);
    expect(shards.rows('blocked')).toContainEqual({ key: 'a', id: '50: 40' });
    expect(shards.rows('blocked')).toContainEqual({ key: 'only the first', id: '50: 1' });
  });
});

/** What happens at the next append to a log, once. */
function onAppend(act: { before?(): unknown; after?(): unknown }) {
  let isArmed = false;
  const once = async (operation: string, pk: string, work: (() => unknown) | undefined) => {
    if (!isArmed || !work || operation !== 'put' || !pk.includes('#log#')) return;
    isArmed = false;
    await work();
  };
  const onState: Interception = {
    before: ({ operation, partitions: [pk = ''] }) => once(operation, pk, act.before),
    after: ({ operation, partitions: [pk = ''] }) => once(operation, pk, act.after),
  };
  const arm = () => {
    isArmed = true;
  };
  return { onState, arm };
}

describe('a commit that is not known to stand', () => {
  const THREE = [x('a', 1), x('a', 2), x('a', 3)];
  const TOLD = ['0: 0', '1: 1', '2: 2', '3: 3', '4: 4'].map((id) => ({ key: 'a', id }));

  it('leaves the warm store as it was where the slot is lost to another', async () => {
    let shards: TestEngine | undefined;
    const other: { ingest?: TestEngine['cold']['ingest'] } = {};
    const lost = onAppend({
      before: () => shards?.deliver('s', THREE.slice(0, 1), 1, other.ingest),
    });
    shards = new TestEngine(tellingGate(), { onState: lost.onState });
    other.ingest = shards.cold.ingest;
    await shards.put('s', [x('a', 0)]);
    lost.arm();
    const report = await shards.put('s', THREE);
    expect(report).toMatchObject({ commits: 1, counts: { filtered: 2 } });
    await shards.put('s', [x('a', 4)]);
    expect(await shards.commits('s')).toHaveLength(4);
    expect(shards.rows('blocked')).toEqual(TOLD);
  });

  it.each<[string, 'before' | 'after', number]>([
    ['does not', 'before', 1],
    ['does', 'after', 0],
  ])(
    'changes nothing that is known where no reply came and it %s stand',
    async (_, when, rejected) => {
      const silent = onAppend({
        [when]: () => Promise.reject(new UnknownOutcomeError('no reply')),
      });
      const shards = new TestEngine(tellingGate(), { onState: silent.onState });
      await shards.put('s', [x('a', 0)]);
      silent.arm();
      const first = await Promise.allSettled([shards.deliver('s', THREE, 1)]);
      expect(first.filter(({ status }) => status === 'rejected')).toHaveLength(rejected);
      await shards.deliver('s', THREE, 1);
      await shards.deliver('s', [x('a', 4)], 4);
      expect(shards.rows('blocked')).toEqual(TOLD);
      expect(await shards.commits('s')).toHaveLength(3);
    },
  );

  it('is drafted anew where its parts could not be put', async () => {
    let failures = 2;
    const onState: Interception = {
      before({ operation, partitions }) {
        if (operation !== 'batchPut' || !partitions.some((pk) => pk.includes('#part#'))) return;
        failures -= 1;
        if (failures >= 0) throw new RetryableError('throttled');
      },
    };
    const shards = new TestEngine(tellingGate({ stateBytes: 20_000 }), { onState });
    let retries = 0;
    for (let n = 0; n < 30; n += 1) {
      const batch = [x('a', n)];
      while (!(await shards.deliver('s', batch, n).catch(() => undefined))) retries += 1;
    }
    expect(retries).toBe(2);
    shards.coldStart();
    await shards.deliver('s', [x('a', 30)], 30);
    const expected = Array.from({ length: 31 }, (_, n) => ({ key: 'a', id: `${n}: ${n}` }));
    expect(shards.rows('blocked')).toHaveLength(31);
    expect(shards.rows('blocked')).toEqual(expect.arrayContaining(expected));
  });
});

it('a draft is refused on a store that has moved on since it was asked for', async () => {
  const shards = new TestEngine(tellingGate());
  await shards.put('s', [x('a', 0)]);
  const { job, ports, settings, clock } = shards;
  const head = (await shards.head('s')) as Commit;
  const laneState = { lane: shards.lane('s'), head, item: undefined };
  const stores = new LaneStores(ports, settings);
  const work = { store: await stores.at(laneState), effects: NO_EFFECTS, isForgotten: () => false };
  const quiet = { laneState, why: 'recommit', now: clock.now() } as const;
  const draft = () =>
    stores.withStore(draftQuietCommit(job, settings, quiet), laneState.lane, work);
  stores.appended(laneState, draft().commit);
  expect(draft).toThrow('slot 1 was drafted on a store that is behind slot 1 now');
});
