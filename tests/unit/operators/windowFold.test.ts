/** The pure fold of ingest: outcomes, the clock, lateness, poison. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  combine,
  count,
  countBy,
  job,
  minutes,
  seconds,
  sliding,
  source,
  tumbling,
} from '../../../shared/index.ts';
import type { WindowJob } from '../../../shared/job/job.ts';
import { addCounts, totalOf } from '../../../shared/model/counts.ts';
import { NO_WATERMARK, watermarkAt } from '../../../shared/model/time.ts';
import {
  type Fold,
  foldWindow,
  type LaneProgress,
  NO_PROGRESS,
} from '../../../shared/operators/windowFold.ts';
import type { Entry } from '../../../shared/records/entry.ts';
import { CLOCK_START } from '../../support/clock.ts';
import { entriesOf } from '../../support/entries.ts';
import { T0, untyped, type Visit, visit, visitSource, visitsJob } from '../../support/jobs.ts';

const JOB = untyped(visitsJob({ filter: ({ page }) => page !== 'robots.txt' }));

const everything = () => true;

function foldAll(
  entries: readonly Entry[],
  {
    of = JOB,
    start = NO_PROGRESS,
    isAdmitted = everything,
  }: {
    of?: WindowJob;
    start?: LaneProgress;
    isAdmitted?: (entry: Entry) => boolean;
  } = {},
): Fold {
  return foldWindow(of, start, { entries, from: 0, to: entries.length, isAdmitted });
}

/** `[slice in seconds after T0, edition in seconds after T0 or 0, { id: count }]` */
const contentsOf = ({ deltas }: Fold) =>
  deltas
    .map(({ slice, edition, accumulator }) => [
      (slice - T0) / 1_000,
      edition === 0 ? 0 : (edition - T0) / 1_000,
      Object.fromEntries(accumulator as Map<string, number>),
    ])
    .sort((a, b) => Number(a[0]) - Number(b[0]) || Number(a[1]) - Number(b[1]));

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
    const fold = foldWindow(JOB, NO_PROGRESS, { entries, from: 1, to: 2, isAdmitted: everything });
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
    expect(side?.reason).toContain('it may be in seconds: event times are epoch milliseconds');
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

/** One fold of everything, and two folds of its parts, must come to the same. */
function expectSameWhenCut(of: WindowJob, values: readonly unknown[], at: number): void {
  const entries = entriesOf(values);
  const cut = at % entries.length;
  const whole = foldAll(entries, { of });
  const first = foldAll(entries.slice(0, cut), { of });
  const start = { ...first, totals: first.counts };
  const second = foldAll(entries.slice(cut), { of, start });
  expect(second.watermark).toBe(whole.watermark);
  expect(second.greatest).toBe(whole.greatest);
  expect(addCounts(first.counts, second.counts)).toEqual(whole.counts);
  expect(totalOf(whole.counts)).toBe(entries.length);
  expect([...first.side, ...second.side]).toEqual(whole.side);
  expect(sumOf([first, second])).toEqual(sumOf([whole]));
}

function sumOf(folds: readonly Fold[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [slice, edition, counts] of folds.flatMap(contentsOf)) {
    for (const [id, n] of Object.entries(counts as Record<string, number>)) {
      const name = `${slice}/${edition}/${id}`;
      sums[name] = (sums[name] ?? 0) + n;
    }
  }
  return sums;
}

describe("events on which the job's own code throws", () => {
  const refuse = (page: string) => {
    if (page.startsWith('poison')) throw new Error(`no page ${page}`);
    return page;
  };
  const tail = {
    assign: tumbling({ size: minutes(1) }),
    allowedLateness: seconds(0),
    late: 'sideOutput',
    table: { name: 'visits', partitionKey: 'site' },
    result: () => [],
  } as const;
  const head = {
    name: 'visits',
    version: 1,
    source: visitSource,
    maxOutOfOrderness: seconds(0),
    maxFutureSkew: minutes(10),
  };
  /** The first part has counted the event before the second one throws. */
  const halfAdding = job(head).window({
    ...tail,
    aggregate: combine({ all: count<Visit>(), pages: countBy(({ page }: Visit) => refuse(page)) }),
  }) as unknown as WindowJob;

  it('are dead letters with the message, and leave nothing half added', () => {
    const fold = foldAll(
      entriesOf([visit('a', 0), visit('poison-1', 1), visit('a', 2), visit('poison-2', 3)]),
      { of: halfAdding },
    );
    expect(fold.counts).toEqual({ accepted: 2, filtered: 0, late: 0, dead: 2 });
    expect(fold.deltas).toEqual([
      {
        slice: T0,
        edition: 0,
        events: 2,
        accumulator: { all: { value: 2 }, pages: new Map([['a', 2]]) },
      },
    ]);
    expect(fold.side.map(({ reason }) => reason)).toEqual([
      "the job's own code threw: no page poison-1",
      "the job's own code threw: no page poison-2",
    ]);
  });

  it('do not move the clock', () => {
    const fold = foldAll(entriesOf([visit('a', 0), visit('poison', 3_000), visit('b', 1)]), {
      of: halfAdding,
    });
    expect(fold.watermark).toBe(T0 + 1_000);
    expect(fold.counts).toEqual({ accepted: 2, filtered: 0, late: 0, dead: 1 });
  });

  it('are found too when they throw only in company', () => {
    const once = new Set<string>();
    const picky = untyped({
      ...visitsJob(),
      aggregate: {
        ...visitsJob().aggregate,
        add(into: Map<string | number, number>, { page }: Visit) {
          if (into.size > 0 && page === 'second') throw new Error('not after another');
          into.set(page, 1);
          once.add(page);
        },
      },
    });
    const fold = foldAll(entriesOf([visit('first', 0), visit('second', 1), visit('third', 2)]), {
      of: picky,
    });
    expect(fold.counts).toMatchObject({ accepted: 2, dead: 1 });
  });

  it('may throw in the filter', () => {
    const of = untyped(visitsJob({ filter: ({ page }) => refuse(page) !== '' }));
    expect(foldAll(entriesOf([visit('poison', 0), visit('a', 1)]), { of }).counts).toEqual({
      accepted: 1,
      filtered: 0,
      late: 0,
      dead: 1,
    });
  });

  it('may throw in the schema, beside others that throw in the aggregate', () => {
    const throwing = source({
      stream: 'page-views',
      schema: z.object({
        page: z.string().transform((page) => {
          if (page === 'unreadable') throw new Error('cannot be read');
          return page;
        }),
        time: z.int(),
      }),
      eventTime: (event) => event.time,
      partitionKey: (event) => event.page,
    });
    const of = { ...halfAdding, source: throwing } as unknown as WindowJob;
    const fold = foldAll(entriesOf([visit('poison', 0), visit('unreadable', 1), visit('a', 2)]), {
      of,
    });
    expect(fold.counts).toEqual({ accepted: 1, filtered: 0, late: 0, dead: 2 });
    expect(fold.side[1]?.reason).toBe("the job's own code threw: cannot be read");
  });
});

describe('poison among late events', () => {
  const of = untyped(
    visitsJob({
      pageOf: ({ page }) => {
        if (page === 'poison') throw new Error('no such page');
        return page;
      },
    }),
  );

  it('changes nothing for them: a late event that would be poison is late, in any batch', () => {
    const entries = entriesOf([visit('now', 90), visit('poison', 5), visit('poison', 95)]);
    const [now, late, poison] = entries as [Entry, Entry, Entry];
    expect(foldAll([now, late], { of }).counts).toMatchObject({ late: 1, dead: 0 });
    expect(foldAll([now, late, poison], { of }).counts).toMatchObject({ late: 1, dead: 1 });
  });

  it('folds alike wherever a batch ends', () => {
    const page = fc.constantFrom('a', 'b', 'poison');
    const events = fc.array(
      fc.tuple(page, fc.nat({ max: 200 })).map(([name, second]) => visit(name, second)),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(fc.property(events, fc.nat(), (values, at) => expectSameWhenCut(of, values, at)));
  });
});

describe('redriven events', () => {
  const redriven = (value: unknown, watermark: number, of = JOB.id) =>
    entriesOf([value], {
      redriven: {
        job: of,
        lane: 'page-views/shardId-000000000000',
        position: '17/0',
        watermark: watermarkAt(watermark),
      },
    })[0] as Entry;
  const start: LaneProgress = {
    ...NO_PROGRESS,
    greatest: undefined,
    watermark: watermarkAt(T0 + 600_000),
  };

  it('are judged by the watermark they met first', () => {
    const entries = [redriven(visit('a', 5), T0 + 59_999), redriven(visit('b', 5), T0 + 60_000)];
    const fold = foldAll(entries, { start });
    expect(fold.counts).toEqual({ accepted: 1, filtered: 0, late: 1, dead: 0 });
    expect(contentsOf(fold)).toEqual([[0, 0, { a: 1 }]]);
    expect(fold.side[0]?.watermark).toBe(T0 + 60_000);
  });

  it('never move the clock', () => {
    const fold = foldAll([redriven(visit('a', 3_000), T0)], { start });
    expect(fold).toMatchObject({
      counts: { accepted: 1 },
      watermark: start.watermark,
      greatest: undefined,
      hasValid: false,
    });
  });

  it('of other jobs, and further copies, count as filtered', () => {
    const other = redriven(visit('a', 5), T0, 'another@1');
    const otherVersion = redriven(visit('a', 5), T0, 'visits@2');
    const copy = redriven(visit('a', 5), T0);
    const fold = foldAll([other, otherVersion, copy], { isAdmitted: (entry) => entry !== copy });
    expect(fold.counts).toEqual({ accepted: 0, filtered: 3, late: 0, dead: 0 });
    expect(fold.side).toEqual([]);
  });

  it('are dead again while their cause stands', () => {
    const fold = foldAll([redriven({ page: '' }, T0)]);
    expect(fold.counts).toEqual({ accepted: 0, filtered: 0, late: 0, dead: 1 });
    expect(fold.side[0]?.watermark).toBe(T0);
  });
});
