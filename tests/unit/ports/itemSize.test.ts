import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../shared/errors.ts';
import {
  ITEM_BYTES_MAX,
  itemBytes,
  readUnits,
  writeUnits,
} from '../../../shared/ports/itemSize.ts';
import type { Value } from '../../../shared/ports/table.ts';

const bytesOf = (value: Value): number => itemBytes({ n: value }) - 1;

describe('item size', () => {
  it('counts the UTF-8 bytes of names and text', () => {
    expect(itemBytes({})).toBe(0);
    expect(itemBytes({ pk: 'abc' })).toBe(5);
    expect(itemBytes({ é: '🙂' })).toBe(2 + 4);
  });

  it.each([
    ['empty text', '', 0],
    ['bytes', new Uint8Array(17), 17],
    ['a truth value', false, 1],
    ['null', null, 1],
    ['an empty list', [], 3],
    ['an empty map', {}, 3],
    ['a list: one byte more for each entry', ['ab', true], 3 + 1 + 2 + 1 + 1],
    ['a map: one byte more for each entry, and its names', { ab: 'cde' }, 3 + 1 + 2 + 3],
    ['nesting', [[{ a: 'b' }]], 3 + 1 + 3 + 1 + 3 + 1 + 1 + 1],
  ] as const)('%s', (_, value, bytes) => {
    expect(bytesOf(value)).toBe(bytes);
  });

  it.each([
    [0, 1],
    [1, 2],
    [99, 2],
    [100, 2],
    [120, 3],
    [12_300, 3],
    [123_000, 3],
    [1_511_658_000_000, 5],
    [9_007_199_254_740_991, 9],
    [-5, 3],
    [0.1, 2],
    [0.01, 2],
    [1.2, 3],
    [0.123, 3],
    [1e-9, 2],
    [1.5e-10, 3],
  ])('the number %d takes %i bytes', (value, bytes) => {
    expect(bytesOf(value)).toBe(bytes);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53), 1e-131])(
    'the number %d cannot be stored',
    (value) => {
      expect(() => itemBytes({ n: value })).toThrow(InvariantViolation);
    },
  );

  it('names the attribute that cannot be stored', () => {
    expect(() => itemBytes({ ok: 1, broken: { deep: ['\udc00'] } })).toThrow('attribute broken');
    const missing = { broken: undefined } as unknown as { broken: Value };
    expect(() => itemBytes(missing)).toThrow('attribute broken: a value of type undefined');
  });
});

describe('units', () => {
  it.each([
    [0, 1],
    [1, 1],
    [1024, 1],
    [1025, 2],
    [ITEM_BYTES_MAX, 400],
  ])('a write of %i bytes costs %i', (bytes, units) => {
    expect(writeUnits(bytes)).toBe(units);
  });

  it.each([
    [0, 1],
    [4096, 1],
    [4097, 2],
    [ITEM_BYTES_MAX, 100],
  ])('a strong read of %i bytes costs %i, an eventual one half', (bytes, units) => {
    expect(readUnits(bytes, 'strong')).toBe(units);
    expect(readUnits(bytes, 'eventual')).toBe(units / 2);
  });
});
