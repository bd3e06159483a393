/** How far time goes on without valid events. */
import { describe, expect, it } from 'vitest';
import { minutes } from '../../../../shared/index.ts';
import {
  arrivalTime,
  eventTime,
  NO_WATERMARK,
  processingTime,
} from '../../../../shared/model/time.ts';
import {
  flushedUpTo,
  isDueByGarbage,
  isDueBySilence,
} from '../../../../shared/runtime/lanes/flush.ts';

const MINUTE = minutes(1);
const NOW = processingTime(100 * MINUTE);
const FLUSH = { flushAfter: minutes(5) };
const NEVER = { flushAfter: 'never' } as const;
/** Of minutes. */
const head = (lastValid: number | undefined, lastArrival: number, nextTimer = 0) => ({
  lastValidAt: lastValid === undefined ? undefined : processingTime(lastValid * MINUTE),
  lastArrival: arrivalTime(lastArrival * MINUTE),
  nextTimer: eventTime(nextTimer * MINUTE),
});

describe('how far time goes on', () => {
  it.each([
    ['no valid event for so long', head(94, 94), 95],
    ['nothing valid since the last that came', head(94, 100), 95],
    ['a valid event not long ago', head(95, 95), undefined],
    ['never a valid event, and others just now', head(undefined, 100), 95],
    ['never a valid event, and others long ago', head(undefined, 50), 45],
    ['never a valid event, and a timer after the others', head(undefined, 50, 60), 95],
  ])('with %s', (_, given, minute) => {
    const expected = minute === undefined ? NO_WATERMARK : minute * MINUTE;
    expect(flushedUpTo(given, FLUSH, NOW)).toBe(expected);
    expect(flushedUpTo(given, NEVER, NOW)).toBe(NO_WATERMARK);
  });

  it('is to a timer, by silence or by what came', () => {
    const redriven = head(undefined, 60, 50);
    expect([isDueByGarbage(redriven, FLUSH), isDueBySilence(redriven, FLUSH, NOW)]).toEqual([
      true,
      true,
    ]);
    const later = head(undefined, 60, 56);
    expect([isDueByGarbage(later, FLUSH), isDueBySilence(later, FLUSH, NOW)]).toEqual([
      false,
      true,
    ]);
    const ahead = head(undefined, 60, 96);
    expect([isDueByGarbage(ahead, FLUSH), isDueBySilence(ahead, FLUSH, NOW)]).toEqual([
      false,
      false,
    ]);
  });
});
