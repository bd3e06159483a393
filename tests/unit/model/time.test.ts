/** Durations, watermarks, and how times read. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  days,
  eventTime,
  hasPassed,
  hours,
  isoTime,
  latest,
  milliseconds,
  minutes,
  NO_WATERMARK,
  seconds,
  watermarkAfter,
  watermarkAt,
} from '../../../shared/model/time.ts';

it('measures every duration in milliseconds', () => {
  expect([milliseconds(1), seconds(1), minutes(1), hours(1), days(1)]).toEqual([
    1, 1_000, 60_000, 3_600_000, 86_400_000,
  ]);
});

it('lets the watermark trail the greatest event time', () => {
  expect(watermarkAfter(eventTime(10_000), seconds(3))).toBe(7_000);
  expect(watermarkAfter(eventTime(-1), seconds(0))).toBe(-1);
});

it('takes the later of two watermarks, and any over none', () => {
  expect(latest(watermarkAt(-5), NO_WATERMARK)).toBe(-5);
  expect(latest(watermarkAt(3), watermarkAt(4))).toBe(4);
});

it.each([
  [1_099, false],
  [1_100, true],
  [1_101, true],
])('has passed 1000 with 100 ms of slack at %d: %s', (watermark, passed) => {
  expect(hasPassed(watermarkAt(watermark), eventTime(1_000), milliseconds(100))).toBe(passed);
});

it('writes times as ISO 8601 in UTC with milliseconds', () => {
  expect(isoTime(eventTime(1_511_661_600_000))).toBe('2017-11-26T02:00:00.000Z');
  expect(isoTime(eventTime(-1))).toBe('1969-12-31T23:59:59.999Z');
});

it('shows any time as a Date does, whatever was shown before', () => {
  const near = fc.integer({ min: -200_000, max: 200_000 });
  const times = fc.array(fc.oneof(near, fc.double({ noNaN: false }), fc.integer()), {
    minLength: 1,
  });
  fc.assert(
    fc.property(times, (some) => {
      for (const at of [...some, 8.64e15, 8.64e15 + 1, -8.64e15, -8.64e15 - 1]) {
        const asDate = attempt(() => new Date(at).toISOString());
        expect(attempt(() => isoTime(eventTime(at)))).toBe(asDate);
      }
    }),
  );
});

function attempt(show: () => string): string {
  try {
    return show();
  } catch (error) {
    return (error as Error).name;
  }
}
