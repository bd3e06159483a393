/** The keyed store: what it holds behind each commit, and what parts of a snapshot it gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { arrivalTime, processingTime } from '../../../../shared/model/time.ts';
import { Coverage } from '../../../../shared/operators/keyed/coverage.ts';
import type { KeptState } from '../../../../shared/operators/keyed/keyedState.ts';
import {
  type Entry,
  KeyedStore,
  NO_SLOT,
  weightOf,
} from '../../../../shared/operators/keyed/keyedStore.ts';
import type { Value } from '../../../../shared/ports/table.ts';

const COVERAGE = Coverage.from(0, processingTime(0));
const kept = (state: Value | undefined, arrival = 0): KeptState => ({
  arrival: arrivalTime(arrival),
  partitionKey: 'p',
  ...(state === undefined ? {} : { state }),
});
const commit = (slot: number, changes: readonly Entry[] = []) => ({
  slot,
  changes: new Map(changes),
  loggedBytes: 100,
  coverage: COVERAGE,
  part: 'none' as const,
});

function storeOf(entries: Iterable<Entry>): KeyedStore {
  const store = new KeyedStore();
  store.load(entries);
  return store;
}

describe('a store', () => {
  it('stands before the first commit, and then behind each that it is given', () => {
    const store = new KeyedStore();
    expect(store.slot).toBe(NO_SLOT);
    expect(store.coverage).toBeUndefined();
    store.advance(commit(0, [['a', kept(1)]]));
    store.advance(commit(1, [['b', kept(2)]]));
    expect(store.slot).toBe(1);
    expect(store.coverage).toBe(COVERAGE);
    expect([...store.entries()]).toHaveLength(2);
    expect(store.get('a')).toEqual(kept(1));
    expect(store.get('c')).toBeUndefined();
  });

  it.each([3, 4, 6])('behind slot 4 refuses slot %i, and is left as it was', (slot) => {
    const store = storeOf([['a', kept(1)]]);
    store.standAt(4, COVERAGE, 50);
    const refused = () => store.advance(commit(slot, [['a', kept(2)]]));
    expect(refused).toThrow(InvariantViolation);
    expect(refused).toThrow('behind slot 4');
    expect(store.get('a')).toEqual(kept(1));
    expect([store.slot, store.loggedBytes]).toEqual([4, 50]);
    store.advance(commit(5));
    expect(store.slot).toBe(5);
  });

  it('drops a key whose state a commit takes away, also one that it does not know', () => {
    const store = storeOf([['a', kept(1)]]);
    store.advance(
      commit(0, [
        ['a', kept(undefined)],
        ['b', kept(undefined)],
      ]),
    );
    expect(store.get('a')).toBeUndefined();
    expect([store.size, store.weight, [...store.entries()].length]).toEqual([0, 0, 0]);
  });

  it.each([0, '', false, null])('keeps a key whose state is %j', (state) => {
    const store = storeOf([['a', kept(state)]]);
    expect(store.get('a')).toEqual(kept(state));
    expect(store.size).toBe(1);
  });

  it('counts what the log holds since the last part, with the commit that names it', () => {
    const store = new KeyedStore();
    store.advance(commit(0));
    store.advance(commit(1));
    expect(store.loggedBytes).toBe(200);
    store.advance({ ...commit(2), loggedBytes: 70, part: 'named' });
    expect(store.loggedBytes).toBe(70);
    store.advance(commit(3));
    expect(store.loggedBytes).toBe(170);
  });

  it('holds two keys of one hash apart', () => {
    const store = storeOf([
      ['plumless', kept(1)],
      ['buckeroo', kept(2)],
    ]);
    expect(store.get('plumless')?.state).toBe(1);
    store.advance(commit(0, [['plumless', kept(undefined)]]));
    expect(store.get('buckeroo')?.state).toBe(2);
  });
});

const change = fc.tuple(
  fc.constantFrom('a', 'b', 'c', 'plumless', 'buckeroo'),
  fc.option(fc.jsonValue(), { nil: undefined }),
);

it('never drifts: it weighs what a fresh store with its keys does, whatever was set and removed', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change)), (commits) => {
      const store = new KeyedStore();
      const expected = new Map<string, KeptState>();
      for (const [slot, changes] of commits.entries()) {
        const entries = changes.map(([key, state]): Entry => [key, kept(state as Value, slot)]);
        store.advance(commit(slot, entries));
        for (const [key, each] of new Map(entries)) {
          if (each.state === undefined) expected.delete(key);
          else expected.set(key, each);
        }
      }
      const fresh = storeOf(expected);
      expect(new Map(store.entries())).toEqual(expected);
      expect([store.size, store.weight]).toEqual([expected.size, fresh.weight]);
      let sum = 0;
      for (const entry of expected) sum += weightOf(...entry);
      expect(store.weight).toBe(sum);
    }),
  );
});

describe('a weight', () => {
  it('grows with the key, the partition key, and all that a state leads to', () => {
    const least = weightOf('a', { ...kept(''), partitionKey: 'a' });
    expect(weightOf('a'.repeat(101), kept(''))).toBeGreaterThanOrEqual(least + 100);
    expect(weightOf('a', { ...kept(''), partitionKey: 'b'.repeat(100) })).toBe(least + 100);
    for (const state of [
      'x'.repeat(100),
      new Uint8Array(100),
      [['x'.repeat(100)]],
      { a: { b: 'x'.repeat(100) } },
    ]) {
      expect(weightOf('a', { ...kept(state), partitionKey: 'a' })).toBeGreaterThanOrEqual(
        least + 100,
      );
    }
  });
});
