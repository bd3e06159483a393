/** Which pages make a window: whatever was rolled up, gathered, late or expired, each event exactly once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eventTime,
  hours,
  minutes,
  NO_WATERMARK,
  seconds,
  type Watermark,
  watermarkAt,
} from '../../../shared/model/time.ts';
import {
  type Edition,
  firstWindowEnd,
  lastWindowEnd,
  PLAIN_EDITION,
  sliceOf,
  sliding,
  takesEdition,
  tumbling,
  type WindowAssigner,
  windowEndingAt,
} from '../../../shared/model/window.ts';
import { type PageEntry, PageIndex, rollUpWidths } from '../../../shared/operators/pageIndex.ts';

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

interface Stored {
  readonly at: number;
  readonly edition: Edition;
  readonly id: number;
}

/** Closing runs, as far as the index is concerned, over events that carry numbers instead of content. */
class Model {
  readonly assign: WindowAssigner;
  readonly index: PageIndex;
  readonly events: Stored[] = [];
  readonly #content = new Map<string, number[]>();
  #fence = 0;
  #n = 0;

  constructor(assign: WindowAssigner) {
    this.assign = assign;
    this.index = new PageIndex(assign, []);
  }

  /** One run: its fresh events per slice and edition, several slices a page. */
  merge(fresh: readonly { at: number; edition: Edition }[], pages: number): void {
    this.#fence += 1;
    this.#n = 0;
    const perPage = new Map<string, { entry: PageEntry; ids: number[] }>();
    for (const [i, { at, edition }] of fresh.entries()) {
      const slice = sliceOf(eventTime(at), this.assign);
      const id = this.events.length;
      this.events.push({ at, edition, id });
      const name = `${slice}/${edition}`;
      const page = { fence: this.#fence, n: i % pages, parts: 1 };
      const group = perPage.get(name) ?? { entry: { page, level: 0, slice, edition }, ids: [] };
      perPage.set(name, group);
      group.ids.push(id);
    }
    this.#n = pages;
    for (const { entry, ids } of perPage.values()) {
      this.index.add(entry);
      this.#content.set(placeOf(entry), ids);
    }
  }

  rollUp(watermark: Watermark, expiredBefore: Watermark): void {
    this.index.expire(expiredBefore);
    for (const { slice, parts } of [...this.index.scattered()]) {
      const entry = this.#write(0, slice, parts);
      this.index.replacePlain(slice, entry);
    }
    for (const { level, start, parts } of this.index.dueRollUps(watermark, expiredBefore)) {
      this.index.add(this.#write(level, start, parts));
    }
  }

  idsOf(entries: Iterable<PageEntry>): number[] {
    return [...entries].flatMap((entry) => this.#content.get(placeOf(entry)) ?? []).sort(ascending);
  }

  #write(level: number, slice: PageEntry['slice'], parts: readonly PageEntry[]): PageEntry {
    const page = { fence: this.#fence, n: this.#n++, parts: 1 };
    const entry = { page, level, slice, edition: PLAIN_EDITION };
    this.#content.set(placeOf(entry), this.idsOf(parts));
    return entry;
  }
}

const ascending = (a: number, b: number) => a - b;
const placeOf = ({ page, level, slice, edition }: PageEntry) =>
  `${page.fence}#${page.n} ${level} ${slice} ${edition}`;

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
    reload: fc.boolean(),
  }),
  { minLength: 1, maxLength: 14 },
);

describe('the entries of a window', () => {
  it.each(ASSIGNERS.map((assign) => [`${assign.size}/${assign.slide}`, assign] as const))(
    'hold each of its events exactly once, after any number of runs (%s)',
    (_, assign) => {
      fc.assert(
        fc.property(runs, (steps) => expectExact(assign, steps)),
        { numRuns: 60 },
      );
    },
  );
});

type Runs = typeof runs extends fc.Arbitrary<infer T> ? T : never;

function expectExact(assign: WindowAssigner, steps: Runs): void {
  const model = new Model(assign);
  let now = -200_000;
  let expiredBefore: Watermark = NO_WATERMARK;
  for (const { events, advance, pages, expire } of steps) {
    now += advance * 1_000;
    const fresh = events
      .map(([ago, step]) => contentAt(assign, now - ago * 1_000, step))
      .filter(({ at }) => lastWindowEnd(sliceOf(eventTime(at), assign), assign) > expiredBefore);
    model.merge(fresh, pages);
    expectEveryWindow(model, expiredBefore, now);
    if (expire) expiredBefore = watermarkAt(Math.max(expiredBefore, now - 150_000));
    model.rollUp(watermarkAt(now), expiredBefore);
    expectEveryWindow(model, expiredBefore, now);
  }
}

function contentAt(assign: WindowAssigner, at: number, step: number) {
  const slice = sliceOf(eventTime(at), assign);
  const edition = firstWindowEnd(slice, assign) + (step - 7) * assign.slide;
  const isEdition = step > 7 && edition <= lastWindowEnd(slice, assign);
  return { at, edition: isEdition ? edition : PLAIN_EDITION };
}

function expectEveryWindow(model: Model, expiredBefore: Watermark, now: number): void {
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
    expect(model.idsOf(model.index.ofWindow(window))).toEqual(expected);
  }
}

it('never reads many entries for a window whose slices were rolled up', () => {
  const model = new Model(sliding({ size: hours(1), slide: seconds(5) }));
  for (let minute = 0; minute < 180; minute += 1) {
    const at = (second: number) => ({
      at: minute * 60_000 + second * 1_000,
      edition: PLAIN_EDITION,
    });
    model.merge([0, 10, 20, 30, 40, 50, 55].map(at), 1);
    model.rollUp(watermarkAt(minute * 60_000), NO_WATERMARK);
  }
  const window = windowEndingAt(eventTime(170 * 60_000 + 5_000), model.assign);
  expect(model.index.ofWindow(window).length).toBeLessThanOrEqual(40);
});

it('gathers a slice whose content is scattered over many pages', () => {
  const model = new Model(tumbling({ size: minutes(1) }));
  for (let i = 0; i < 4; i += 1) model.merge([{ at: i, edition: PLAIN_EDITION }], 1);
  expect([...model.index.scattered()].map(({ parts }) => parts.length)).toEqual([4]);
  model.rollUp(NO_WATERMARK, NO_WATERMARK);
  expect([...model.index.contents()].length).toBe(1);
});

it('forgets slices when their last window has expired, and not before', () => {
  const model = new Model(sliding({ size: minutes(2), slide: minutes(1) }));
  model.merge(
    [
      { at: 0, edition: PLAIN_EDITION },
      { at: 1, edition: 120_000 },
    ],
    1,
  );
  model.index.expire(watermarkAt(119_999));
  expect([...model.index.entries()].length).toBe(2);
  model.index.expire(watermarkAt(120_000));
  expect([...model.index.entries()]).toEqual([]);
});
