import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../../shared/errors.ts';
import type { Value } from '../../../../shared/ports/table.ts';
import { decodeColumns, encodeColumns } from '../../../../shared/state/columns/columns.ts';
import { compositeCounts, logins, numberedOrders, uuidOrders } from './typicalRecords.ts';

const roundTrip = (list: readonly Value[]): Value[] => decodeColumns(encodeColumns(list));

describe('a list by column', () => {
  it('may be empty, and then takes two bytes', () => {
    expect(encodeColumns([])).toHaveLength(2);
    expect(roundTrip([])).toEqual([]);
  });

  it('of one small record takes less than 30 bytes', () => {
    const list = [{ k: '12', a: 5, s: 1 }];
    expect(encodeColumns(list).length).toBeLessThan(24);
    expect(roundTrip(list)).toEqual(list);
  });

  it('keeps bytes apart from what reading them gives', () => {
    const stored = encodeColumns([Uint8Array.of(1, 2, 3)]);
    const [read] = decodeColumns(stored) as Uint8Array[];
    stored.fill(0);
    expect(read).toStrictEqual(Uint8Array.of(1, 2, 3));
  });

  it('reads what lies within other bytes', () => {
    const list = [...uuidOrders(300)];
    const stored = encodeColumns(list);
    const within = Buffer.concat([Buffer.alloc(7), stored, Buffer.alloc(7)]);
    expect(decodeColumns(within.subarray(7, 7 + stored.length))).toEqual(list);
  });

  it('tells values of different kinds in one place apart', () => {
    const list = [null, false, true, 0, '0', [], {}, [0], { a: 0 }, '', 'true', Uint8Array.of(0)];
    expect(roundTrip(list)).toStrictEqual(list);
  });

  it('holds values 40 levels deep', () => {
    let value: Value = 'x';
    for (let level = 0; level < 40; level += 1) value = level % 2 === 0 ? [value] : { value };
    expect(roundTrip([value, value])).toEqual([value, value]);
  });

  it('names a column like an earlier one', () => {
    const alike = uuidOrders(500).map((order) => ({ ...(order as object), id: keyOf(order) }));
    const bytesEach = (encodeColumns(alike).length - encodeColumns(uuidOrders(500)).length) / 500;
    expect(bytesEach).toBeLessThan(0.05);
    expect(roundTrip(alike)).toEqual(alike);
  });

  it('does not take a column for another that differs in the sign of zero', () => {
    expect(roundTrip([{ a: 0, b: -0, c: 0 }])).toStrictEqual([{ a: 0, b: -0, c: 0 }]);
  });

  it('does not read one object for two places, even if it was one', () => {
    const one = [1];
    const [, other] = roundTrip([
      { x: 5, y: 5 },
      { x: one, y: one },
    ]) as { x: unknown; y: unknown }[];
    expect(other).toEqual({ x: [1], y: [1] });
    expect(other?.x).not.toBe(other?.y);
  });

  it('does not make one object of two that are alike', () => {
    const [a, b] = roundTrip([
      { x: [1], y: [1] },
      { x: [1], y: [1] },
    ]) as { x: number[]; y: number[] }[];
    expect(a?.x).not.toBe(a?.y);
    expect(a?.x).not.toBe(b?.x);
  });
});

const keyOf = (order: Value): string => (order as { k: string }).k;

describe('typical lists', () => {
  // Bytes a record, a little above what was measured: more would be a change for the worse.
  it.each([
    [numberedOrders, 50, 10.6],
    [numberedOrders, 1_000, 6.6],
    [numberedOrders, 9_000, 6.3],
    [uuidOrders, 50, 33],
    [uuidOrders, 1_000, 28],
    [uuidOrders, 9_000, 27.3],
    [compositeCounts, 50, 8.3],
    [compositeCounts, 1_000, 4.2],
    [compositeCounts, 9_000, 3.7],
    [logins, 50, 22],
    [logins, 1_000, 15.8],
    [logins, 9_000, 13.9],
  ])('%o of %i take at most %f bytes a record', (typical, length, bytesMax) => {
    const list = typical(length);
    const stored = encodeColumns(list);
    expect(stored.length / length).toBeLessThan(bytesMax);
    expect(stored.length).toBeLessThan(deflateRawSync(JSON.stringify(list)).length * 0.75);
    expect(JSON.stringify(decodeColumns(stored))).toBe(JSON.stringify(list));
  });
});

describe('a list is refused', () => {
  const cyclic: Value[] = [];
  cyclic.push(cyclic);
  const deep = Array.from({ length: 100 }).reduce<Value>((value) => [value], 0);

  it.each([
    ['a number that is none', Number.NaN],
    ['an infinite number', Number.NEGATIVE_INFINITY],
    ['nothing', undefined],
    ['a property that is undefined', { a: undefined }],
    ['a big integer', 1n],
    ['a function', () => 0],
    ['itself', cyclic],
    ['values that are too deep', deep],
  ])('if it holds %s', (_, value) => {
    expect(() => encodeColumns([1, value as Value])).toThrow(InvariantViolation);
  });

  it('if it is too long', () => {
    const list = new Array<Value>(2 ** 21 + 1).fill(null);
    expect(() => encodeColumns(list)).toThrow(InvariantViolation);
  });
});
