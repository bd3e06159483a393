/** How the rows of a tally are stored by column: all sizes of lists and numbers. */
import { describe, expect, it } from 'vitest';
import {
  byText,
  type Cell,
  cells,
  counted,
  read,
  stored,
  visit,
} from '../../support/visitTallies.ts';

describe('a column is read as it was written', () => {
  /** So far apart that listing a few is shorter. */
  const FAR = 1_000_003_000_007;
  /** Seconds for some rows, and numbers of every size that have nothing in common. */
  const timeOf = (n: number): number =>
    n % 4 === 0 ? 1_511_658_000_000 + n * 1_000 : -((n * 14_000_000_001) % 10 ** 15) - (n % 7);
  const text = (n: number): string => `p${String(n).padStart(6, '0')}`;

  it.each<[string, number, (n: number) => Cell]>([
    ['one text', 1_000, () => text(1)],
    ['one number', 1_000, () => 5],
    ['two numbers far apart', 1_000, (n) => (n % 2) * FAR],
    ['255 texts', 5_000, (n) => text(n % 255)],
    ['256 texts', 5_000, (n) => text(n % 256)],
    ['257 texts', 5_000, (n) => text(n % 257)],
    ['256 numbers far apart', 5_000, (n) => (n % 256) * 3_000_000_019],
    ['257 numbers far apart', 5_000, (n) => (n % 257) * 3_000_000_019],
    ['300 numbers far apart', 100_000, (n) => (n % 300) * 3_000_000_019],
    ['as many numbers as rows', 70_000, (n) => n * 14_000_000_001],
    [
      'as many numbers as rows, without a common divisor',
      70_000,
      (n) => n * 14_000_000_001 + (n % 7),
    ],
    ['65,536 texts', 65_540, (n) => text(n % 65_536)],
    ['65,537 texts', 65_540, (n) => text(n % 65_537)],
    ['70,000 texts', 70_000, (n) => text(n)],
    ['texts and one number', 5_000, (n) => (n % 3 === 0 ? text(n) : text(7))],
  ])('of %s in %i events', (_, events, pageOf) => {
    const all = Array.from({ length: events }, (_each, n) =>
      visit(`u${String(n % 251).padStart(3, '0')}`, pageOf(n), timeOf(n)),
    );
    const rows = cells(read([stored(all)]));
    const expected = counted(all, byText);
    expect(rows.length).toBe(expected.length);
    expect(rows.findIndex((row, i) => String(row) !== String(expected[i]))).toBe(-1);
  });

  it('and takes a byte a row for its place among 256 values, two among 257', () => {
    const bytesOf = (pages: number) =>
      stored(
        Array.from({ length: 20_000 }, (_, n) => visit(String(n), (n % pages) * 3_000_000_019)),
      ).length;
    // Ids from 0 to 19,999 take two bytes each, a list of numbers five an entry, and all else is the same in every row.
    expect(bytesOf(256)).toBeLessThan(20_000 * 3 + 256 * 6);
    expect(bytesOf(257)).toBeGreaterThan(20_000 * 4);
    expect(bytesOf(257)).toBeLessThan(20_000 * 4 + 257 * 6);
  });

  it('of the least and the greatest numbers that there may be', () => {
    const most = 10 ** 15;
    const all = [visit('a', 0, -most), visit('a', 0, most), visit('b', most - 1, 7)];
    expect(cells(read([stored(all)]))).toEqual([
      ['a', 0, 2, -most, most],
      ['b', most - 1, 1, 7, 7],
    ]);
  });
});
