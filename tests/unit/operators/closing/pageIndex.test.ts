/** Which pages make a window: whatever was sealed, compacted, late, stored apart or expired, each event exactly once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../../shared/errors.ts';
import {
  eventTime,
  hours,
  minutes,
  NO_WATERMARK,
  processingTime,
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
  windowEndingAt,
} from '../../../../shared/model/window.ts';
import { answered } from '../../../../shared/operators/closing/answer.ts';
import { PageIndex } from '../../../../shared/operators/closing/pageIndex.ts';
import { PageLevel, rollUpWidths } from '../../../../shared/operators/closing/pageLevel.ts';
import { IndexModel } from './pageIndexModel.ts';

describe('the widths of roll-ups', () => {
  it.each([
    ['1 h every 5 s', sliding({ size: hours(1), slide: seconds(5) }), [60_000, 300_000]],
    ['1 h every 5 min', sliding({ size: hours(1), slide: minutes(5) }), []],
    ['10 min every 5 s', sliding({ size: minutes(10), slide: seconds(5) }), [60_000]],
    ['1 day', tumbling({ size: hours(24) }), [3_600_000, 18_000_000]],
  ])('of %s leave a window about a dozen entries', (_, assign, widths) => {
    expect(rollUpWidths(assign)).toEqual(widths);
  });
});

const ASSIGNERS = [
  sliding({ size: seconds(60), slide: seconds(1) }),
  sliding({ size: seconds(780), slide: seconds(1), offset: seconds(0) }),
  sliding({ size: seconds(39), slide: seconds(3), offset: seconds(2) }),
  tumbling({ size: hours(2), offset: minutes(7) }),
];

const runs = fc.array(
  fc.record({
    /** Seconds before the clock of the model. */
    events: fc.array(fc.tuple(fc.nat({ max: 120 }), fc.nat({ max: 9 })), { maxLength: 12 }),
    advance: fc.nat({ max: 90 }),
    pages: fc.integer({ min: 1, max: 3 }),
    expire: fc.boolean(),
    /** Whether the next run starts from what is stored, and how much of that stays out of blocks. */
    reopen: fc.option(fc.nat({ max: 20 })),
  }),
  { minLength: 1, maxLength: 14 },
);

/** A second of work on an idle machine; only what hangs is ended. */
const HANGS_AFTER_MS = 120_000;

describe('the entries of a window', () => {
  it.each(ASSIGNERS.map((assign) => [`${assign.size}/${assign.slide}`, assign] as const))(
    'hold each of its events exactly once, after any number of runs (%s)',
    { timeout: HANGS_AFTER_MS },
    (_, assign) => {
      fc.assert(
        fc.property(runs, (steps) => expectExact(assign, steps)),
        { numRuns: 30 },
      );
    },
  );
});

type Runs = typeof runs extends fc.Arbitrary<infer T> ? T : never;

function expectExact(assign: WindowAssigner, steps: Runs): void {
  const model = new IndexModel(assign);
  let now = -200_000;
  let expiredBefore: Watermark = NO_WATERMARK;
  for (const { events, advance, pages, expire, reopen } of steps) {
    now += advance * 1_000;
    const fresh = events
      .map(([ago, step]) => contentAt(assign, now - ago * 1_000, step))
      .filter(({ at }) => lastWindowEnd(sliceOf(eventTime(at), assign), assign) > expiredBefore);
    model.merge(fresh, pages);
    expectEveryWindow(model, expiredBefore, now);
    model.compact(watermarkAt(now));
    expectEveryWindow(model, expiredBefore, now);
    if (expire) expiredBefore = watermarkAt(Math.max(expiredBefore, now - 150_000));
    model.index.expire(expiredBefore);
    if (reopen !== null) model.reopen(reopen);
    expectEveryWindow(model, expiredBefore, now);
  }
}

function contentAt(assign: WindowAssigner, at: number, step: number) {
  const slice = sliceOf(eventTime(at), assign);
  const edition = firstWindowEnd(slice, assign) + (step - 7) * assign.slide;
  const isEdition = step > 7 && edition <= lastWindowEnd(slice, assign);
  return { at, edition: isEdition ? eventTime(edition) : PLAIN_EDITION };
}

function expectEveryWindow(model: IndexModel, expiredBefore: Watermark, now: number): void {
  const { assign } = model;
  const step = assign.slide * Math.max(1, Math.floor(assign.size / assign.slide / 8));
  for (
    let end: number = firstWindowEnd(sliceOf(eventTime(now - 320_000), assign), assign);
    end < now + assign.size + assign.slide;
    end += step
  ) {
    if (end <= expiredBefore) continue;
    const window = windowEndingAt(eventTime(end), assign);
    const expected = model.events
      .filter(
        ({ at, edition }) => at >= window.start && at < end && takesEdition(window.end, edition),
      )
      .map(({ id }) => id);
    expect(model.idsIn(window)).toEqual(expected);
  }
}

const at = (second: number) => ({ at: second * 1_000, edition: PLAIN_EDITION });

/**
 * A run for so many slices of 5 s as the window has hours, so that longer windows take no more runs; with `late`, every
 * third slice brings an event of 40 s before, with `editions` as an edition that only the windows to come take.
 */
function fedFor(
  hoursFed: number,
  size: number,
  order: 'ordered' | 'late' | 'editions' = 'late',
): IndexModel {
  const model = new IndexModel(sliding({ size: hours(size), slide: seconds(5) }));
  const eventsOf = (second: number) => {
    const edition = order === 'editions' ? eventTime((second + 5) * 1_000) : PLAIN_EDITION;
    const late = order === 'ordered' || second % 15 !== 0 ? [] : [{ ...at(second - 40), edition }];
    return [...late, at(second)];
  };
  for (let first = 0; first < hoursFed * 3_600; first += 5 * size) {
    const slices = Array.from({ length: size }, (_, i) => first + 5 * i);
    model.merge(slices.flatMap(eventsOf), 1);
    model.compact(watermarkAt((slices.at(-1) ?? 0) * 1_000));
    model.reopen(96);
  }
  return model;
}

describe.each([
  [720, 1],
  [7_200, 10],
])('a window of %d slices', (_, size) => {
  const windowsOf = ({ assign }: IndexModel) =>
    Array.from({ length: 60 }, (__, i) =>
      windowEndingAt(eventTime(hours(size + 1) - i * 5_000), assign),
    );

  it.each([
    ['ordered', 40],
    ['late', 50],
    ['editions', 60],
  ] as const)('has few entries on average, wherever it begins (%s)', (order, most) => {
    const model = fedFor(size + 1, size, order);
    const windows = windowsOf(model);
    const total = windows.reduce((sum, window) => sum + model.entriesOf(window).length, 0);
    expect(total / windows.length).toBeLessThanOrEqual(most);
  });

  it('is found in few blocks, although nearly all is stored in blocks', () => {
    const model = fedFor(size + 1, size);
    expect(model.index.kept().pages.length).toBeLessThanOrEqual(96);
    for (const window of windowsOf(model)) {
      model.reopen(96);
      model.entriesOf(window);
      expect(model.blocksRead).toBeLessThanOrEqual(2 * model.index.levelCount);
    }
  });
});

it('compacts a slice whose content is scattered over many pages', () => {
  const model = new IndexModel(tumbling({ size: minutes(1) }));
  for (let i = 0; i < 4; i += 1) model.merge([at(i)], 1);
  expect(model.index.crowded(0).map(({ entries }) => entries.length)).toEqual([4]);
  model.compact(NO_WATERMARK);
  expect(model.index.kept().pages.length).toBe(1);
});

it('asks for the blocks that hold something, each once, and for none of the years between them', () => {
  const level = new PageLevel(seconds(5), seconds(0));
  const expiresAt = processingTime(0);
  const runs = [-1_000_000_000, 0, 1_000_000_000];
  level.name(runs.map((run) => level.refOf({ level: 0, run, fence: 1, n: 0, expiresAt })));
  const end = eventTime(Number.MAX_SAFE_INTEGER);
  const answer = answered((unread) => [...level.nodes(NO_WATERMARK, end, unread)]);
  expect(answer).toEqual({ kind: 'unread', refs: level.roots });
  expect(level.roots.length).toBe(3);
});

it('reads no block to seal what holds nothing', () => {
  const model = fedFor(2, 1);
  model.compact(watermarkAt(hours(1_000_000)));
  model.reopen(0);
  model.merge([at(3_000_000)], 1);
  model.compact(watermarkAt(hours(1_000_001)));
  expect(model.blocksRead).toBe(0);
});

it('names the blocks that an answer lacks, and changes nothing that was not read', () => {
  const model = fedFor(0.5, 1);
  model.reopen(0);
  const window = windowEndingAt(eventTime(minutes(20)), model.assign);
  expect(model.index.ofWindow(window)).toMatchObject({ kind: 'unread' });
  const page = { fence: 1, n: 0, parts: 1 };
  const late = { page, slice: eventTime(minutes(10)), edition: PLAIN_EDITION };
  expect(() => model.index.add(late)).toThrow(InvariantViolation);
});

it('stores a block anew before it expires', () => {
  const model = fedFor(0.5, 1);
  model.reopen(0);
  expect(model.index.outdated(() => true)).toMatchObject({ kind: 'unread' });
  expect(model.index.outdated(() => false)).toEqual({ kind: 'known', value: [] });
});

it('forgets slices when their last window has expired, and not before', () => {
  const index = new PageIndex(sliding({ size: minutes(2), slide: minutes(1) }));
  const page = { fence: 1, n: 0, parts: 1 };
  index.add({ page, slice: eventTime(0), edition: PLAIN_EDITION });
  index.add({ page, slice: eventTime(0), edition: eventTime(120_000) });
  index.expire(watermarkAt(119_999));
  expect(index.kept().pages.length).toBe(2);
  index.expire(watermarkAt(120_000));
  expect(index.kept().pages).toEqual([]);
});
