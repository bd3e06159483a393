/** Calendar days and hours of the clock in a time zone. */
import { describe, expect, it } from 'vitest';
import { dayIn, hourIn } from '../../../shared/model/day.ts';
import { eventTime } from '../../../shared/model/time.ts';

const dayOf = (zone: string, time: string): string => dayIn(zone)(eventTime(Date.parse(time)));

describe('the day changes at midnight of the zone', () => {
  it.each([
    ['UTC', '2017-11-26T00:00:00Z', '2017-11-25', '2017-11-26'],
    ['UTC, leap day', '2016-02-29T00:00:00Z', '2016-02-28', '2016-02-29'],
    ['UTC, after the leap day', '2016-03-01T00:00:00Z', '2016-02-29', '2016-03-01'],
    ['UTC, new year', '2020-01-01T00:00:00Z', '2019-12-31', '2020-01-01'],
    ['Asia/Shanghai', '2017-11-25T16:00:00Z', '2017-11-25', '2017-11-26'],
    ['Asia/Kolkata', '2017-11-25T18:30:00Z', '2017-11-25', '2017-11-26'],
    ['Asia/Kathmandu', '2017-11-25T18:15:00Z', '2017-11-25', '2017-11-26'],
    ['America/New_York', '2017-11-26T05:00:00Z', '2017-11-25', '2017-11-26'],
    ['Pacific/Kiritimati', '2017-11-25T10:00:00Z', '2017-11-25', '2017-11-26'],
  ])('%s at %s', (name, midnight, before, after) => {
    const zone = name.split(',')[0] ?? '';
    const at = Date.parse(midnight);
    const day = dayIn(zone);
    expect([at - 1, at, at + 1].map((ms) => day(eventTime(ms)))).toEqual([before, after, after]);
  });
});

describe('where clocks are set forward or back', () => {
  it.each([
    ['a day of 23 hours', 'Europe/Berlin', '2024-03-30T23:00:00Z', '2024-03-31T22:00:00Z'],
    ['a day of 25 hours', 'Europe/Berlin', '2024-10-26T22:00:00Z', '2024-10-27T23:00:00Z'],
    ['a day of 23 hours', 'America/New_York', '2024-03-10T05:00:00Z', '2024-03-11T04:00:00Z'],
    // At midnight the clock went to one: the day began at 01:00 local time.
    ['a day without midnight', 'America/Sao_Paulo', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z'],
  ])('%s in %s begins and ends with the local date', (_, zone, begin, end) => {
    const local = dayOf(zone, begin);
    const [from, to] = [Date.parse(begin), Date.parse(end)];
    const day = dayIn(zone);
    expect(day(eventTime(from - 1))).not.toBe(local);
    expect(day(eventTime(to - 1))).toBe(local);
    expect(day(eventTime(to))).not.toBe(local);
    for (let at = from; at < to; at += 30 * 60_000) expect(day(eventTime(at))).toBe(local);
  });

  it('an island that crosses the date line has no day of a date', () => {
    expect(dayOf('Pacific/Apia', '2011-12-30T09:59:59.999Z')).toBe('2011-12-29');
    expect(dayOf('Pacific/Apia', '2011-12-30T10:00:00Z')).toBe('2011-12-31');
  });
});

it('is written with four, two and two digits, in the Gregorian calendar, wherever it is', () => {
  for (const zone of ['Asia/Bangkok', 'Asia/Tehran', 'Asia/Riyadh', 'Asia/Tokyo']) {
    expect(dayOf(zone, '2017-02-03T12:00:00Z')).toBe('2017-02-03');
  }
});

it('is the same for a time whatever was asked before, also where clocks are set at a minute past midnight', () => {
  // St. John's went back from 00:01 to 23:01 of the day before.
  const zone = 'America/St_Johns';
  const midnight = Date.parse('2010-11-07T02:30:00Z');
  const times = Array.from({ length: 180 }, (_, n) => eventTime(midnight + (n - 60) * 30_000));
  const day = dayIn(zone);
  const warm = [...times, ...times.toReversed()].map((at) => day(at));
  expect(warm).toEqual([...times, ...times.toReversed()].map((at) => dayIn(zone)(at)));
  expect(new Set(warm)).toEqual(new Set(['2010-11-06', '2010-11-07']));
});

it('no zone is off UTC by parts of a minute since 1980, by which a minute is known by its first moment: in seven years', () => {
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const at = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    for (const year of [1980, 1987, 1996, 2005, 2011, 2016, 2024]) {
      const offset = at.format(Date.UTC(year, 5, 1)).split('GMT')[1] ?? '';
      expect(offset).toMatch(/^([+-]\d\d:\d\d)?$/);
    }
  }
});

describe('the hour that clocks show', () => {
  it.each([
    ['UTC', '2017-11-26T00:00:00Z', 23, 0],
    ['UTC', '2017-11-26T13:00:00Z', 12, 13],
    ['Asia/Shanghai', '2017-11-25T16:00:00Z', 23, 0],
    ['Asia/Shanghai', '2017-11-26T01:00:00Z', 8, 9],
    ['Asia/Kolkata', '2017-11-26T00:30:00Z', 5, 6],
    ['Asia/Kathmandu', '2017-11-26T00:15:00Z', 5, 6],
    ['America/New_York', '2017-11-26T17:00:00Z', 11, 12],
    ['America/Sao_Paulo', '2018-11-04T03:00:00Z', 23, 1],
    ['Europe/Berlin', '2024-03-31T01:00:00Z', 1, 3],
    ['Europe/Berlin', '2024-10-27T01:00:00Z', 2, 2],
    ['Europe/Berlin', '2024-10-27T02:00:00Z', 2, 3],
    // Half an hour is set forward and back there.
    ['Australia/Lord_Howe', '2024-10-05T15:30:00Z', 1, 2],
    ['Australia/Lord_Howe', '2024-04-06T15:00:00Z', 1, 1],
    ['Australia/Lord_Howe', '2024-04-06T15:30:00Z', 1, 2],
  ])('in %s changes at %s from %i to %i', (zone, change, before, after) => {
    const at = Date.parse(change);
    const hour = hourIn(zone);
    expect([at - 1, at, at + 1].map((ms) => hour(eventTime(ms)))).toEqual([before, after, after]);
  });

  it.each([
    ['Europe/Berlin', '2024-03-30T23:00:00Z', { 1: 1, 2: 0, 3: 1 }, 23],
    ['Europe/Berlin', '2024-10-26T22:00:00Z', { 1: 1, 2: 2, 3: 1 }, 25],
    ['America/New_York', '2024-03-10T05:00:00Z', { 1: 1, 2: 0, 3: 1 }, 23],
    ['America/New_York', '2024-11-03T04:00:00Z', { 0: 1, 1: 2, 2: 1 }, 25],
    ['America/Sao_Paulo', '2018-11-04T03:00:00Z', { 0: 0, 1: 1, 23: 1 }, 23],
    ['Asia/Shanghai', '2024-03-30T16:00:00Z', { 1: 1, 2: 1, 3: 1 }, 24],
  ])('in %s on the day from %s on is there as often as %j', (zone, begin, often, hours) => {
    const hour = hourIn(zone);
    const shown = Array.from({ length: hours }, (_, n) =>
      hour(eventTime(Date.parse(begin) + n * 3_600_000)),
    );
    for (const [which, times] of Object.entries(often)) {
      expect(shown.filter((each) => each === Number(which))).toHaveLength(times);
    }
    expect([shown.at(0), shown.at(-1)]).toEqual([zone === 'America/Sao_Paulo' ? 1 : 0, 23]);
  });

  it('is one from 0 to 23 in every zone, also at midnight, and before 1980', () => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      const hour = hourIn(zone);
      const of = (from: string) =>
        Array.from({ length: 24 }, (_, n) => hour(eventTime(Date.parse(from) + n * 3_600_000)));
      const all = Array.from({ length: 24 }, (_, n) => n);
      expect(of('2024-01-16T00:00:00Z').toSorted((a, b) => a - b)).toEqual(all);
      expect(of('1975-01-16T00:00:00Z').toSorted((a, b) => a - b)).toEqual(all);
    }
  });

  it('is the same for a time whatever was asked before', () => {
    const begin = Date.parse('2024-10-26T23:00:00Z');
    const times = Array.from({ length: 2_000 }, (_, n) => eventTime(begin + n * 7_919));
    const hour = hourIn('Europe/Berlin');
    const warm = [...times, ...times.toReversed()].map((at) => hour(at));
    expect(warm).toEqual(
      [...times, ...times.toReversed()].map((at) =>
        Number(
          new Date(at + (at < Date.parse('2024-10-27T01:00:00Z') ? 2 : 1) * 3_600_000)
            .toISOString()
            .slice(11, 13),
        ),
      ),
    );
  });
});
