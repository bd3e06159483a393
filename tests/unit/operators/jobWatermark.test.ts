/** How far a job has come over all its lanes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  minutes,
  NO_WATERMARK,
  processingTime,
  seconds,
  type Watermark,
  watermarkAt,
} from '../../../shared/model/time.ts';
import {
  type ClosingLaneView,
  closedToEvents,
  correctableFrom,
  jobWatermark,
} from '../../../shared/operators/jobWatermark.ts';

const NOW = processingTime(1_000_000_000);
const SILENCE = { idleAfter: seconds(60), flushAfter: minutes(5) };

/** A lane at a watermark, whose last valid event was committed so many seconds ago. */
const lane = (
  watermark: number,
  secondsAgo: number,
  rest: Partial<ClosingLaneView> = {},
): ClosingLaneView => ({
  watermark: watermarkAt(watermark),
  lastValidAt: processingTime(NOW - secondsAgo * 1_000),
  hasUnread: false,
  isParent: false,
  ...rest,
});
const noEvents: ClosingLaneView = {
  watermark: NO_WATERMARK,
  lastValidAt: undefined,
  hasUnread: false,
  isParent: false,
};
const watermark = (lanes: ClosingLaneView[], before: Watermark = NO_WATERMARK) =>
  jobWatermark(before, lanes, NOW, SILENCE);

describe('the job watermark', () => {
  it('is the least of the active lanes', () => {
    expect(watermark([lane(300, 0), lane(100, 0), lane(200, 0)])).toBe(100);
  });

  it.each([
    [59, 100],
    [60, 100],
    [61, 300],
  ])('counts a lane that was silent for %d s: %d', (secondsAgo, expected) => {
    expect(watermark([lane(300, 0), lane(100, secondsAgo)])).toBe(expected);
  });

  it('is held by a silent lane that has entries nobody has read', () => {
    expect(watermark([lane(300, 0), lane(100, 500, { hasUnread: true })])).toBe(100);
  });

  it('is the greatest when all lanes are idle, so that what is there closes', () => {
    expect(watermark([lane(300, 100), lane(100, 100)])).toBe(300);
  });

  it.each([
    [300, 300],
    [301, NOW - 300_000],
  ])('follows the clock when all lanes were silent for %d s', (secondsAgo, expected) => {
    expect(watermark([lane(300, secondsAgo), lane(100, 1_000)])).toBe(expected);
  });

  it('never follows the clock where flushing is switched off', () => {
    const silence = { ...SILENCE, flushAfter: 'never' as const };
    expect(jobWatermark(NO_WATERMARK, [lane(300, 10_000)], NOW, silence)).toBe(300);
  });

  it('is not taken ahead by a flush while one lane has unread entries', () => {
    expect(watermark([lane(300, 1_000), lane(100, 1_000, { hasUnread: true })])).toBe(100);
  });

  it('is not held by a lane that never had a valid event', () => {
    expect(watermark([noEvents, lane(100, 0)])).toBe(100);
    expect(watermark([noEvents])).toBe(NO_WATERMARK);
    expect(watermark([])).toBe(NO_WATERMARK);
  });

  it('is held by a lane of which nothing is read yet', () => {
    expect(watermark([{ ...noEvents, hasUnread: true }, lane(100, 0)])).toBe(NO_WATERMARK);
    expect(watermark([{ ...noEvents, hasUnread: true }, lane(100, 0)], watermarkAt(50))).toBe(50);
  });

  it('never goes back', () => {
    const lanes = fc.array(
      fc.record({
        watermark: fc.oneof(fc.constant(NO_WATERMARK), fc.nat().map(watermarkAt)),
        lastValidAt: fc.oneof(
          fc.constant(undefined),
          fc.nat({ max: NOW }).map((ago) => processingTime(NOW - ago)),
        ),
        hasUnread: fc.boolean(),
        isParent: fc.boolean(),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(lanes, fc.nat(), (some, before) => {
        expect(watermark(some, watermarkAt(before))).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});

describe('how far windows are final', () => {
  const final = (lanes: ClosingLaneView[], lateness = seconds(0)) =>
    closedToEvents(lanes, NOW, SILENCE.idleAfter, lateness);

  it('goes by the least watermark of all open lanes, idle ones included, less the lateness', () => {
    expect(final([lane(300_000, 0), lane(100_000, 10_000)], seconds(30))).toBe(70_000);
  });

  it('waits for a lane without valid events, whose first may have any time', () => {
    expect(final([noEvents, lane(100, 0)])).toBe(NO_WATERMARK);
  });

  it('forgets the lane of a closed shard once it is silent', () => {
    expect(final([lane(300, 0), lane(100, 60, { isParent: true })])).toBe(100);
    expect(final([lane(300, 0), lane(100, 61, { isParent: true })])).toBe(300);
    expect(final([lane(300, 0), lane(100, 61, { isParent: true, hasUnread: true })])).toBe(100);
  });

  it('knows nothing without lanes', () => {
    expect(final([])).toBe(NO_WATERMARK);
  });
});

describe('how far corrections are taken', () => {
  const correctable = (lanes: ClosingLaneView[]) =>
    correctableFrom(lanes, NOW, seconds(100), seconds(0));

  it('trails what is final by the retention', () => {
    expect(correctable([lane(300_000, 0), lane(200_000, 99)])).toBe(100_000);
  });

  it('forgets a lane that said nothing for the retention', () => {
    expect(correctable([lane(300_000, 0), lane(100_000, 101)])).toBe(200_000);
    expect(correctable([lane(300_000, 101)])).toBeUndefined();
  });

  it('is not held for ever by a lane that never had a valid event', () => {
    expect(correctable([lane(300_000, 0), noEvents])).toBe(200_000);
    expect(correctable([noEvents])).toBeUndefined();
  });

  it('is held by a lane of which nothing is read yet', () => {
    expect(correctable([lane(300_000, 0), { ...noEvents, hasUnread: true }])).toBe(NO_WATERMARK);
  });
});
