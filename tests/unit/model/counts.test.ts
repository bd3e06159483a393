import { expect, it } from 'vitest';
import { addCounts, NO_COUNTS, totalOf } from '../../../shared/model/counts.ts';

it('adds counts one by one and in total', () => {
  const a = { accepted: 1, filtered: 20, late: 300, dead: 4_000 };
  expect(addCounts(a, NO_COUNTS)).toEqual(a);
  expect(addCounts(a, a)).toEqual({ accepted: 2, filtered: 40, late: 600, dead: 8_000 });
  expect(totalOf(a)).toBe(4_321);
  // Its producer puts it again, and there it counts.
  expect(totalOf({ ...a, misplaced: 5, repeated: 60 })).toBe(4_316);
});
