import { describe, expect, it } from 'vitest';
import type { Value } from '../../../../shared/ports/table.ts';
import { decodeColumns, encodeColumns } from '../../../../shared/state/columns/columns.ts';

const COUNT = 1_000;

function bytesEach(numberOf: (i: number) => Value): number {
  const list = Array.from({ length: COUNT }, (_, i) => numberOf(i));
  const stored = encodeColumns(list);
  const read = decodeColumns(stored);
  expect(read.every((value, i) => Object.is(value, list[i]))).toBe(true);
  return stored.length / COUNT;
}

/** Below 2^16 and scattered, but the same in every run. */
function scattered(i: number): number {
  const mixed = Math.imul(i ^ (i >>> 3), 0x9e3779b1);
  return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 16;
}

describe('a column of numbers', () => {
  it('keeps every number as it is', () => {
    const numbers = [
      0,
      -0,
      1,
      -1,
      0.1,
      0.1 + 0.2,
      1e21,
      5e-324,
      Number.MAX_VALUE,
      2 ** 51 - 1,
      2 ** 51,
      2 ** 51 + 1,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      2 ** 53,
      2 ** 63,
    ];
    const pairs = numbers.flatMap((a) => numbers.map((b) => [a, b]));
    for (const list of [numbers, ...numbers.map((number) => [number]), ...pairs]) {
      const read = decodeColumns(encodeColumns(list));
      expect(read.every((value, i) => Object.is(value, list[i]))).toBe(true);
    }
  });

  it.each([
    ['nearly nothing for one number', () => 1_511_658_000_000, 0.02],
    ['nearly nothing for equal steps', (i: number) => 1_511_658_000_000 + i * 3_600_000, 0.03],
    ['nearly nothing for what comes round', (i: number) => i % 10, 0.03],
    ['a byte for small steps', (i: number) => i * 200 + (scattered(i) % 100), 1.1],
    ['two bytes for numbers below 2^16', scattered, 2.1],
    ['two bytes for times in whole hours', (i: number) => scattered(i) * 3_600_000, 2.1],
    ['two bytes for prices', (i: number) => scattered(i) / 100, 2.1],
    ['two bytes for prices and whole numbers', (i: number) => (scattered(i) % 1_000) / 4, 2.1],
    ['a byte for one of a few large ones', (i: number) => (scattered(i) % 90) ** 7, 1.7],
    ['eight bytes for any others', (i: number) => Math.sin(i) * 1e9, 8.1],
  ] as [string, (i: number) => number, number][])('takes %s', (_, numberOf, bytesMax) => {
    expect(bytesEach(numberOf)).toBeLessThan(bytesMax);
  });

  it('takes no more for the sign', () => {
    expect(bytesEach((i) => -1 - scattered(i))).toBeLessThan(2.1);
    expect(bytesEach((i) => scattered(i) - 2 ** 51)).toBeLessThan(2.1);
  });

  it('may hold a negative zero between whole numbers', () => {
    expect(bytesEach((i) => (i === 500 ? -0 : i))).toBeLessThan(2);
  });
});
