/** When a record still finds what is kept of its key. */
import { describe, expect, it } from 'vitest';
import { days, hours, milliseconds, minutes, seconds } from '../../../../shared/index.ts';
import { arrivalTime } from '../../../../shared/model/time.ts';
import {
  arrivalStep,
  laterArrival,
  stateFor,
  stepOf,
} from '../../../../shared/operators/keyed/keyedState.ts';

describe('the step of arrivals', () => {
  it.each([
    [milliseconds(1), milliseconds(1)],
    [milliseconds(hours(1) - 1), milliseconds(1)],
    [hours(1), seconds(1)],
    [milliseconds(hours(1) + 1), seconds(1)],
    [milliseconds(days(1) - 1), seconds(1)],
    [days(1), minutes(1)],
    [milliseconds(days(1) + 1), minutes(1)],
  ])('of a retention of %i ms is %i ms', (retention, step) => {
    expect(arrivalStep(retention)).toBe(step);
  });

  it('is at most a thousandth of the retention from a second on', () => {
    for (const retention of [seconds(1), minutes(1), hours(1), days(1), days(90)]) {
      expect(arrivalStep(retention) * 1_000).toBeLessThanOrEqual(retention);
    }
  });
});

it.each([
  [59_999, 0],
  [60_000, 60_000],
  [60_001, 60_000],
  [0, 0],
  [-1, -60_000],
  [-60_000, -60_000],
])('an arrival at %i is in the minute that begins at %i', (arrival, begin) => {
  expect(stepOf(arrivalTime(arrival), minutes(1))).toBe(begin);
});

it('an arrival is its own step where steps are milliseconds', () => {
  expect(stepOf(arrivalTime(1_511_665_200_001), milliseconds(1))).toBe(1_511_665_200_001);
});

describe('a state', () => {
  const RETENTION = days(1);
  const kept = { state: 'seen', arrival: arrivalTime(1_000) };

  it.each([
    [-1, 'seen'],
    [0, 'seen'],
    [1, undefined],
  ])('is met by a record that arrives its retention and %i ms after it: %s', (ms, found) => {
    expect(stateFor(kept, arrivalTime(1_000 + RETENTION + ms), RETENTION)).toBe(found);
  });

  it('is met by a record that arrived before it', () => {
    expect(stateFor(kept, arrivalTime(0), RETENTION)).toBe('seen');
  });

  it('may be nothing that counts as false', () => {
    expect(stateFor({ ...kept, state: 0 }, arrivalTime(0), RETENTION)).toBe(0);
    expect(stateFor({ ...kept, state: null }, arrivalTime(0), RETENTION)).toBeNull();
  });

  it('is none where nothing is stored, or nothing is kept any more', () => {
    expect(stateFor(undefined, arrivalTime(0), RETENTION)).toBeUndefined();
    expect(stateFor({ arrival: arrivalTime(0) }, arrivalTime(0), RETENTION)).toBeUndefined();
  });
});

it('the later of two arrivals counts, and the only one where there is one', () => {
  expect(laterArrival(arrivalTime(1), arrivalTime(2))).toBe(2);
  expect(laterArrival(arrivalTime(2), arrivalTime(1))).toBe(2);
  expect(laterArrival(arrivalTime(1), undefined)).toBe(1);
});
