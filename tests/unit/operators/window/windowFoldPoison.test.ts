/** The pure fold of ingest: events on which the job's own code throws, and events that were put back. */
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
  source,
  tumbling,
} from '../../../../shared/index.ts';
import type { WindowJob } from '../../../../shared/job/windowJob.ts';
import { watermarkAt } from '../../../../shared/model/time.ts';
import type { Admission } from '../../../../shared/operators/intake/intake.ts';
import { type LaneProgress, NO_PROGRESS } from '../../../../shared/operators/intake/progress.ts';
import type { Entry } from '../../../../shared/records/entry.ts';
import { entriesOf } from '../../../support/entries.ts';
import { T0, untyped, type Visit, visit, visitSource, visitsJob } from '../../../support/jobs.ts';
import { threw } from '../../../support/threw.ts';
import { contentsOf, expectSameWhenCut, foldAll, JOB, reasonOf } from './folding.ts';

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
    expect(fold.side.map(reasonOf)).toEqual([threw('no page poison-1'), threw('no page poison-2')]);
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
    const of = { ...halfAdding, sources: [throwing] } as unknown as WindowJob;
    const fold = foldAll(entriesOf([visit('poison', 0), visit('unreadable', 1), visit('a', 2)]), {
      of,
    });
    expect(fold.counts).toEqual({ accepted: 1, filtered: 0, late: 0, dead: 2 });
    expect(fold.side.map(reasonOf)[1]).toEqual(threw('cannot be read'));
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

describe('what does not enter as an event of the stream', () => {
  /** Entries with how they come in. */
  const foldAdmitted = (
    admitted: readonly (readonly [value: unknown, admission: Admission])[],
    start: LaneProgress = NO_PROGRESS,
  ) => {
    const entries = entriesOf(admitted.map(([value]) => value));
    const admissions = new Map(entries.map((entry, i) => [entry, admitted[i]?.[1] as Admission]));
    return foldAll(entries, { start, admissionOf: (entry) => admissions.get(entry) as Admission });
  };
  const redriven = (watermark: number): Admission => ({
    kind: 'redriven',
    watermark: watermarkAt(watermark),
  });
  const start: LaneProgress = {
    ...NO_PROGRESS,
    greatest: undefined,
    watermark: watermarkAt(T0 + 600_000),
  };

  it('is judged by the watermark that it met first, where it is redriven', () => {
    const fold = foldAdmitted(
      [
        [visit('a', 5), redriven(T0 + 59_999)],
        [visit('b', 5), redriven(T0 + 60_000)],
      ],
      start,
    );
    expect(fold.counts).toEqual({ accepted: 1, filtered: 0, late: 1, dead: 0 });
    expect(contentsOf(fold)).toEqual([[0, 0, { a: 1 }]]);
    expect(fold.side[0]?.watermark).toBe(T0 + 60_000);
  });

  it.each<[string, Admission, object]>([
    ['redriven', redriven(T0), { accepted: 1 }],
    ['skipped', { kind: 'skipped' }, { accepted: 0, filtered: 1 }],
    ['misplaced', { kind: 'misplaced' }, { accepted: 0, filtered: 1, misplaced: 1 }],
    ['refused', { kind: 'refused', reason: 'forged' }, { accepted: 0, dead: 1 }],
  ])('never moves the clock: %s', (_, admission, counts) => {
    const fold = foldAdmitted([[visit('a', 3_000), admission]], start);
    const { watermark } = start;
    expect(fold).toMatchObject({ counts, watermark, greatest: undefined, hasValid: false });
  });

  it.each([{ kind: 'skipped' }, { kind: 'misplaced' }] as const)(
    'is not even looked at where it is $kind',
    (admission) => {
      const fold = foldAdmitted([
        ['is not JSON', admission],
        [{ page: '' }, admission],
      ]);
      expect(fold.counts).toMatchObject({ filtered: 2, dead: 0 });
      expect(fold.side).toEqual([]);
    },
  );

  it('is a dead letter as it came, by the present watermark, where it is refused', () => {
    const [entry] = entriesOf([visit('a', 5)]) as [Entry];
    const origin = { job: JOB.id, lane: 'page-views/a', position: '17/0', slot: 3 };
    const copy = { origin, first: 0, payload: Buffer.of(), envelope: 'as it came' };
    const reason = 'forged';
    const fold = foldAll([{ ...entry, redriven: copy }], {
      start,
      admissionOf: () => ({ kind: 'refused', reason }),
    });
    expect(fold.side).toMatchObject([
      { kind: 'dead', reason, entry: { raw: 'as it came' }, watermark: start.watermark },
    ]);
  });

  it('is dead again while its cause stands', () => {
    const fold = foldAdmitted([[{ page: '' }, redriven(T0)]]);
    expect(fold.counts).toEqual({ accepted: 0, filtered: 0, late: 0, dead: 1 });
    expect(fold.side[0]?.watermark).toBe(T0);
  });
});
