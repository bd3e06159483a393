import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOf, playFrom, timeAt, timelineOf } from '../../../web/state/timeline.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const HOUR = 3_600_000;
const FROM = Date.parse('2017-11-26T04:05:00.000Z');

const spanOf = (length: number) => ({ from: iso(FROM), to: iso(FROM + length) });

describe('the slider', () => {
  it.each([
    ['ten minutes', HOUR / 6, 5_000],
    ['an hour', HOUR, 300_000],
    ['a day', 24 * HOUR, 300_000],
    ['two days', 48 * HOUR, 900_000],
    ['ninety days', 90 * 24 * HOUR, 24 * HOUR],
  ])('over %s has places at windows, and not more than a finger can hit', (_, length, step) => {
    const timeline = timelineOf(spanOf(length));
    expect(timeline.step).toBe(step);
    expect(timeline.last).toBeLessThanOrEqual(300);
  });

  it('ends live, and just before it at the last time that is over', () => {
    const timeline = timelineOf(spanOf(HOUR));
    expect(timeAt(timeline, timeline.last)).toBeUndefined();
    expect(timeAt(timeline, timeline.last - 1)).toBe(iso(FROM + HOUR - 300_000));
    expect(timeAt(timeline, 0)).toBe(iso(FROM));
  });

  it('of a single window has no place but live', () => {
    expect(timelineOf(spanOf(0)).last).toBe(0);
  });

  it('has for every time the place that shows what was known then', () => {
    fc.assert(
      fc.property(fc.nat(40 * HOUR), fc.nat(40 * HOUR), (length, after) => {
        const timeline = timelineOf(spanOf(length));
        const at = timeAt(timeline, placeOf(timeline, iso(FROM + after)));
        if (at === undefined) return;
        const isFirst = Date.parse(at) === timeline.first;
        expect(isFirst || Date.parse(at) <= FROM + after).toBe(true);
        expect(placeOf(timeline, at)).toBe(placeOf(timeline, iso(FROM + after)));
      }),
    );
  });

  it('plays from the start where one is live, and from where one is', () => {
    const timeline = timelineOf(spanOf(HOUR));
    expect(playFrom(timeline, undefined)).toBe(iso(FROM));
    expect(playFrom(timeline, iso(FROM + 600_000))).toBe(iso(FROM + 600_000));
  });
});
