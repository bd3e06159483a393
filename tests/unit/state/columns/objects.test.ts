import { describe, expect, it } from 'vitest';
import type { Value } from '../../../../shared/ports/table.ts';
import { decodeColumns, encodeColumns } from '../../../../shared/state/columns/columns.ts';

function bytesOf(list: readonly Value[]): number {
  const stored = encodeColumns(list);
  const read = decodeColumns(stored);
  expect(read).toStrictEqual(list);
  expect(JSON.stringify(read)).toBe(JSON.stringify(list));
  return stored.length;
}

const times = <T>(count: number, valueAt: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => valueAt(i));

describe('objects', () => {
  it('keep the order of their names', () => {
    bytesOf([
      { a: 1, b: 2 },
      { b: 1, a: 2 },
      { c: 0, a: 1 },
      { b: 3, c: 4, a: 5 },
    ]);
  });

  it.each([1, 2, 100])('have a property called __proto__ if they had, among %i', (count) => {
    const list = times(count, (i) => JSON.parse(`{"a":${i},"__proto__":{"b":${i}}}`) as Value);
    const odd = JSON.parse('{"__proto__":null,"constructor":1}') as Value;
    for (const each of [list, [...list, odd]]) {
      bytesOf(each);
      for (const object of decodeColumns(encodeColumns(each)) as object[]) {
        expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
        expect(Object.hasOwn(object, '__proto__')).toBe(true);
      }
    }
  });

  it('used as maps keep such a property, too', () => {
    const list = times(100, (i) => JSON.parse(`{"__proto__":${i},"k${i}":1}`) as Value);
    bytesOf(list);
  });

  it('that lack names take little more', () => {
    const list = times(1_000, (i) =>
      i % 3 === 0 ? { k: i, a: i * 2 } : i % 3 === 1 ? { k: i, a: i * 2, b: i * 3 } : { a: i * 2 },
    );
    expect(bytesOf(list)).toBeLessThan(400);
  });

  it('used as maps take names and values as columns', () => {
    const list = times(1_000, (i) => ({ [`channel${i % 300}`]: i % 7, [`user${i}`]: i }));
    expect(bytesOf(list)).toBeLessThan(3_500);
  });

  it('of many names take little, whichever they are', () => {
    const wide = Object.fromEntries(times(5_000, (i) => [`name${i}`, i * 3]));
    expect(bytesOf([wide])).toBeLessThan(400);
    expect(bytesOf([wide, wide, Object.fromEntries([['x', Uint8Array.of(1)]])])).toBeLessThan(600);
  });

  it('of 100 names are records', () => {
    const list = times(50, (i) => Object.fromEntries(times(100, (n) => [`name${n}`, i + n])));
    expect(bytesOf(list)).toBeLessThan(1_000);
  });

  it.each([127, 128, 129])('of %i names are read as they were', (count) => {
    bytesOf(times(40, (i) => Object.fromEntries(times(count, (n) => [`n${n}`, i * n]))));
  });

  it.each([63, 64, 65])('of %i shapes are read as they were', (count) => {
    bytesOf(times(500, (i) => ({ k: i, [`n${i % count}`]: 1 })));
  });

  it('may be empty', () => {
    expect(bytesOf(times(9_000, () => ({})))).toBeLessThan(40);
    bytesOf([{}, { a: {} }, {}]);
  });
});

describe('arrays', () => {
  it('of one length are tuples, with a column for each place', () => {
    const list = times(1_000, (i) => [`tx${i * 3}`, 1_511_658_000_000 + i * 1_000, null, [i]]);
    expect(bytesOf(list)).toBeLessThan(120);
  });

  it('of different things in one order are tuples, whatever their length is', () => {
    const list = times(1_000, (i) => [i, `n${i}`, i % 2 === 0, [i]].slice(0, 2 + (i % 3)));
    expect(bytesOf(list)).toBeLessThan(400);
  });

  it('of different lengths are lists', () => {
    const list = times(1_000, (i) => times(i % 20, (n) => n * 5));
    expect(bytesOf(list)).toBeLessThan(1_500);
  });

  it.each([15, 16, 17, 40])('of %i values are read as they were', (length) => {
    bytesOf(times(20, (i) => times(length, (n) => i * n)));
    bytesOf(times(20, (i) => times(length - (i % 2), (n) => (n === 0 ? 'x' : i * n))));
  });

  it('of one long list take what it takes', () => {
    expect(bytesOf([times(10_000, (i) => i)])).toBeLessThan(40);
  });
});

it('yes, no and nothing take about a bit', () => {
  const list = times(1_000, (i) => [true, false, null][((i * i * 7) % 11) % 3] as Value);
  expect(bytesOf(list)).toBeLessThan(250);
});
