/** Which entries are compacted: enough to keep windows cheap to read, and no more than keeps content cheap to write. */
import { describe, expect, it } from 'vitest';
import { eventTime } from '../../../../shared/model/time.ts';
import { PLAIN_EDITION } from '../../../../shared/model/window.ts';
import {
  compactable,
  ENTRIES_MAX,
  SEALED_ENTRIES_MAX,
} from '../../../../shared/operators/closing/compactable.ts';
import type { PageEntry } from '../../../../shared/operators/closing/pageEntry.ts';

const entriesOf = (parts: readonly number[]): PageEntry[] =>
  parts.map((each, n) => ({
    page: { fence: 1, n, parts: each },
    level: 0,
    slice: eventTime(0),
    edition: PLAIN_EDITION,
  }));
const compacted = (parts: readonly number[], allowed: number) =>
  compactable(entriesOf(parts), allowed).map((group) => group.map(({ page }) => page.parts));

describe('entries of a node that goes on changing', () => {
  it.each([
    ['few', [1, 1, 1], []],
    ['one too many', [1, 1, 1, 1], [[1, 1, 1, 1]]],
    ['few of each size', [1, 2, 3, 4, 7, 15], []],
    ['one too many of a size', [4, 1, 4, 1, 4, 4, 1], [[4, 4, 4, 4]]],
    ['one too many, and too large together', [5, 1, 7, 1, 6, 7, 1], []],
    [
      'one too many of either',
      [4, 1, 4, 1, 4, 1, 4, 1],
      [
        [4, 4, 4, 4],
        [1, 1, 1, 1],
      ],
    ],
    ['large', [16, 17, 30, 64, 100], []],
  ])('%s', (_, parts, groups) => {
    expect(compacted(parts, ENTRIES_MAX)).toEqual(groups);
  });
});

describe('entries of a node that is sealed', () => {
  it.each([
    ['one', [1], []],
    ['of all sizes', [1, 4, 2], [[1, 4, 2]]],
    [
      'more than are in memory together',
      [8, 8, 8, 2, 16, 3, 20],
      [
        [8, 8],
        [8, 2, 3],
      ],
    ],
  ])('%s', (_, parts, groups) => {
    expect(compacted(parts, SEALED_ENTRIES_MAX)).toEqual(groups);
  });
});

it('writes content a few times, however many pages come', () => {
  let parts: number[] = [];
  let written = 0;
  const pages = 1_000;
  for (let n = 0; n < pages; n += 1) {
    parts = [...parts, 1];
    for (;;) {
      const [group] = compactable(entriesOf(parts), ENTRIES_MAX);
      if (!group) break;
      const whole = group.reduce((sum, { page }) => sum + page.parts, 0);
      const gone = new Set(group.map(({ page }) => page.n));
      parts = [...parts.filter((_, place) => !gone.has(place)), whole];
      written += whole;
    }
  }
  expect(parts.reduce((sum, each) => sum + each, 0)).toBe(pages);
  expect(written).toBeLessThanOrEqual(2 * pages);
  expect(parts.length).toBeLessThanOrEqual(pages / 16 + 2 * ENTRIES_MAX);
});
