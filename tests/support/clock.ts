/** A clock that stands still until a test moves it. */
import { type Duration, type ProcessingTime, processingTime } from '../../shared/model/time.ts';
import type { Clock } from '../../shared/ports/ports.ts';

export interface TestClock extends Clock {
  advance(by: Duration): void;
}

/** 2017-11-26T03:00:00Z: two hours after the test events begin. */
export const CLOCK_START: ProcessingTime = processingTime(1_511_665_200_000);

export function testClock(start: ProcessingTime = CLOCK_START): TestClock {
  let now = start;
  return {
    now: () => now,
    advance(by) {
      now = processingTime(now + by);
    },
  };
}
