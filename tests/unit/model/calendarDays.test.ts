/** Days of a zone's calendar: when they begin, whatever its clocks do. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarDays } from '../../../shared/model/calendarDays.ts';
import { dayIn } from '../../../shared/model/day.ts';
import { eventTime, NO_WATERMARK, TIME_MAX, watermarkAt } from '../../../shared/model/time.ts';

const HOUR_MS = 3_600_000;
const at = (time: string) => eventTime(Date.parse(time));
const text = (ms: number) => new Date(ms).toISOString().slice(0, 16);

describe('a day', () => {
  it.each([
    ['Asia/Shanghai', '2026-03-02T12:00Z', '2026-03-01T16:00', 24],
    ['Asia/Kathmandu', '2026-03-02T12:00Z', '2026-03-01T18:15', 24],
    ['Pacific/Kiritimati', '2026-03-02T12:00Z', '2026-03-02T10:00', 24],
    ['Europe/Berlin', '2026-03-29T12:00Z', '2026-03-28T23:00', 23],
    ['Europe/Berlin', '2026-10-25T12:00Z', '2026-10-24T22:00', 25],
    ['America/New_York', '2026-03-08T12:00Z', '2026-03-08T05:00', 23],
    ['Australia/Lord_Howe', '2026-04-05T00:00Z', '2026-04-04T13:00', 24.5],
    // At midnight the clock went to one.
    ['America/Sao_Paulo', '2018-11-04T12:00Z', '2018-11-04T03:00', 23],
    // A minute after midnight the clock went back to 23:01: what has the date before once more belongs to the day that has begun.
    ['America/St_Johns', '2010-11-07T03:00Z', '2010-11-07T02:30', 25],
    // The day that was skipped has no moment.
    ['Pacific/Apia', '2011-12-30T09:00Z', '2011-12-29T10:00', 24],
    ['Pacific/Apia', '2011-12-30T10:00Z', '2011-12-30T10:00', 24],
  ])('in %s at %s has begun at %s and has %d hours', (zone, time, start, hours) => {
    const days = calendarDays(zone, 1);
    const begun = days.startUpTo(at(time));
    const next = days.startAfter(at(time));
    expect([text(begun), (next - begun) / HOUR_MS]).toEqual([start, hours]);
    expect(days.startUpTo(begun)).toBe(begun);
    expect(days.startAfter(begun)).toBe(next);
    expect(days.startUpTo(eventTime(next - 1))).toBe(begun);
    expect(days.numberAt(next)).toBeGreaterThan(days.numberAt(begun));
  });

  it('begins where the date changes, at a multiple of five minutes, whichever zone and time', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const times = fc.integer({ min: Date.UTC(1980, 0, 3), max: Date.UTC(2040, 0, 1) });
    fc.assert(
      fc.property(fc.constantFrom(...zones), times, (zone, ms) => {
        const days = calendarDays(zone, 1);
        const dateOf = dayIn(zone);
        const [start, next] = [days.startUpTo(eventTime(ms)), days.startAfter(eventTime(ms))];
        expect(start <= ms && ms < next).toBe(true);
        expect([start % 300_000, next % 300_000]).toEqual([0, 0]);
        expect(dateOf(eventTime(start - 1)) < dateOf(start)).toBe(true);
        expect(dateOf(eventTime(ms)) <= dateOf(start)).toBe(true);
        expect(dateOf(next) > dateOf(start)).toBe(true);
      }),
    );
  });
});

it('weeks and other stretches begin so many days apart, whatever was asked before', () => {
  const days = calendarDays('Europe/Berlin', 7);
  const starts: string[] = [];
  for (let start = days.startUpTo(at('2026-03-20T00:00Z')); starts.length < 4; ) {
    starts.push(text(start));
    start = days.startAfter(start);
  }
  // Counted from a Thursday, as all weeks are here.
  expect(starts).toEqual([
    '2026-03-18T23:00',
    '2026-03-25T23:00',
    '2026-04-01T22:00',
    '2026-04-08T22:00',
  ]);
});

it('marks before any time and behind all times are no days of a zone', () => {
  const days = calendarDays('Asia/Shanghai', 1);
  expect(days.startUpTo(NO_WATERMARK)).toBe(NO_WATERMARK);
  expect(days.startAfter(NO_WATERMARK)).toBe(NO_WATERMARK);
  expect(days.startUpTo(watermarkAt(TIME_MAX))).toBe(TIME_MAX);
  expect(days.startAfter(watermarkAt(TIME_MAX))).toBeGreaterThan(TIME_MAX);
});
