/** A store that is restored is what the log says, whatever its parts are, and whoever reads on from where. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { NO_COUNTS } from '../../../../shared/model/counts.ts';
import type { Lane } from '../../../../shared/model/lane.ts';
import { arrivalTime, NO_WATERMARK, processingTime } from '../../../../shared/model/time.ts';
import {
  type Coverage,
  HASHES,
  hashOf,
  type Stretch,
} from '../../../../shared/operators/keyed/coverage.ts';
import type { KeptState } from '../../../../shared/operators/keyed/keyedState.ts';
import type { Entry, KeyedStore } from '../../../../shared/operators/keyed/keyedStore.ts';
import {
  catchUp,
  coverageAfter,
  restoreStore,
} from '../../../../shared/runtime/lanes/restoreStore.ts';
import { encodeKept } from '../../../../shared/state/keyed/keptColumns.ts';
import { partPartition, slotKey, stateTable } from '../../../../shared/state/keys.ts';
import { packBlob } from '../../../../shared/state/lane/blob.ts';
import { appendCommit, type Commit } from '../../../../shared/state/lane/laneLog.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { TestEngine } from '../../../support/engine.ts';
import { signal } from '../../../support/signals.ts';
import { noise, removeUnneeded, tellingGate } from '../../../support/tellingGate.ts';

const LANE: Lane = { job: 'gated', stream: 'signals', shard: 's' };
const x = (key: string, second: number) => signal(key, 'x', second);

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'plumless', 'buckeroo');
/** Small, large for a commit, or none any more. */
const size = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(undefined, undefined, 0, 1) },
  fc.constant(20_000),
);
const place = fc.oneof(
  fc.constantFrom(0, HASHES),
  fc.nat({ max: 8 }).map((n) => (n * HASHES) / 8),
  key.map(hashOf),
  key.map((each) => hashOf(each) + 1),
);
const stretch = fc
  .tuple(place, place)
  .filter(([from, to]) => from !== to)
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const step = fc.record({
  changes: fc.array(fc.tuple(key, size), { maxLength: 4 }),
  part: fc.option(stretch, { nil: undefined }),
});
type Step = typeof step extends fc.Arbitrary<infer Drawn> ? Drawn : never;

const contentOf = (store: Iterable<readonly [string, KeptState]>) =>
  Array.from(store).sort(([a], [b]) => (a < b ? -1 : 1));

interface Written {
  readonly head: Commit;
  readonly states: readonly Entry[];
}

/** The log of these steps, and the states and the head after each of them. */
async function written(steps: readonly Step[]) {
  const table = memoryTable(stateTable('state'));
  const states = new Map<string, KeptState>();
  const after: Written[] = [];
  let coverage: Coverage | undefined;
  for (const [slot, { changes, part }] of steps.entries()) {
    const expiresAt = processingTime(CLOCK_START + slot * 1_000);
    const packed = part && packedPart([...states], { ...part, slot, expiresAt });
    const changed = new Map(changes.map(([each, bytes]) => [each, keptAt(slot, each, bytes)]));
    const blob = packBlob(LANE, encodeKept(changed), expiresAt);
    for (const [each, kept] of changed) states.set(each, kept);
    for (const [each, { state }] of changed) if (state === undefined) states.delete(each);
    const commit = { ...EMPTY, slot, expiresAt, changes: blob.reference };
    const base = packed ? { ...commit, part: packed.part } : commit;
    coverage = coverageAfter(coverage, base);
    const { slot: keptFrom, expiresAt: keptExpires } = coverage.oldest;
    const head = { ...base, keptFrom, keptExpires };
    await table.batchPut([...blob.chunks, ...(packed?.chunks ?? [])]);
    await appendCommit(table, LANE, head);
    after.push({ head, states: contentOf(states) });
  }
  return { table, after };
}

const EMPTY = {
  from: undefined,
  to: undefined,
  greatest: undefined,
  lastValidAt: undefined,
  totals: NO_COUNTS,
  shape: 'shape',
  watermark: NO_WATERMARK,
} satisfies Partial<Commit>;

const keptAt = (slot: number, partitionKey: string, bytes: number | undefined): KeptState => ({
  arrival: arrivalTime(slot),
  partitionKey,
  ...(bytes === undefined ? {} : { state: `${slot} ${noise(`${slot} ${partitionKey}`, bytes)}` }),
});

/** The keys of a stretch, as they are before the commit. */
function packedPart(
  states: readonly Entry[],
  { from, to, slot, expiresAt }: Stretch & Pick<Commit, 'slot' | 'expiresAt'>,
) {
  const inside = states.filter(([each]) => hashOf(each) >= from && hashOf(each) < to);
  if (inside.length === 0) return { part: { from, to }, chunks: [] };
  const place = partPartition(LANE, { slot, from });
  const { reference, chunks } = packBlob(LANE, encodeKept(inside), expiresAt, { partition: place });
  return { part: { from, to, content: reference }, chunks };
}

const standing = (store: KeyedStore) => ({
  slot: store.slot,
  coverage: store.coverage?.stretches,
  loggedBytes: store.loggedBytes,
  weight: store.weight,
  content: contentOf(store.entries()),
});

describe('a store that is restored', () => {
  it('holds what the commits have come to, behind each of them, without what is older than it needs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { table, after } = await written(steps);
        for (const { head, states } of after) {
          // What comes first is needed longest: heads are looked at from the oldest on.
          for (let slot = 0; slot < (head.keptFrom ?? 0); slot += 1) {
            table.remove({ pk: 'gated#log#signals/s', sk: slotKey(slot) });
          }
          const store = await restoreStore(table, LANE, head);
          expect(store.slot).toBe(head.slot);
          expect(contentOf(store.entries())).toEqual(states);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is the same where it stood behind an older head and has read on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 2, maxLength: 10 }),
        fc.nat(),
        async (steps, from) => {
          const { table, after } = await written(steps);
          const last = after.at(-1)?.head as Commit;
          const { head } = after[from % after.length] as (typeof after)[number];
          const store = await restoreStore(table, LANE, head);
          if (head.slot < last.slot) await catchUp(table, LANE, store, last);
          const restored = standing(await restoreStore(table, LANE, last));
          const hasPart = steps.slice(last.keptFrom).some(({ part }) => part);
          // Without a part, what is counted begins with what is read.
          expect(hasPart ? standing(store) : { ...standing(store), loggedBytes: 0 }).toEqual(
            hasPart ? restored : { ...restored, loggedBytes: 0 },
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is not read on to a head whose commits are gone, wherever they are', async () => {
    const plain = { changes: [['a', 1]], part: undefined } as unknown as Step;
    for (const gone of [1, 2, 3]) {
      const { table, after } = await written([plain, plain, plain, plain]);
      const [first, , , last] = after;
      const store = await restoreStore(table, LANE, first?.head as Commit);
      table.remove({ pk: 'gated#log#signals/s', sk: slotKey(gone) });
      const read = catchUp(table, LANE, store, last?.head as Commit);
      await expect(read).rejects.toThrow(InvariantViolation);
      await expect(read).rejects.toThrow('signals/s');
      expect(store.slot).toBe(0);
    }
  });
});

describe('what restoring needs and does not find', () => {
  /** A lane with parts and with commits behind them. */
  async function grown() {
    const shards = new TestEngine(tellingGate({ stateBytes: 20_000 }));
    for (let n = 0; n < 40; n += 1) await shards.put('s', [x(`k${n % 5}`, n)]);
    await removeUnneeded(shards, 's');
    shards.coldStart();
    return shards;
  }

  it.each([
    ['a commit in between', '#log#', 1],
    ['the oldest commit', '#log#', 0],
    ['a part', '#part#', 0],
    ['the changes of a commit', '#chunk#', 0],
  ])('is an InvariantViolation that names the lane: %s', async (_, kind, at) => {
    const shards = await grown();
    const { pk, sk } = shards.items(kind)[at] ?? {};
    expect(shards.state.remove({ pk: String(pk), sk: String(sk) })).toBe('removed');
    const before = [...shards.state.items()];
    const again = () => shards.deliver('s', [x('a', 50)], 50);
    await expect(again()).rejects.toThrow(InvariantViolation);
    await expect(again()).rejects.toThrow('signals/s');
    expect([...shards.state.items()]).toEqual(before);
  });

  it('is nothing: all of it is there', async () => {
    const shards = await grown();
    await shards.deliver('s', [x('k0', 50)], 50);
    expect(shards.rows('blocked')).toContainEqual({ key: 'k0', id: '50: 8' });
  });
});
