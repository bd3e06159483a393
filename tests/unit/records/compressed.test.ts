/** What a compressed payload may inflate to, at each bound. */
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressionOf, inflatedMax } from '../../../shared/records/compressed.ts';
import {
  INFLATED_ALLOWANCE,
  INFLATED_BRACKETS_MAX,
  INFLATED_MAX,
  INFLATED_RATIO_MAX,
  INFLATED_TEXT_MAX,
  RECORD_TEXT_MAX,
} from '../../../shared/records/forms.ts';
import { problemOf } from '../../support/entries.ts';
import { decode } from './decoding.ts';

/** An event of so many bytes, the rest of them blanks, in gzip that zeros fill up to so many bytes. */
function payload(event: string, bytes: number, gzipBytes: number): Buffer {
  const content = Buffer.alloc(bytes, 0x20);
  content.write(event);
  const filled = gzipSync(content);
  return Buffer.concat([filled, Buffer.alloc(gzipBytes - filled.length)]);
}

const LINE = '{"n":1}\n';

describe('a compressed payload', () => {
  it.each([
    ['0 bytes', 0, INFLATED_ALLOWANCE],
    ['one byte', 1, INFLATED_ALLOWANCE + INFLATED_RATIO_MAX],
    ['much', 1024 * 1024, INFLATED_MAX],
  ])('of %s has its bound', (_, length, most) => expect(inflatedMax(length)).toBe(most));

  it.each([
    ['hardly more than the allowance', 300],
    ['its ratio', 4_000],
    ['the greatest bound', 170_000],
  ])('is read up to %s, and one dead letter beyond it', (_, length) => {
    const bound = inflatedMax(length);
    for (const [bytes, isRead] of [
      [bound - 1, true],
      [bound, true],
      [bound + 1, false],
    ] as const) {
      const data = payload(LINE, bytes, length);
      expect(data.length).toBe(length);
      const [entry, ...others] = decode(data);
      expect(others).toEqual([]);
      if (isRead) expect(entry).toMatchObject({ value: { n: 1 } });
      else {
        expect(problemOf(entry)).toBe(`is gzip that inflates to more than ${bound} bytes`);
        expect(entry?.raw).toEqual(data);
      }
    }
  });

  it.each([
    [INFLATED_TEXT_MAX - 1, true],
    [INFLATED_TEXT_MAX, true],
    [INFLATED_TEXT_MAX + 1, false],
  ])('may hold a JSON text of %i characters: %s', (length, isRead) => {
    const content = `{"n":1${' '.repeat(length - 7)}}`;
    expect(content.length).toBe(length);
    const data = Buffer.concat([gzipSync(content), Buffer.alloc(99_000)]);
    const [entry, ...others] = decode(data);
    expect(others).toEqual([]);
    expect(problemOf(entry) === undefined).toBe(isRead);
  });

  it.each([
    [INFLATED_BRACKETS_MAX - 1, RECORD_TEXT_MAX + 1, true],
    [INFLATED_BRACKETS_MAX, RECORD_TEXT_MAX + 1, true],
    [INFLATED_BRACKETS_MAX + 1, RECORD_TEXT_MAX + 1, false],
    [INFLATED_BRACKETS_MAX + 1, RECORD_TEXT_MAX, true],
  ])('may hold %i objects and lists in a text of %i characters: %s', (brackets, length, isRead) => {
    const content = `[${'[],'.repeat(brackets - 1)}7`.padEnd(length - 1).concat(']');
    expect(content.length).toBe(length);
    const [entry, ...others] = decode(Buffer.concat([gzipSync(content), Buffer.alloc(20_000)]));
    expect(others).toEqual([]);
    expect(problemOf(entry) === undefined).toBe(isRead);
  });

  it('is as large as its stream takes it outside of one', () => {
    const content = `{"n":1${' '.repeat(INFLATED_TEXT_MAX)}}`;
    expect(decode(content)).toMatchObject([{ value: { n: 1 } }]);
  });

  it('may be a gigabyte of zeros', () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
    const parts = Buffer.concat([bomb, bomb, bomb, bomb]);
    expect(parts.length).toBeLessThan(1_100_000);
    const [entry, ...others] = decode(parts);
    expect(others).toEqual([]);
    expect(problemOf(entry)).toBe(`is gzip that inflates to more than ${INFLATED_MAX} bytes`);
  });

  it('says how much it inflated to', () => {
    const effort = { inflated: 0 };
    decode(gzipSync(LINE.repeat(10)), undefined, effort);
    expect(effort.inflated).toBe(10 * LINE.length);
  });
});

describe('the first two bytes', () => {
  it.each([0, 1, 6, 9])('tell zlib of level %i', (level) => {
    expect(compressionOf(deflateSync('{}', { level }))).toBe('zlib');
  });

  it('tell gzip', () => expect(compressionOf(gzipSync('{}'))).toBe('gzip'));

  it.each(['{}', '[', 'x', 'xy', '1', ''])('tell nothing of %j', (text) => {
    expect(compressionOf(Buffer.from(text))).toBeUndefined();
  });
});
