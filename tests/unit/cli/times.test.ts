import { expect, it } from 'vitest';
import { watermarkText } from '../../../cli/output/times.ts';
import { durationText } from '../../../shared/model/durationText.ts';
import { milliseconds, NO_WATERMARK, watermarkAt } from '../../../shared/model/time.ts';

it.each([
  [0, '0 s'],
  [999, '0 s'],
  [1_000, '1 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [61_000, '1 min 1 s'],
  [3_600_000, '1 h'],
  [3_601_000, '1 h'],
  [86_399_000, '23 h 59 min'],
  [86_400_000, '1 d'],
  [8.9e10, '1,030 d 2 h'],
  [-5, '0 s'],
])('%d ms are %s', (ms, text) => {
  expect(durationText(milliseconds(ms))).toBe(text);
});

it('a watermark is shown to the second, and said to be missing', () => {
  expect(watermarkText(watermarkAt(1_511_665_200_999))).toBe('2017-11-26 03:00:00');
  expect(watermarkText(NO_WATERMARK)).toBe('none yet');
});
