/** Offsets are exact, however large they are and however they were given. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../shared/errors.ts';
import { ByteReader, ByteWriter } from '../../../shared/model/bytes.ts';
import {
  OFFSETS_END,
  offsetAfter,
  offsetBytes,
  offsetOf,
  offsetStep,
  parseOffset,
  readOffset,
  writeOffset,
} from '../../../shared/model/offset.ts';

const anyOffset = fc
  .oneof(
    fc.bigInt({ min: 0n, max: OFFSETS_END - 1n }),
    fc.bigInt({ min: 0n, max: 2n ** 54n }),
    fc.integer({ min: 0, max: 256 }).map((bits) => 2n ** BigInt(bits) - 1n),
    fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n),
  )
  .map((value) => offsetOf(value) ?? 0);

function written(offset: number | bigint): Uint8Array {
  const writer = new ByteWriter();
  writeOffset(writer, offset);
  return writer.finish();
}

describe('an offset', () => {
  it.each([0, 1, 2 ** 53 - 1])('is a whole number: %d', (value) => {
    expect(offsetOf(value)).toBe(value);
    expect(offsetOf(BigInt(value))).toBe(value);
  });

  it.each([
    -1,
    0.5,
    2 ** 53,
    1e21,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1n,
    OFFSETS_END,
    OFFSETS_END + 1n,
  ])('is none that is negative, broken, may have been rounded, or is too large: %s', (value) => {
    expect(offsetOf(value)).toBeUndefined();
  });

  it.each([2n ** 53n, 2n ** 53n + 1n, OFFSETS_END - 1n])('beyond 2^53 stays exact: %d', (value) => {
    expect(offsetOf(value)).toBe(value);
  });

  it.each([
    ['0', 0],
    ['007', 7],
    ['9007199254740991', 2 ** 53 - 1],
    ['9007199254740993', 2n ** 53n + 1n],
    [`${OFFSETS_END - 1n}`, OFFSETS_END - 1n],
  ])('is read from %s', (text, value) => {
    expect(parseOffset(text)).toBe(value);
  });

  it.each([
    '',
    '-1',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '0x10',
    '1n',
    '٣',
    `${OFFSETS_END}`,
    '0'.repeat(79),
  ])('is not read from %j', (text) => {
    expect(parseOffset(text)).toBeUndefined();
  });

  it('is as far behind another one as what lies between them', () => {
    fc.assert(
      fc.property(anyOffset, anyOffset, (a, b) => {
        const [from, to] = a <= b ? [a, b] : [b, a];
        const step = offsetStep(from, to);
        expect(BigInt(step)).toBe(BigInt(to) - BigInt(from));
        expect(offsetAfter(from, step)).toBe(to);
      }),
    );
  });

  it('is read as it was written, and nothing behind it', () => {
    fc.assert(
      fc.property(fc.array(anyOffset), (offsets) => {
        const reader = new ByteReader(Buffer.concat(offsets.map(written)));
        expect(offsets.map(() => readOffset(reader))).toEqual(offsets);
        expect(reader.isAtEnd).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes as many bytes as is reckoned with', () => {
    fc.assert(
      fc.property(anyOffset, (offset) => {
        expect(offsetBytes(offset)).toBe(written(offset).length);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes 7 bits a byte', () => {
    expect([0, 127, 128, 2 ** 14 - 1, 2 ** 14].map((offset) => written(offset).length)).toEqual([
      1, 1, 2, 2, 3,
    ]);
    expect(written(OFFSETS_END - 1n)).toHaveLength(37);
  });

  it.each([
    ['ends in the middle of one', [0x80]],
    ['have none', []],
    ['go on for ever', Array.from({ length: 40 }, () => 0xff)],
  ])('is not read where the bytes %s', (_, bytes) => {
    expect(() => readOffset(new ByteReader(Uint8Array.from(bytes)))).toThrow(InvariantViolation);
  });
});
