/** The parts of a snapshot that a keyed store gives: about as large as they should be, and together all of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalTime } from '../../../../shared/model/time.ts';
import { HASHES, hashOf } from '../../../../shared/operators/keyed/coverage.ts';
import type { KeptState } from '../../../../shared/operators/keyed/keyedState.ts';
import {
  type Entry,
  type IsForgotten,
  KeyedStore,
  weightOf,
} from '../../../../shared/operators/keyed/keyedStore.ts';
import type { Value } from '../../../../shared/ports/table.ts';

const nothingForgotten: IsForgotten = () => false;
const kept = (state: Value): KeptState => ({ arrival: arrivalTime(0), partitionKey: 'p', state });

function storeOf(entries: Iterable<Entry>): KeyedStore {
  const store = new KeyedStore();
  store.load(entries);
  return store;
}

const numbered = (count: number, state: (n: number) => Value = () => 'state'): Entry[] =>
  Array.from({ length: count }, (_, n): Entry => [`key ${n}`, kept(state(n))]);
const byHash = (entries: readonly Entry[]) =>
  entries.toSorted(([a], [b]) => hashOf(a) - hashOf(b) || (a < b ? -1 : 1));
const keysOf = (entries: Iterable<Entry>) => Array.from(entries, ([key]) => key).sort();

/** Parts from the first hash to the last. */
function roundOf(store: KeyedStore, bytesMax: number, isForgotten = nothingForgotten) {
  const parts: ReturnType<KeyedStore['partFrom']>[] = [];
  for (let from = 0; from < HASHES; ) {
    const part = store.partFrom(from, bytesMax, isForgotten);
    expect(part.stretch.from).toBe(from);
    expect(part.stretch.to).toBeGreaterThan(from);
    parts.push(part);
    from = part.stretch.to;
  }
  expect(parts.at(-1)?.stretch.to).toBe(HASHES);
  return parts;
}

describe('a part', () => {
  const DENSITY = 0.5;
  const BYTES_MAX = 32 * 1024;

  it('of a store that takes less is all of it', () => {
    const store = storeOf(numbered(50));
    const { stretch, entries } = store.partFrom(0, BYTES_MAX, nothingForgotten);
    expect(stretch).toEqual({ from: 0, to: HASHES });
    expect(keysOf(entries)).toEqual(keysOf(numbered(50)));
  });

  it('of an empty store is the whole stretch that is left, without a key', () => {
    expect(new KeyedStore().partFrom(5, BYTES_MAX, nothingForgotten)).toEqual({
      stretch: { from: 5, to: HASHES },
      entries: [],
      weight: 0,
    });
  });

  it('takes about so many bytes as it is told, by what the last one took', () => {
    const store = storeOf(numbered(10_000));
    for (const density of [0.1, DENSITY, 2]) {
      store.measure(1_000, 1_000 * density);
      expect(store.snapshotBytes).toBe(Math.ceil(store.weight * density));
      const parts = roundOf(store, BYTES_MAX);
      for (const { weight, entries } of parts.slice(0, -1)) {
        let sum = 0;
        for (const entry of entries) sum += weightOf(...entry);
        expect(weight).toBe(sum);
        expect(weight * density).toBeGreaterThan(BYTES_MAX / 2);
        expect(weight * density).toBeLessThan(BYTES_MAX * 2);
      }
      expect(parts.length).toBe(Math.ceil(store.snapshotBytes / BYTES_MAX));
    }
  });

  it('that held no key is no measure', () => {
    const store = storeOf(numbered(10));
    const { snapshotBytes } = store;
    store.measure(0, 20);
    expect(store.snapshotBytes).toBe(snapshotBytes);
  });

  it('has all keys of its stretch and no others, from whatever hash on it is', () => {
    const all = numbered(2_000);
    const store = storeOf(all);
    store.measure(1, DENSITY);
    const hashes = all.map(([key]) => hashOf(key));
    const froms = [0, 1, HASHES / 2, HASHES - 1, ...hashes.slice(0, 50).flatMap((h) => [h, h + 1])];
    for (const from of froms) {
      const { stretch, entries } = store.partFrom(from, BYTES_MAX, nothingForgotten);
      const within = all.filter(([key]) => hashOf(key) >= from && hashOf(key) < stretch.to);
      expect(stretch.from).toBe(from);
      expect(keysOf(entries)).toEqual(keysOf(within));
    }
  });

  it('leaves out what is forgotten, and the store drops it: of its own stretch alone', () => {
    const all = numbered(2_000, (n) => n % 2);
    const store = storeOf(all);
    store.measure(1, DENSITY);
    const { stretch, entries } = store.partFrom(0, BYTES_MAX, ({ state }) => state === 1);
    const isInside = ([key]: Entry) => hashOf(key) < stretch.to;
    const left = all.filter((entry) => !(isInside(entry) && entry[1].state === 1));
    expect(stretch.to).toBeLessThan(HASHES);
    expect(keysOf(entries)).toEqual(keysOf(left.filter(isInside)));
    expect(keysOf(store.entries())).toEqual(keysOf(left));
    expect([store.size, store.weight]).toEqual([left.length, storeOf(left).weight]);
  });

  it('whose keys are all forgotten is a stretch without a key', () => {
    const store = storeOf(numbered(100));
    const { stretch, entries, weight } = store.partFrom(0, BYTES_MAX, () => true);
    expect({ stretch, entries, weight }).toEqual({
      stretch: { from: 0, to: HASHES },
      entries: [],
      weight: 0,
    });
    expect([store.size, store.weight]).toEqual([0, 0]);
  });

  it('is cut where large keys lie close together, and the next goes on there', () => {
    const sorted = byHash(numbered(1_000));
    const large = 'x'.repeat(20_000);
    const uneven = sorted.map(([key], n): Entry => [key, kept(n < 40 ? large : 'small')]);
    const store = storeOf(uneven);
    store.measure(1, 1);
    const parts = roundOf(store, BYTES_MAX);
    for (const { weight } of parts) expect(weight).toBeLessThan(4 * BYTES_MAX + 2 * large.length);
    expect(parts[0]?.entries.length).toBeLessThan(40);
    expect(parts.flatMap(({ entries }) => keysOf(entries)).sort()).toEqual(keysOf(uneven));
  });

  it('has at least one key, however large, and keys of one hash together', () => {
    const large = kept('x'.repeat(100_000));
    const store = storeOf([
      ['plumless', large],
      ['buckeroo', large],
      ['other', large],
    ]);
    store.measure(1, 1);
    const parts = roundOf(store, 2_000).filter(({ entries }) => entries.length > 0);
    expect(parts.map(({ entries }) => keysOf(entries))).toContainEqual(['buckeroo', 'plumless']);
    expect(parts.flatMap(({ entries }) => keysOf(entries)).sort()).toEqual([
      'buckeroo',
      'other',
      'plumless',
    ]);
  });
});

it('parts that follow each other have every key once, however large keys and parts are', () => {
  const key = fc.oneof(fc.constantFrom('plumless', 'buckeroo', ''), fc.string());
  const length = fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 20_000 }));
  fc.assert(
    fc.property(
      fc.dictionary(key, length, { maxKeys: 60 }),
      fc.integer({ min: 100, max: 20_000 }),
      fc.double({ min: 0.01, max: 4, noNaN: true }),
      (lengths, bytesMax, density) => {
        const all = Object.entries(lengths).map(([each, n]): Entry => [each, kept('x'.repeat(n))]);
        const store = storeOf(all);
        store.measure(1, density);
        const found: Entry[] = [];
        for (const { stretch, entries } of roundOf(store, bytesMax)) {
          for (const entry of entries) {
            const hash = hashOf(entry[0]);
            expect(hash >= stretch.from && hash < stretch.to).toBe(true);
          }
          found.push(...entries);
        }
        expect(found.map(([each]) => each).sort()).toEqual(keysOf(all));
        expect(new Map(found)).toEqual(new Map(all));
      },
    ),
  );
});
