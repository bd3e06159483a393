import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delayOf, retryAfterOf } from '../../../web/live/delays.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the time to the next request', () => {
  it('is the usual one, at most a sixth more or less', () => {
    fc.assert(
      fc.property(random, (chance) => {
        const delay = delayOf({ everyMs: 5_000, failures: 0 }, chance);
        expect(delay).toBeGreaterThanOrEqual(4_250);
        expect(delay).toBeLessThanOrEqual(5_750);
      }),
    );
  });

  it('differs from page to page', () => {
    const delays = [0, 0.5, 0.99].map((chance) => delayOf({ everyMs: 5_000, failures: 0 }, chance));
    expect(new Set(delays).size).toBe(3);
  });

  it('doubles with each failure, up to a minute', () => {
    const delays = [0, 1, 2, 3, 4, 9, 2_000].map((failures) =>
      delayOf({ everyMs: 5_000, failures }, 0.5),
    );
    expect(delays).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it('is never shorter for failing: what is asked seldom is asked no more often', () => {
    expect(delayOf({ everyMs: 300_000, failures: 3 }, 0.5)).toBe(300_000);
  });

  it('is at least what the server asks for, within reason', () => {
    expect(delayOf({ everyMs: 5_000, failures: 1, retryAfterMs: 90_000 }, 0)).toBe(90_000);
    expect(delayOf({ everyMs: 5_000, failures: 1, retryAfterMs: 9e9 }, 0)).toBe(300_000);
  });
});

it.each([
  ['30', 30_000],
  ['0', 0],
  [null, undefined],
  ['-1', undefined],
  ['Wed, 21 Oct 2015 07:28:00 GMT', undefined],
])('a wait of %s is %s ms', (header, ms) => {
  expect(retryAfterOf(header)).toBe(ms);
});
