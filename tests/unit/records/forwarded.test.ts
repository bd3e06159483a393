/** The lines of a repartition stream, as they are written and read back. */
import { describe, expect, it } from 'vitest';
import { arrivalTime, NO_WATERMARK, watermarkAt } from '../../../shared/model/time.ts';
import {
  forwardedLine,
  frontierLine,
  progressLine,
  readForwarded,
} from '../../../shared/records/forwarded.ts';

const ARRIVAL = arrivalTime(1_767_603_600_000);
const FROM = { stream: 'orders', arrival: ARRIVAL, isLate: false };
const read = (line: string) => readForwarded(JSON.parse(line));

describe('an event that is forwarded', () => {
  it.each<[string, string | Uint8Array, unknown]>([
    ['as it came', '{"a" : 1.50, "b":"\\u00e4"}', { a: 1.5, b: 'ä' }],
    ['without its line ends', '{\n"a":1\n}', { a: 1 }],
    ['without a byte order mark', '\ufeff{"a":1}', { a: 1 }],
    ['as JSON where it came as bytes', Uint8Array.of(1, 2), { a: [1, null] }],
    ['that is no object', '17', 17],
  ])('is one line of JSON: %s', (_, raw, value) => {
    const line = forwardedLine(FROM, { raw, value });
    expect(line).not.toContain('\n');
    expect(read(line)).toEqual({ kind: 'event', ...FROM, value });
  });

  it('says whether it counts as late where it came from', () => {
    const from = { ...FROM, isLate: true };
    const line = forwardedLine(from, { raw: '{}', value: {} });
    expect(read(line)).toEqual({ kind: 'event', ...from, value: {} });
  });
});

describe('progress', () => {
  it.each([
    [watermarkAt(1_767_603_598_999), ARRIVAL],
    [NO_WATERMARK, undefined],
    [watermarkAt(-1), ARRIVAL],
  ])('of W %s and the arrival %s is read back', (watermark, arrival) => {
    const progress = { stream: 'orders', watermark, arrival };
    expect(read(progressLine(progress))).toEqual({ kind: 'progress', ...progress });
  });
});

it('a frontier is read back', () => {
  expect(read(frontierLine(ARRIVAL))).toEqual({ kind: 'frontier', at: ARRIVAL });
});

it.each([
  [null],
  ['orders'],
  [{}],
  [{ s: 1, a: 1, e: {} }],
  [{ s: 'orders' }],
  [{ s: 'orders', w: 'x' }],
  [{ s: 'orders', w: 1, v: 0.5 }],
  [{ f: '1' }],
])('what is neither is nothing: %j', (value) => {
  expect(readForwarded(value)).toBeUndefined();
});
