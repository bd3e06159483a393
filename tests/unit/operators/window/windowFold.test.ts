/** The pure fold of ingest: outcomes, the clock, lateness, poison. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutes, seconds, sliding } from '../../../../shared/index.ts';
import { NO_WATERMARK } from '../../../../shared/model/time.ts';
import { NO_PROGRESS } from '../../../../shared/operators/intake/progress.ts';
import { foldWindow } from '../../../../shared/operators/window/windowFold.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { entriesOf } from '../../../support/entries.ts';
import { T0, untyped, type Visit, visit, visitSource, visitsJob } from '../../../support/jobs.ts';
import { contentsOf, everything, expectSameWhenCut, foldAll, JOB, reasonOf } from './folding.ts';

describe('outcomes', () => {
  it('counts every entry in exactly one of accepted, filtered, late and dead', () => {
    const fold = foldAll(
      entriesOf([
        visit('a', 0),
        visit('robots.txt', 1),
        'is not JSON',
        { page: 'a' },
        visit('b', 61),
        visit('late', 59),
        visit('a', 62),
      ]),
    );
    expect(fold.counts).toEqual({ accepted: 3, filtered: 1, late: 1, dead: 2 });
    expect(contentsOf(fold)).toEqual([
      [0, 0, { a: 1 }],
      [60, 0, { a: 1, b: 1 }],
    ]);
    expect(fold.deltas.map(({ events }) => events)).toEqual([1, 2]);
  });

  it('keeps late and dead ones in order, with reason, time, and the watermark they met', () => {
    const fold = foldAll(
      entriesOf(['is not JSON', visit('b', 61), visit('late', 59), { page: 1 }]),
    );
    expect(fold.side.map(({ entry: _entry, ...rest }) => rest)).toEqual([
      { kind: 'dead', reason: 'is not JSON', watermark: NO_WATERMARK },
      { kind: 'late', eventTime: T0 + 59_000, watermark: T0 + 61_000 },
      {
        kind: 'dead',
        reason: expect.stringMatching(/^page: .* \(found 1\)$/),
        watermark: T0 + 61_000,
      },
    ]);
  });

  it('takes only the entries of its range', () => {
    const entries = entriesOf([visit('a', 0), visit('b', 1), visit('c', 2)]);
    const range = { stream: visitSource.stream, from: 1, to: 2, admissionOf: everything };
    const fold = foldWindow(JOB, NO_PROGRESS, { ...range, entries });
    expect(contentsOf(fold)).toEqual([[0, 0, { b: 1 }]]);
  });
});

describe('the clock', () => {
  it('is moved by accepted, filtered and late events alike, and never back', () => {
    const watermarks = [visit('a', 5), visit('robots.txt', 90), visit('late', 10), visit('b', 80)]
      .map((_, i, all) => foldAll(entriesOf(all.slice(0, i + 1))))
      .map(({ watermark }) => (watermark - T0) / 1_000);
    expect(watermarks).toEqual([5, 90, 90, 90]);
  });

  it('trails by the allowed disorder', () => {
    const of = untyped(visitsJob({ maxOutOfOrderness: seconds(10) }));
    expect(foldAll(entriesOf([visit('a', 65)]), { of }).watermark).toBe(T0 + 55_000);
  });

  it('is judged just before the event, not after it', () => {
    const fold = foldAll(entriesOf([visit('a', 59), visit('b', 3_600), visit('c', 59)]));
    expect(fold.counts).toMatchObject({ accepted: 2, late: 1 });
  });

  it.each([
    ['undecodable bytes', ['is not UTF-8']],
    ['an event of another shape', [{ page: '', time: T0 + 1_000 }]],
    ['a time of 0', [{ page: 'a', time: 0 }]],
    ['a negative time', [{ page: 'a', time: -1 }]],
    ['a time in seconds', [{ page: 'a', time: T0 / 1_000 }]],
    ['the last moment of 1979', [{ page: 'a', time: 315_532_799_999 }]],
    ['a time past the allowed skew', [{ page: 'a', time: CLOCK_START + 600_001 }]],
    ['the greatest number', [{ page: 'a', time: Number.MAX_SAFE_INTEGER }]],
  ])('is not moved by %s', (_, values) => {
    const fold = foldAll(entriesOf(values));
    expect(fold).toMatchObject({
      greatest: undefined,
      watermark: NO_WATERMARK,
      hasValid: false,
      counts: { accepted: 0, filtered: 0, late: 0, dead: 1 },
    });
  });

  it.each([
    ['the first moment of 1980', 315_532_800_000],
    ['exactly the allowed skew ahead', CLOCK_START + 600_000],
  ])('is moved by %s', (_, time) => {
    expect(foldAll(entriesOf([{ page: 'a', time }]))).toMatchObject({
      watermark: time,
      counts: { accepted: 1, dead: 0 },
    });
  });

  it('says of a time in seconds what is most likely wrong', () => {
    const [side] = foldAll(entriesOf([{ page: 'a', time: T0 / 1_000 }])).side;
    expect(side && reasonOf(side)).toContain(
      'it may be in seconds: event times are epoch milliseconds',
    );
  });
});

describe('lateness', () => {
  const of = untyped(
    visitsJob({
      assign: sliding({ size: minutes(3), slide: minutes(1) }),
      allowedLateness: seconds(30),
    }),
  );

  it('puts an event that only later windows take into the edition of the first that does', () => {
    const fold = foldAll(
      entriesOf([visit('now', 89), visit('a', 5), visit('now', 90), visit('b', 5)]),
      { of },
    );
    expect(contentsOf(fold)).toEqual([
      [0, 0, { a: 1 }],
      [0, 120, { b: 1 }],
      [60, 0, { now: 2 }],
    ]);
  });

  it('goes by the lane, so entries fold alike wherever a batch ends', () => {
    const events = fc.array(
      fc.oneof(
        {
          weight: 8,
          arbitrary: fc.integer({ min: 0, max: 600 }).map((s) => visit('abc'[s % 3] as string, s)),
        },
        fc.constantFrom<unknown>('is not JSON', { page: 'a', time: 7 }, visit('robots.txt', 300)),
      ),
      { minLength: 1, maxLength: 30 },
    );
    const filtering = { ...of, filter: (event: unknown) => (event as Visit).page !== 'robots.txt' };
    fc.assert(
      fc.property(events, fc.nat(), (values, at) => {
        expectSameWhenCut(filtering, values, at);
      }),
      { numRuns: 200 },
    );
  });
});
