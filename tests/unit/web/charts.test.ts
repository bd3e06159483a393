import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeOf, marksOf, rowBefore } from '../../../web/charts/marks.ts';
import { movesOf, rankedCounts } from '../../../web/charts/ranking.ts';
import { countTicks, linear, thinned } from '../../../web/charts/scale.ts';
import { gapsOf, pointsOf, stretchesOf } from '../../../web/charts/series.ts';

const HOUR = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();

const row = (hour: number, value: number, { final = true, revision = 0 } = {}) => ({
  ...{ windowStart: iso((hour - 1) * HOUR), windowEnd: iso(hour * HOUR) },
  ...{ value, final, revision },
});

describe('a ranking moves', () => {
  const ranking = (...ids: string[]) => ids.map((id, i) => ({ rank: i + 1, id, count: 9 - i }));

  it('up, down, and in from below', () => {
    const moved = movesOf(ranking('c', 'a', 'new'), ranking('a', 'b', 'c'));
    expect(moved.map(({ move }) => move)).toEqual([
      { kind: 'up', places: 2 },
      { kind: 'down', places: 1 },
      { kind: 'new' },
    ]);
  });

  it('nowhere where it is as it was', () => {
    const [first] = movesOf(ranking('a'), ranking('a'));
    expect(first?.move).toEqual({ kind: 'same' });
  });

  it('from nowhere where there is none before: then nothing is new', () => {
    expect(movesOf(ranking('a', 'b'), undefined).map(({ move }) => move.kind)).toEqual([
      'first',
      'first',
    ]);
    expect(movesOf(ranking('a'), []).map(({ move }) => move.kind)).toEqual(['new']);
  });

  it('in places that add up: who goes up passes somebody', () => {
    const ids = fc.uniqueArray(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        ids,
        fc.array(fc.double({ noNaN: true }), { minLength: 8, maxLength: 8 }),
        (all, keys) => {
          const shuffled = [...all].sort(
            (a, b) => (keys[all.indexOf(a)] ?? 0) - (keys[all.indexOf(b)] ?? 0),
          );
          const sum = movesOf(ranking(...shuffled), ranking(...all)).reduce((total, { move }) => {
            if (move.kind === 'up') return total + move.places;
            return move.kind === 'down' ? total - move.places : total;
          }, 0);
          expect(sum).toBe(0);
        },
      ),
    );
  });

  it('with ties in the order of names, so that nothing moves by itself', () => {
    const ids = rankedCounts({ b: 3, a: 3, c: 5 }).map(({ id }) => id);
    expect(ids).toEqual(['c', 'a', 'b']);
  });
});

describe('a window', () => {
  it('is provisional while it takes events, and corrected once its content has changed', () => {
    expect(marksOf({ final: false, revision: 0 })).toEqual({ isProvisional: true, corrections: 0 });
    expect(marksOf({ final: true, revision: 2 })).toEqual({ isProvisional: false, corrections: 2 });
  });

  it('has one before it only where that follows: across a gap nothing is compared', () => {
    expect(rowBefore([row(3, 5), row(2, 4)])?.value).toBe(4);
    expect(rowBefore([row(3, 5), row(1, 4)])).toBeUndefined();
    expect(rowBefore([row(3, 5)])).toBeUndefined();
    expect(rowBefore([])).toBeUndefined();
  });

  it('has no change against nothing or zero', () => {
    expect(changeOf(110, 100)).toBeCloseTo(0.1);
    expect(changeOf(5, 0)).toBeUndefined();
    expect(changeOf(5, undefined)).toBeUndefined();
  });
});

describe('a line', () => {
  const stretchesOfRows = (rows: readonly ReturnType<typeof row>[]) =>
    stretchesOf(pointsOf(rows, ({ value }) => value)).map(({ points, isProvisional }) => ({
      values: points.map(({ value }) => value),
      isProvisional,
    }));

  it('breaks where a window is missing, which is not zero', () => {
    expect(stretchesOfRows([row(5, 50), row(4, 40), row(2, 20), row(1, 10)])).toEqual([
      { values: [10, 20], isProvisional: false },
      { values: [40, 50], isProvisional: false },
    ]);
  });

  it('breaks where a window has a row that does not name it', () => {
    const rows = [row(3, 30), row(2, 20), row(1, 10)];
    const points = pointsOf(rows, ({ value }) => (value === 20 ? undefined : value));
    expect(stretchesOf(points).map((each) => each.points.length)).toEqual([1, 1]);
  });

  it('is another one from where it is provisional, and meets what is final', () => {
    const rows = [row(3, 30, { final: false }), row(2, 20), row(1, 10)];
    expect(stretchesOfRows(rows)).toEqual([
      { values: [10, 20], isProvisional: false },
      { values: [20, 30], isProvisional: true },
    ]);
  });

  it('of one window is a point, and of none is nothing', () => {
    expect(stretchesOfRows([row(1, 10)])).toEqual([{ values: [10], isProvisional: false }]);
    expect(stretchesOfRows([])).toEqual([]);
  });

  it('knows its gaps', () => {
    expect(gapsOf([{ t: 1 }, { t: 2 }, { t: 5 }])).toEqual([{ from: 2, to: 5 }]);
    expect(gapsOf([{ t: 1 }])).toEqual([]);
  });
});

describe('an axis', () => {
  it('begins at zero and ends at a round figure at or above what it shows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (max) => {
        const ticks = countTicks(max);
        expect(ticks[0]).toBe(0);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(max);
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(ticks.every(Number.isInteger)).toBe(true);
        expect(new Set(ticks).size).toBe(ticks.length);
      }),
    );
  });

  it.each([
    [11_938, [0, 5_000, 10_000, 15_000]],
    [3, [0, 1, 2, 3]],
    [0, [0, 1]],
  ])('up to %d has %j', (max, ticks) => {
    expect(countTicks(max)).toEqual(ticks);
  });

  it('puts values in proportion, and what has no length in its middle', () => {
    expect(linear({ from: 0, to: 10 }, 100, 0)(2.5)).toBe(75);
    expect(linear({ from: 7, to: 7 }, 0, 100)(7)).toBe(50);
  });

  it('always names its newest window', () => {
    expect(thinned([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([1, 4, 7]);
    expect(thinned([1, 2], 0)).toEqual([2]);
    expect(thinned([], 3)).toEqual([]);
  });
});
