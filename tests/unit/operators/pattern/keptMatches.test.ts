/** What follows from partial matches that are kept: time-outs, and that nothing can come of them any more. */
import { describe, expect, it } from 'vitest';
import { days, hours, minutes, seconds, sequence } from '../../../../shared/index.ts';
import type { PatternJob } from '../../../../shared/job/patternJob.ts';
import { arrivalTime, type EventTime, watermarkAt } from '../../../../shared/model/time.ts';
import type { KeptState } from '../../../../shared/operators/keyed/keyedState.ts';
import { NO_PLACE } from '../../../../shared/operators/pattern/held.ts';
import { forgottenBy, timersOf } from '../../../../shared/operators/pattern/keptMatches.ts';
import { keptEvent, stateOf } from '../../../../shared/operators/pattern/state.ts';
import type { Value } from '../../../../shared/ports/table.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { at, knocksJob, type Signal, signal } from '../../../support/signals.ts';

const knock = (second: number) =>
  keptEvent(at(second), `${second}/0`, signal('a', 'knock', second));

/** Partial matches that began at these seconds and took nothing else. */
function keptSince(...begun: readonly number[]): KeptState {
  const events = begun.map(knock);
  const state = stateOf(
    events,
    events.map((event) => [event]),
  ) as unknown as Value | undefined;
  const arrival = arrivalTime(CLOCK_START);
  return { arrival, partitionKey: 'p', ...(state === undefined ? {} : { state }) };
}

/** Jobs of the same pattern that tell of no time-outs, and that have no end. */
const silent = (): PatternJob =>
  ({ ...knocksJob({ stateRetention: days(1) }), timedOut: undefined }) as unknown as PatternJob;
const endless = (): PatternJob =>
  ({
    ...silent(),
    match: sequence<Signal>('first', ({ kind }) => kind === 'knock').followedBy(
      'second',
      ({ kind }) => kind === 'knock',
    ),
  }) as unknown as PatternJob;

const timer = (key: string, time: EventTime) => ({
  kind: 'timer',
  at: time,
  key,
  partitionKey: 'p',
});

describe('the time-outs of kept matches', () => {
  it('come when each has taken as long as it may, whatever else it has taken', () => {
    const events = [knock(0), knock(3), knock(4)];
    const [first, second, third] = events as [
      ReturnType<typeof knock>,
      ReturnType<typeof knock>,
      ReturnType<typeof knock>,
    ];
    const state = stateOf(events, [[first, second], [third]]) as unknown as Value;
    const kept = { ...keptSince(), state };
    expect(
      timersOf(knocksJob(), [
        ['a', kept],
        ['b', keptSince(7)],
      ]),
    ).toEqual([timer('a', at(10)), timer('a', at(14)), timer('b', at(17))]);
  });

  it('are none of a key that keeps nothing', () => {
    expect(timersOf(knocksJob(), [['a', keptSince()]])).toEqual([]);
  });

  it('are none of a job that does not tell of them, or whose matches may take any time', () => {
    expect(timersOf(silent(), [['a', keptSince(0)]])).toEqual([]);
    expect(timersOf(endless(), [['a', keptSince(0)]])).toEqual([]);
  });
});

const arrivedFrom = arrivalTime(CLOCK_START);

describe('what is kept of a key', () => {
  it.each([
    [9.999, false],
    [10, true],
    [10.001, true],
  ])('with a match since second 0, is forgotten at a watermark of second %d: %s', (second, is) => {
    const isForgotten = forgottenBy(silent(), { watermark: watermarkAt(at(second)), arrivedFrom });
    expect(isForgotten(keptSince(0))).toBe(is);
  });

  it('is kept for the latest of its matches', () => {
    const isForgotten = forgottenBy(silent(), { watermark: watermarkAt(at(12)), arrivedFrom });
    expect(isForgotten(keptSince(0, 2))).toBe(true);
    expect(isForgotten(keptSince(0, 3))).toBe(false);
  });

  it('is not judged by a watermark up to which the lane has not let go yet', () => {
    const come = { watermark: watermarkAt(at(1_000)), letGo: NO_PLACE, arrivedFrom };
    expect(forgottenBy(silent(), come)(keptSince(0))).toBe(false);
  });

  it('is not judged by the watermark where matches may take any time', () => {
    const come = { watermark: watermarkAt(at(1_000)), arrivedFrom };
    expect(forgottenBy(endless(), come)(keptSince(0))).toBe(false);
  });

  it.each([
    [-1, false],
    [0, false],
    [1, true],
  ])('is forgotten by arrivals an hour, its retention and %i ms after it: %s', (ms, is) => {
    const from = arrivalTime(CLOCK_START + hours(1) + days(1) + ms);
    const watermark = watermarkAt(at(0));
    for (const letGo of [{}, { letGo: NO_PLACE }]) {
      const come = { watermark, arrivedFrom: from, ...letGo };
      expect(forgottenBy(silent(), come)(keptSince(0))).toBe(is);
      expect(forgottenBy(endless(), come)(keptSince(0))).toBe(is);
    }
  });

  it('is never forgotten in a job that tells of time-outs: those take it away', () => {
    const come = {
      watermark: watermarkAt(at(1_000)),
      arrivedFrom: arrivalTime(CLOCK_START + days(1_000)),
    };
    expect(forgottenBy(knocksJob(), come)(keptSince(0))).toBe(false);
  });

  it('is not forgotten by a record of the same minute, nor by its own', () => {
    const job = { ...silent(), stateRetention: minutes(0) } as PatternJob;
    const come = {
      watermark: watermarkAt(at(0)),
      arrivedFrom: arrivalTime(CLOCK_START + seconds(60)),
    };
    expect(forgottenBy(job, come)(keptSince(0))).toBe(false);
  });
});
