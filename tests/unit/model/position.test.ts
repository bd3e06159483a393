/** Sequence numbers are integers written as text; they are never compared as text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  comparePositions,
  compareSequences,
  formatPosition,
  parsePosition,
} from '../../../shared/model/position.ts';

describe('sequence numbers', () => {
  it.each([
    ['9', '10'],
    ['99', '100'],
    ['0', '1'],
    [
      '49590338271490256608559692538361571095921575989136588898',
      '149590338271490256608559692538361571095921575989136588898',
    ],
    [
      '49590338271490256608559692538361571095921575989136588898',
      '49590338271490256608559692538361571095921575989136588899',
    ],
  ])('has %s before %s', (first, second) => {
    expect(compareSequences(first, second)).toBeLessThan(0);
    expect(compareSequences(second, first)).toBeGreaterThan(0);
  });

  it('takes numbers with leading zeros for what they spell', () => {
    expect(compareSequences('007', '7')).toBe(0);
    expect(compareSequences('000', '0')).toBe(0);
    expect(compareSequences('0010', '9')).toBeGreaterThan(0);
  });

  it('orders as big integers do', () => {
    const digits = fc
      .tuple(fc.bigInt({ min: 0n, max: 10n ** 56n }), fc.nat({ max: 3 }))
      .map(([value, zeros]) => ({ value, text: '0'.repeat(zeros) + value }));
    fc.assert(
      fc.property(digits, digits, (a, b) => {
        const expected = a.value === b.value ? 0 : a.value < b.value ? -1 : 1;
        expect(Math.sign(compareSequences(a.text, b.text))).toBe(expected);
      }),
    );
  });
});

describe('positions', () => {
  it('go by sequence number, then by index as a number', () => {
    const before = [
      ['9', 5],
      ['10', 0],
      ['10', 2],
      ['10', 10],
    ].map(([sequence, index]) => ({ sequence: String(sequence), index: Number(index) }));
    expect([...before].reverse().sort(comparePositions)).toEqual(before);
  });

  it('survive being written and read', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 60n }), fc.nat(), (sequence, index) => {
        const position = { sequence: String(sequence), index };
        expect(parsePosition(formatPosition(position))).toEqual(position);
      }),
    );
  });

  it.each(['', '1', '1/', '/1', '1/2/3', '-1/0', '1/0 ', 'a/0'])(
    'does not read "%s" as one',
    (text) => {
      expect(parsePosition(text)).toBeUndefined();
    },
  );
});
