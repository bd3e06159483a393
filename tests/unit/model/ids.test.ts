/** Ids: which are kept as numbers, and the order that breaks ties. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactId, compareCodePoints, compareIds } from '../../../shared/model/ids.ts';

describe('compact ids', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['999999999999999', 999_999_999_999_999],
  ])('keeps "%s" as the number', (text, id) => {
    expect(compactId(text)).toBe(id);
  });

  it.each([
    '',
    '007',
    '00',
    '-1',
    '-0',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '1 ',
    '1000000000000000',
    '9007199254740993',
    '１２',
    'a1',
  ])('keeps "%s" as text', (text) => {
    expect(compactId(text)).toBe(text);
  });

  it('can always be turned back into the text they were', () => {
    const digits = fc.stringMatching(/^-?\d{0,18}$/);
    fc.assert(
      fc.property(fc.oneof(digits, fc.string({ unit: 'binary' })), (text) => {
        expect(String(compactId(text))).toBe(text);
      }),
    );
  });
});

const ids = fc
  .oneof(
    fc.integer({ min: -30, max: 30 }).map(String),
    fc.constantFrom(
      '1a',
      '10',
      '9',
      '007',
      '7',
      '-0',
      '-1',
      '',
      '1000000000000000',
      '999999999999999',
    ),
    fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
    fc.string({ unit: 'binary', maxLength: 3 }),
  )
  .map(compactId);

describe('the order of ids', () => {
  it('puts integers first, as numbers, and the others by code point', () => {
    const sorted = [
      '-10',
      '-9',
      '0',
      '7',
      '9',
      '10',
      '1000000000000000',
      '',
      '-0',
      '007',
      '1a',
      'a',
      'é',
      '\uffff',
      '😀',
    ];
    const shuffled = [...sorted].sort();
    expect(shuffled.map(compactId).sort(compareIds).map(String)).toEqual(sorted);
  });

  it('is total: antisymmetric, transitive, and zero only for the same id', () => {
    fc.assert(
      fc.property(ids, ids, ids, (a, b, c) => {
        expect(Math.sign(compareIds(a, b))).toBe(0 - Math.sign(compareIds(b, a)));
        expect(compareIds(a, b) === 0).toBe(a === b);
        if (compareIds(a, b) <= 0 && compareIds(b, c) <= 0) {
          expect(compareIds(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('code point order', () => {
  it('ranks characters beyond the basic plane above all others, unlike `<`', () => {
    expect('\uff5e' < '😀').toBe(false);
    expect(compareCodePoints('\uff5e', '😀')).toBeLessThan(0);
    expect(compareCodePoints('😀', '\ue000')).toBeGreaterThan(0);
    expect(compareCodePoints('\ud7ff', '\ue000')).toBeLessThan(0);
  });

  it('is the order of UTF-8 bytes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 6 });
    const edges = fc
      .array(fc.constantFrom('a', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'), {
        maxLength: 4,
      })
      .map((parts) => parts.join(''));
    const any = fc.oneof(text, edges);
    fc.assert(
      fc.property(any, any, (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareCodePoints(a, b))).toBe(bytes);
      }),
      { numRuns: 500 },
    );
  });
});
