import { describe, expect, it } from 'vitest';
import { eventTime, processingTime } from '../../../../shared/model/time.ts';
import { PLAIN_EDITION } from '../../../../shared/model/window.ts';
import type { PageEntry } from '../../../../shared/operators/closing/pageEntry.ts';
import {
  blockColumnsOf,
  blocksOf,
  columnsOf,
  entriesOf,
} from '../../../../shared/state/closing/pageColumns.ts';

const entry = (
  fence: number,
  slice: number,
  more: Partial<PageEntry['page'] & Pick<PageEntry, 'level' | 'edition'>> = {},
): PageEntry => {
  const { n = 0, parts = 1, level = 0, edition = PLAIN_EDITION } = more;
  return { page: { fence, n, parts }, level, slice: eventTime(slice), edition };
};

describe('the columns of page entries', () => {
  it('give back what was stored, in its order', () => {
    const entries = [
      entry(7, 300_000),
      entry(9, 600_000, { n: 2, parts: 3 }),
      entry(8, 600_000, { edition: eventTime(1_200_000) }),
      entry(3, -300_000, { level: 2 }),
    ];
    expect(entriesOf(columnsOf(entries))).toEqual(entries);
  });

  it('are empty for no entries', () => {
    expect(entriesOf(columnsOf([]))).toEqual([]);
  });

  it('repeat one step where pages and slices follow one another regularly', () => {
    const regular = Array.from({ length: 5 }, (_, i) => entry(10 + i, 900_000 + i * 300_000));
    const { fence, slice } = columnsOf(regular);
    expect(fence).toEqual([10, 1, 1, 1, 1]);
    expect(slice).toEqual([900_000, 300_000, 300_000, 300_000, 300_000]);
  });
});

const spanning = (first: number, last: number) => ({
  depth: first < 0 ? 1 : 0,
  first: eventTime(first),
  last: eventTime(last),
});

describe('the columns of blocks', () => {
  it('give back what was stored, expiries rounded down to the hour', () => {
    const expiresAt = processingTime(500 * 3_600_000);
    const blocks = [
      { level: 0, ...spanning(-9, 3), fence: 7, n: 2, expiresAt },
      { level: 2, ...spanning(12, 12), fence: 5, n: 0, expiresAt: processingTime(3_600_000) },
      { level: 1, ...spanning(0, 10_000), fence: 9, n: 1, expiresAt },
    ];
    const later = blocks.map((ref) => ({ ...ref, expiresAt: processingTime(ref.expiresAt + 1) }));
    expect(blocksOf(blockColumnsOf(later))).toEqual(blocks);
    expect(blocksOf(blockColumnsOf([]))).toEqual([]);
  });
});
