/** Which windows a closing run evaluates, against asking every window. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EventTime,
  eventTime,
  minutes,
  NO_WATERMARK,
  seconds,
  type Watermark,
  watermarkAt,
} from '../../../../shared/model/time.ts';
import {
  firstWindowEnd,
  lastWindowEnd,
  PLAIN_EDITION,
  sliceOf,
  sliding,
  takesEdition,
  tumbling,
  type WindowAssigner,
} from '../../../../shared/model/window.ts';
import { knownValue } from '../../../../shared/operators/closing/answer.ts';
import { PageIndex } from '../../../../shared/operators/closing/pageIndex.ts';
import {
  endRanges,
  endsWithin,
  nextDue,
  type Passage,
  passedTo,
  type SliceEdition,
} from '../../../../shared/operators/closing/windowsDue.ts';

const MINUTE = 60_000;
const plain = (minute: number): SliceEdition => ({
  slice: eventTime(minute * MINUTE),
  edition: PLAIN_EDITION,
});

interface Passing {
  readonly before: Watermark;
  readonly after: Watermark;
}
const none: Passing = { before: NO_WATERMARK, after: NO_WATERMARK };

interface DueQuestion {
  readonly assign: WindowAssigner;
  /** Content that was merged before. */
  readonly merged: readonly SliceEdition[];
  readonly fresh: readonly SliceEdition[];
  readonly watermark: Passing;
  readonly finalUpTo: Passing;
  readonly expiredBefore: Watermark;
}

function passageOf({ assign, fresh, watermark, finalUpTo, expiredBefore }: DueQuestion): Passage {
  return {
    from: { watermark: watermark.before, finalUpTo: finalUpTo.before },
    to: { watermark: watermark.after, finalUpTo: finalUpTo.after },
    corrected: endsWithin(endRanges(fresh, assign), assign, expiredBefore, watermark.before),
    expiredBefore,
  };
}

function indexOf({ assign, merged, fresh, expiredBefore }: DueQuestion): PageIndex {
  const index = new PageIndex(assign);
  const page = { fence: 1, n: 0, parts: 1 };
  for (const content of [...merged, ...fresh]) index.add({ page, ...content });
  index.expire(expiredBefore);
  return index;
}

function listed(passage: Passage, index: PageIndex, assign: WindowAssigner): EventTime[] {
  const ends: EventTime[] = [];
  const next = (after: Watermark) => knownValue(nextDue(passage, index, assign, after));
  let end = next(NO_WATERMARK);
  for (; end !== undefined; end = next(watermarkAt(end))) ends.push(end);
  return ends;
}

function due(question: Partial<DueQuestion>): number[] {
  const asked: DueQuestion = {
    assign: tumbling({ size: minutes(1) }),
    merged: [],
    fresh: [],
    watermark: none,
    finalUpTo: none,
    expiredBefore: NO_WATERMARK,
    ...question,
  };
  const ends = listed(passageOf(asked), indexOf(asked), asked.assign);
  return ends.map((end) => end / MINUTE);
}

const passing = (before: number, after: number) => ({
  before: watermarkAt(before * MINUTE),
  after: watermarkAt(after * MINUTE),
});

describe('a window is due', () => {
  it('when the watermark reaches its end, and not once more', () => {
    const merged = [plain(1)];
    expect(due({ merged, watermark: passing(1, 2 - 1 / MINUTE) })).toEqual([]);
    expect(due({ merged, watermark: passing(1, 2) })).toEqual([2]);
    expect(due({ merged, watermark: passing(2, 3) })).toEqual([]);
  });

  it('when it has closed before and has fresh content', () => {
    expect(due({ fresh: [plain(1)], watermark: passing(7, 7) })).toEqual([2]);
    expect(due({ fresh: [plain(8)], watermark: passing(7, 7) })).toEqual([]);
  });

  it('once when it becomes final, if it has closed', () => {
    const merged = [plain(1), plain(2)];
    const watermark = passing(9, 9);
    expect(due({ merged, watermark, finalUpTo: passing(1, 2) })).toEqual([2]);
    expect(due({ merged, watermark, finalUpTo: passing(2, 2) })).toEqual([]);
    expect(due({ merged, watermark: passing(1, 1), finalUpTo: passing(1, 3) })).toEqual([]);
  });

  it('only if it takes the edition', () => {
    const assign = sliding({ size: minutes(3), slide: minutes(1) });
    const fresh = [{ slice: eventTime(MINUTE), edition: eventTime(3 * MINUTE) }];
    expect(due({ assign, fresh, watermark: passing(9, 9) })).toEqual([3, 4]);
  });

  it('not when some of its slices have expired', () => {
    const assign = sliding({ size: minutes(3), slide: minutes(1) });
    const expiredBefore = watermarkAt(3 * MINUTE);
    expect(due({ assign, fresh: [plain(1)], watermark: passing(9, 9), expiredBefore })).toEqual([
      4,
    ]);
  });

  it('in no time, however wide the gap in the data', () => {
    const fresh = [plain(0), plain(1_000_000_000)];
    expect(due({ fresh, watermark: passing(0, 2_000_000_000) })).toEqual([1, 1_000_000_001]);
  });
});

/** Every window end that touches the contents, asked one by one. */
function dueByAskingAll(question: DueQuestion) {
  const { assign, watermark, finalUpTo, expiredBefore, fresh } = question;
  const all = [...question.merged, ...fresh];
  const takes = (end: number, { slice, edition }: SliceEdition) =>
    end - assign.size <= slice && slice < end && takesEdition(eventTime(end), edition);
  const ends = new Set<number>();
  for (const { slice } of all) {
    const last = lastWindowEnd(slice, assign);
    for (let end: number = firstWindowEnd(slice, assign); end <= last; end += assign.slide) {
      if (end > expiredBefore && all.some((content) => takes(end, content))) ends.add(end);
    }
  }
  const sorted = [...ends].sort((a, b) => a - b);
  const { before, after } = watermark;
  return {
    corrected: sorted.filter((end) => end <= before && fresh.some((each) => takes(end, each))),
    closing: sorted.filter((end) => end > before && end <= after),
    finalized: sorted.filter(
      (end) => end <= before && end > finalUpTo.before && end <= finalUpTo.after,
    ),
  };
}

it('finds the same windows as asking every one, and after a cut those that are left', () => {
  const assigners = fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.nat({ max: 11 }), fc.nat({ max: 11 }))
    .map(([size, less, offset]) => {
      const slide = Math.max(1, size - less);
      return sliding({
        size: seconds(size),
        slide: seconds(slide),
        offset: seconds(offset % slide),
      });
    });
  const moments = fc.oneof(
    { weight: 1, arbitrary: fc.constant(NO_WATERMARK) },
    { weight: 5, arbitrary: fc.integer({ min: -20_000, max: 60_000 }).map(watermarkAt) },
  );
  const passages = fc.tuple(moments, moments).map(([a, b]) => ({
    before: watermarkAt(Math.min(a, b)),
    after: watermarkAt(Math.max(a, b)),
  }));
  const contents = fc.array(
    fc.tuple(fc.integer({ min: -15_000, max: 50_000 }), fc.nat({ max: 12 })),
    {
      maxLength: 8,
    },
  );
  const contentsIn = (assign: WindowAssigner, raw: [number, number][]): SliceEdition[] =>
    raw.map(([at, step]) => {
      const slice = sliceOf(eventTime(at), assign);
      const edition = firstWindowEnd(slice, assign) + step * assign.slide;
      const isEdition = step > 0 && edition <= lastWindowEnd(slice, assign);
      return { slice, edition: isEdition ? eventTime(edition) : PLAIN_EDITION };
    });
  fc.assert(
    fc.property(
      assigners,
      contents,
      contents,
      passages,
      passages,
      moments,
      fc.nat(),
      (assign, merged, fresh, watermark, finalUpTo, expiredBefore, cut) => {
        const question: DueQuestion = {
          assign,
          merged: contentsIn(assign, merged),
          fresh: contentsIn(assign, fresh),
          watermark,
          finalUpTo,
          expiredBefore,
        };
        const { corrected, closing, finalized } = dueByAskingAll(question);
        const all = [...new Set([...corrected, ...finalized, ...closing])].sort((a, b) => a - b);
        const passage = passageOf(question);
        const index = indexOf(question);
        expect(listed(passage, index, assign)).toEqual(all);
        const at = cut % (all.length + 1);
        const done = watermarkAt(all[at - 1] ?? NO_WATERMARK);
        const { pending, ...from } = passedTo(passage, done, assign);
        const rest = { ...passage, from, corrected: pending };
        expect(listed(rest, index, assign)).toEqual(all.slice(at));
      },
    ),
    { numRuns: 500 },
  );
});

describe('ranges of window ends', () => {
  const assign = sliding({ size: minutes(2), slide: minutes(1) });
  const minuteRanges = (at: readonly number[]) =>
    endRanges(at.map(plain), assign).map(({ first, last }) => [first / MINUTE, last / MINUTE]);

  it('are as few as there are gaps', () => {
    expect(minuteRanges([0, 1, 2, 3])).toEqual([[1, 5]]);
    expect(minuteRanges([0, 2])).toEqual([[1, 4]]);
    expect(minuteRanges([3, 0])).toEqual([
      [1, 2],
      [4, 5],
    ]);
  });
});
