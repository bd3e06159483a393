/** Which windows a time belongs to, and when they are closed, final, or too late for an event. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JobDefinitionError } from '../../../shared/errors.ts';
import {
  type Duration,
  days,
  eventTime,
  hours,
  milliseconds,
  minutes,
  NO_WATERMARK,
  seconds,
  type Watermark,
  watermarkAt,
} from '../../../shared/model/time.ts';
import {
  editionFor,
  endsBack,
  firstWindowEnd,
  hasClosed,
  isFinal,
  lastEndUpTo,
  lastWindowEnd,
  nextWindowEnd,
  PLAIN_EDITION,
  sliceOf,
  sliding,
  takesEdition,
  tumbling,
  type WindowAssigner,
  windowEndingAt,
} from '../../../shared/model/window.ts';
import { visitsJob } from '../../support/jobs.ts';

/** Ends of the windows that hold a time, by the definition alone: every aligned window, asked one by one. */
function windowEndsByDefinition(at: number, { size, slide, offset }: WindowAssigner): number[] {
  const ends: number[] = [];
  const from = Math.floor((at - size - offset) / slide) - 1;
  for (let k = from; k <= Math.ceil((at - offset) / slide) + 1; k += 1) {
    const start = offset + k * slide;
    if (start <= at && at < start + size) ends.push(start + size);
  }
  return ends;
}

const range = (first: number, last: number, step: number): number[] =>
  Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);

const assigners = fc
  .record({ unit: fc.constantFrom(1, 7, 1_000, 60_000), size: fc.integer({ min: 1, max: 60 }) })
  .chain(({ unit, size }) =>
    fc.record({
      size: fc.constant(size * unit),
      slide: fc.integer({ min: 1, max: size }).map((slide) => slide * unit),
      offset: fc.nat({ max: 1_000_000 }),
    }),
  )
  .map(({ size, slide, offset }) =>
    sliding({
      size: milliseconds(size),
      slide: milliseconds(slide),
      offset: milliseconds(offset % slide),
    }),
  );
const times = fc.integer({ min: -10_000_000, max: 2_000_000_000_000 });

describe('the slice and the windows of a time', () => {
  it.each([
    [0, 0, 60_000],
    [59_999, 0, 60_000],
    [60_000, 60_000, 120_000],
    [-1, -60_000, 0],
    [-60_000, -60_000, 0],
    [-60_001, -120_000, -60_000],
  ])('puts %d ms into the one-minute window [%d, %d)', (at, start, end) => {
    const assign = tumbling({ size: minutes(1) });
    const slice = sliceOf(eventTime(at), assign);
    expect(windowEndingAt(firstWindowEnd(slice, assign), assign)).toEqual({ start, end });
    expect(lastWindowEnd(slice, assign)).toBe(end);
  });

  it.each([
    [29_999, -30_000, 30_000],
    [30_000, 30_000, 90_000],
    [89_999, 30_000, 90_000],
  ])('shifts windows by the offset: %d ms is in [%d, %d)', (at, start, end) => {
    const assign = tumbling({ size: minutes(1), offset: seconds(30) });
    const slice = sliceOf(eventTime(at), assign);
    expect(windowEndingAt(firstWindowEnd(slice, assign), assign)).toEqual({ start, end });
  });

  it('cuts a window into the widest slices that divide size and slide, at most five minutes', () => {
    const widths = (size: Duration, slide: Duration) => sliding({ size, slide }).sliceWidth;
    expect(widths(hours(1), minutes(5))).toBe(300_000);
    expect(widths(minutes(10), seconds(5))).toBe(5_000);
    expect(widths(minutes(7), minutes(3))).toBe(60_000);
    expect(widths(hours(1), hours(1))).toBe(300_000);
    expect(widths(minutes(7), minutes(7))).toBe(210_000);
    expect(widths(milliseconds(5), milliseconds(3))).toBe(1);
  });

  it('never puts two times into one slice that belong to different windows', () => {
    fc.assert(
      fc.property(assigners, times, (assign, at) => {
        const slice = sliceOf(eventTime(at), assign);
        expect(slice <= at && at < slice + assign.sliceWidth).toBe(true);
        const ends = windowEndsByDefinition(at, assign);
        expect(windowEndsByDefinition(slice, assign)).toEqual(ends);
        const first = firstWindowEnd(slice, assign);
        const last = lastWindowEnd(slice, assign);
        expect(range(first, last, assign.slide)).toEqual(ends);
      }),
    );
  });
});

describe('windows of whole days in a zone', () => {
  const berlin = tumbling({ size: days(1), zone: 'Europe/Berlin' });
  const at = (time: string) => eventTime(Date.parse(time));

  it('are cut into slices that lie within one of them, also where clocks are set', () => {
    for (let ms: number = at('2026-10-24T12:00Z'); ms < at('2026-10-26T12:00Z'); ms += 60_000) {
      const slice = sliceOf(eventTime(ms), berlin);
      const end = firstWindowEnd(slice, berlin);
      expect(lastWindowEnd(slice, berlin)).toBe(end);
      const window = windowEndingAt(end, berlin);
      expect(window.start <= slice && slice + berlin.sliceWidth <= end).toBe(true);
      expect(window.start <= ms && ms < end).toBe(true);
      expect(nextWindowEnd(eventTime(end - 1), berlin)).toBe(end);
      expect(lastEndUpTo(watermarkAt(end), berlin)).toBe(end);
      expect(lastEndUpTo(watermarkAt(end - 1), berlin)).toBe(window.start);
    }
  });

  it.each([
    [1, ['2026-03-29T22:00', '2026-03-28T23:00', '2026-03-27T23:00']],
    [2, ['2026-03-29T22:00', '2026-03-27T23:00', '2026-03-25T23:00']],
  ])('end %d days apart, the same ones from wherever one goes back', (count, ends) => {
    for (const from of ['2026-03-29T22:00Z', '2026-03-30T05:00Z', '2026-03-30T21:00Z']) {
      const back = endsBack(at(from), days(count), berlin);
      const found = Array.from({ length: 3 }, () => back.next().value as number);
      expect(found.map((ms) => new Date(ms).toISOString().slice(0, 16))).toEqual(ends);
    }
  });

  it('end once where a date is skipped', () => {
    const apia = tumbling({ size: days(1), zone: 'Pacific/Apia' });
    const back = endsBack(at('2011-12-31T12:00Z'), days(1), apia);
    const found = Array.from({ length: 3 }, () => back.next().value as number);
    expect(found.map((ms) => new Date(ms).toISOString().slice(0, 16))).toEqual([
      '2011-12-31T10:00',
      '2011-12-30T10:00',
      '2011-12-29T10:00',
    ]);
  });

  it('of UTC are those that there are without a zone', () => {
    expect(tumbling({ size: days(1), zone: 'UTC' })).toEqual(tumbling({ size: days(1) }));
  });

  it.each([hours(1), hours(36)])('are not of %d ms', (size) => {
    expect(() => tumbling({ size, zone: 'Europe/Berlin' })).toThrow(JobDefinitionError);
  });

  it('make another shape of stored state than those of other zones', () => {
    const shapes = ['Europe/Berlin', 'Europe/Paris', 'UTC'].map(
      (zone) => visitsJob({ assign: tumbling({ size: days(1), zone }) }).shape,
    );
    expect(new Set(shapes).size).toBe(3);
  });
});

describe('closed and final', () => {
  const end = eventTime(1_000);

  it.each([
    [999, false],
    [1_000, true],
    [1_001, true],
  ])('with the watermark at %d, a window ending at 1000 is closed: %s', (watermark, closed) => {
    expect(hasClosed(end, watermarkAt(watermark))).toBe(closed);
  });

  it.each([
    [1_199, false],
    [1_200, true],
    [1_201, true],
  ])('with the watermark at %d and 200 ms of lateness, it is final: %s', (watermark, final) => {
    expect(isFinal(end, watermarkAt(watermark), milliseconds(200))).toBe(final);
  });

  it('is neither before the first event', () => {
    expect(hasClosed(end, NO_WATERMARK)).toBe(false);
    expect(isFinal(end, NO_WATERMARK, milliseconds(0))).toBe(false);
  });
});

describe('editions', () => {
  const assign = sliding({ size: minutes(3), slide: minutes(1) });
  const slice = eventTime(600_000); // its windows end at 660, 720 and 780 s

  it.each([
    [659_999, PLAIN_EDITION],
    [660_000, 720_000],
    [719_999, 720_000],
    [720_000, 780_000],
    [779_999, 780_000],
    [780_000, 'late'],
  ])(
    'at watermark %d ms, the first window that still takes the event: %s',
    (watermark, expected) => {
      expect(editionFor(slice, assign, watermarkAt(watermark), seconds(0))).toBe(expected);
    },
  );

  it('waits for the allowed lateness first', () => {
    const edition = (watermark: number) =>
      editionFor(slice, assign, watermarkAt(watermark), seconds(30));
    expect(edition(689_999)).toBe(PLAIN_EDITION);
    expect(edition(690_000)).toBe(720_000);
    expect(edition(809_999)).toBe(780_000);
    expect(edition(810_000)).toBe('late');
  });

  it('counts an event in exactly the windows that are not too late for it', () => {
    const near = fc.integer({ min: -5_000_000, max: 5_000_000 });
    const lateness = fc.integer({ min: 0, max: 500_000 }).map(milliseconds);
    fc.assert(
      fc.property(assigners, times, near, lateness, (assigned, at, ahead, allowed) => {
        const watermark: Watermark = watermarkAt(at + ahead);
        const start = sliceOf(eventTime(at), assigned);
        const edition = editionFor(start, assigned, watermark, allowed);
        const open = windowEndsByDefinition(at, assigned).filter(
          (windowEnd) => !(windowEnd + allowed <= watermark),
        );
        const taking = windowEndsByDefinition(at, assigned).filter(
          (windowEnd) => edition !== 'late' && takesEdition(eventTime(windowEnd), edition),
        );
        expect(taking).toEqual(open);
      }),
    );
  });
});

describe('windows that make no sense', () => {
  it.each([
    ['a size of 0', { size: 0, slide: 0 }, 'size is 0 ms'],
    ['a negative slide', { size: 10, slide: -1 }, 'slide is -1 ms'],
    ['a fraction', { size: 1.5, slide: 1 }, 'size is 1.5 ms'],
    ['not a number', { size: Number.NaN, slide: 1 }, 'size is NaN ms'],
    ['a slide above the size', { size: 10, slide: 11 }, 'make the slide at most the size'],
    ['a negative offset', { size: 10, slide: 10, offset: -1 }, 'offset is -1 ms'],
    ['an offset of a whole slide', { size: 10, slide: 10, offset: 10 }, '0 to below the slide'],
    ['too many slices', { size: 10_001, slide: 1 }, 'choose a slide with a larger common divisor'],
  ])(
    'refuses %s, and says what to do',
    (_, {
      size,
      slide,
      offset,
    }: {
      size: number;
      slide: number;
      offset?: number;
    }, message) => {
      const build = () =>
        sliding({
          size: milliseconds(size),
          slide: milliseconds(slide),
          ...(offset === undefined ? {} : { offset: milliseconds(offset) }),
        });
      expect(build).toThrow(JobDefinitionError);
      expect(build).toThrow(message);
    },
  );

  it('accepts the most slices that are supported', () => {
    expect(sliding({ size: milliseconds(10_000), slide: milliseconds(1) }).sliceWidth).toBe(1);
  });
});
