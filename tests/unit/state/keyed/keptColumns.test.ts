/** The stored form of keys and their states: read as it was written, whatever keys there are. */
import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { arrivalTime, eventTime, watermarkAt } from '../../../../shared/model/time.ts';
import type { KeptState } from '../../../../shared/operators/keyed/keyedState.ts';
import type { Entry } from '../../../../shared/operators/keyed/keyedStore.ts';
import type { Value } from '../../../../shared/ports/table.ts';
import { encodeGroups } from '../../../../shared/state/columns/groups.ts';
import { decodeKept, encodeKept } from '../../../../shared/state/keyed/keptColumns.ts';
import { CLOCK_START } from '../../../support/clock.ts';

const kept = (partitionKey: string, state?: Value, arrival = CLOCK_START as number): KeptState => ({
  arrival: arrivalTime(arrival),
  partitionKey,
  ...(state === undefined ? {} : { state }),
});
const decoded = (entries: readonly Entry[]) => new Map(decodeKept(encodeKept(entries)));

const text = fc.oneof(
  fc.constantFrom('', '0', '7', '007', '-1', '[', '[]', '["a"', '{"0":"a"}', 'a', 'z', 'é', '𝒳'),
  fc.string({ unit: 'grapheme' }),
  fc.nat().map(String),
);
const element = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(text));
const elements = fc.array(element, { maxLength: 5 });
const arrival = fc.oneof(fc.nat({ max: 10 }), fc.integer({ min: -1_000, max: 9e15 }));
const state = fc.option(
  fc.oneof(fc.jsonValue(), fc.uint8Array()).map((value) => value as Value),
  { nil: undefined },
);
const plain = fc.tuple(text, text, fc.boolean()).map(([key, other, isOwn]) => ({
  key,
  partitionKey: isOwn ? key : other,
}));
const listed = fc.tuple(elements, fc.nat(), text).map(([list, at, other]) => {
  const found = list[at % Math.max(1, list.length)];
  return { key: JSON.stringify(list), partitionKey: typeof found === 'string' ? found : other };
});
const ofStatus = fc.record(
  {
    fired: arrival.map(eventTime),
    seen: arrival.map(watermarkAt),
    row: fc.constantFrom('put' as const, 'withheld' as const),
  },
  { requiredKeys: [] },
);
const entry = fc
  .tuple(fc.oneof(plain, listed), state, arrival, ofStatus)
  .map(
    ([{ key, partitionKey }, value, ms, status]): Entry => [
      key,
      { ...kept(partitionKey, value, ms), ...status },
    ],
  );
const entries = fc.uniqueArray(entry, { selector: ([key]) => key, maxLength: 50 });

describe('keys and their states', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(entries, (written) => {
        expect(decoded(written)).toEqual(new Map(written));
      }),
      { numRuns: 500 },
    );
  });

  it('give equal bytes in whatever order they come', () => {
    const shuffled = entries.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([written, again]) => {
        expect(encodeKept(again)).toEqual(encodeKept(written));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['the key', 'user 1', 'user 1'],
    ['a list as text', '["a","b"]', '["a","b"]'],
    ['the first element of it', '["a","b"]', 'a'],
    ['the last element of it', '["a","b"]', 'b'],
    ['an element that it has twice', '["b","b"]', 'b'],
    ['something else', '["a","b"]', 'c'],
    ['what looks like the index of an element', '["a","b"]', '1'],
    ['what an element reads like', '["a",1]', '1'],
    ['nothing', '["a","b"]', ''],
    ['what stands in a key that is no list after all', '["a","b"', 'a'],
  ])('have their partition key: %s', (_, key, partitionKey) => {
    expect(decoded([[key, kept(partitionKey, 1)]]).get(key)).toEqual(kept(partitionKey, 1));
  });

  it('tell a state that is nothing from none', () => {
    const written: Entry[] = [
      ['a', kept('a', null)],
      ['b', kept('b')],
      ['c', kept('c', 0)],
    ];
    const read = decoded(written);
    expect(read).toEqual(new Map(written));
    expect(Object.keys(read.get('b') ?? {})).not.toContain('state');
  });

  it('may be none', () => {
    expect(decoded([])).toEqual(new Map());
  });

  it('cost next to nothing for a partition key that the key holds, at whatever place', () => {
    const users = Array.from({ length: 5_000 }, (_, n) => hash('md5', String(n)));
    const bytesOf = (keyOf: (user: string) => string, partitionKeyOf: (user: string) => string) =>
      encodeKept(users.map((user): Entry => [keyOf(user), kept(partitionKeyOf(user), 1)])).length;
    for (const keyOf of [
      (user: string) => JSON.stringify([user, 'x']),
      (user: string) => JSON.stringify(['x', user]),
    ]) {
      const least = bytesOf(keyOf, keyOf);
      expect(bytesOf(keyOf, (user) => user)).toBeLessThan(least + 100);
      expect(bytesOf(keyOf, (user) => hash('md5', user))).toBeGreaterThan(least + 50_000);
    }
  });

  it('are neighbours where they begin alike, numbers in their order', () => {
    const keys = ['["10","a"]', '9', '["9","b"]', '10', 'b', '["9","a"]', 'a'];
    const written = keys.map((key): Entry => [key, kept(key, 1)]);
    const order = [...decodeKept(encodeKept(written))].map(([key]) => key);
    expect(order).toEqual(['9', '["9","a"]', '["9","b"]', '10', '["10","a"]', 'a', 'b']);
  });
});

describe('bytes that are damaged', () => {
  const WRITTEN = encodeKept(
    Array.from(
      { length: 50 },
      (_, n): Entry => [`key ${n}`, kept(`key ${n % 7}`, { n, text: `${n * n}` })],
    ),
  );
  const read = (bytes: Uint8Array) => [...decodeKept(bytes)];

  it.each([0, 1, 10, WRITTEN.length - 1])('are an InvariantViolation after %i bytes', (length) => {
    expect(() => read(WRITTEN.subarray(0, length))).toThrow(InvariantViolation);
  });

  it.each([
    ['a number for a key', { k: 1, a: 1 }],
    ['no key', { a: 1 }],
    ['no arrival', { k: 'a' }],
    ['text for an arrival', { k: 'a', a: '1' }],
    ['an element that the key does not have', { k: '["a"]', a: 1, p: 1 }],
    ['an element before the first', { k: '["a"]', a: 1, p: -1 }],
    ['an element that is no text', { k: '[1]', a: 1, p: 0 }],
    ['an element of a key that is no list', { k: 'abc', a: 1, p: 0 }],
    ['a partition key that is neither', { k: 'a', a: 1, p: true }],
    ['text for what has fired', { k: 'a', a: 1, f: '1' }],
    ['text for the watermark', { k: 'a', a: 1, w: '1' }],
    ['a row that stands in no way', { k: 'a', a: 1, r: 7 }],
    ['text', 'a'],
    ['a number', 1],
    ['a list', ['a', 1]],
  ] satisfies [string, Value][])('are an InvariantViolation where they hold %s', (_, record) => {
    expect(read(encodeGroups([{ k: 'a', a: 1 }]))).toHaveLength(1);
    expect(() => read(encodeGroups([record]))).toThrow(InvariantViolation);
  });
});
