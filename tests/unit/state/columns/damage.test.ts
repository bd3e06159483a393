/** Bytes that nobody would write, made to take time and memory. */
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { ByteWriter } from '../../../../shared/model/bytes.ts';
import { decodeColumns, encodeColumns } from '../../../../shared/state/columns/columns.ts';
import { numberedOrders } from './typicalRecords.ts';

/** Of the processor, as the machine may be busy. The worst takes 0.7 s. */
const CPU_MS_MAX = 2_500;
/** Kinds of columns, and modes of theirs. */
const NULLS = 0;
const TEXTS = 4;
const BYTES = 5;
const ARRAYS = 6;
const OBJECTS = 7;
const KNOWN = 9;
const LISTS = 0;
const TUPLES = 1;
const RECORDS = 0;
const MAPS = 1;

/** Names of an object that is no number, and throws where it is used as one. */
const NOT_A_NUMBER = ['valueOf', 'toString'].flatMap((name) => [name.length, ...Buffer.from(name)]);

type Write = (to: ByteWriter) => void;

const bytes =
  (...all: number[]): Write =>
  (to) =>
    to.bytes(Uint8Array.from(all));
const unsigned =
  (n: number): Write =>
  (to) =>
    to.unsigned(n);
const text =
  (some: string): Write =>
  (to) =>
    to.text(some);
/** A column of one number. */
const constant =
  (n: number): Write =>
  (to) => {
    to.byte(0);
    to.signed(n);
  };
/** A column of numbers from one on. */
const risingFrom =
  (start: number): Write =>
  (to) => {
    to.byte(8);
    to.signed(start);
    to.byte(0);
    to.unsigned(0);
    to.signed(1);
  };
const repeated =
  (count: number, write: Write): Write =>
  (to) => {
    for (let i = 0; i < count; i += 1) write(to);
  };

function stored(...parts: Write[]): Uint8Array {
  const body = new ByteWriter();
  for (const write of parts) write(body);
  // As many bytes as the most values need.
  body.bytes(new Uint8Array(600_000));
  return Buffer.concat([Uint8Array.of(1), deflateRawSync(body.finish())]);
}

/** Texts that all are the same one, of characters that are escaped in JSON. */
const SAME_LONG_TEXT: readonly Write[] = [
  bytes(TEXTS, 19),
  unsigned(1),
  bytes(16, 0),
  constant(30_000),
  text('"'.repeat(30_000)),
  bytes(3),
  constant(1),
];

const BOMBS: Record<string, Uint8Array> = {
  'two million nulls': stored(unsigned(2e6), bytes(NULLS)),
  'four million nulls': stored(unsigned(4e6), bytes(NULLS)),
  'a thousand million million nulls': stored(unsigned(1e15), bytes(NULLS)),
  'two million objects': stored(unsigned(2e6), bytes(OBJECTS, RECORDS), unsigned(0), unsigned(1)),
  'two million arrays': stored(unsigned(2e6), bytes(ARRAYS, LISTS), constant(0)),
  'a million tuples': stored(unsigned(1e6), bytes(ARRAYS, TUPLES), constant(1), bytes(NULLS)),
  'an array of a thousand million nulls': stored(
    unsigned(1),
    bytes(ARRAYS, LISTS),
    constant(1e9),
    bytes(NULLS),
  ),
  'arrays in arrays': stored(
    unsigned(1),
    repeated(100_000, (to) => {
      to.bytes(Uint8Array.of(ARRAYS, LISTS));
      constant(1)(to);
    }),
  ),
  'a list of a list of a list of numbers': stored(
    unsigned(10),
    bytes(3),
    repeated(100_000, bytes(0x40, 0, 1)),
  ),
  'two million equal numbers as texts': stored(unsigned(2e6), bytes(TEXTS, 1), constant(1e14)),
  'a text of 30,000 characters a million times': stored(unsigned(1e6), ...SAME_LONG_TEXT),
  'a map of a million names': stored(
    unsigned(1),
    bytes(OBJECTS, MAPS),
    constant(690_000),
    bytes(1),
    risingFrom(1),
    bytes(NULLS),
  ),
  'columns like others': stored(
    unsigned(60_000),
    bytes(ARRAYS, TUPLES),
    constant(16),
    bytes(TEXTS, 1),
    constant(1),
    repeated(15, bytes(KNOWN, 0)),
  ),
  'records of 128 names': stored(
    unsigned(16_000),
    bytes(OBJECTS, RECORDS),
    unsigned(128),
    repeated(128, text('x')),
    unsigned(1),
    bytes(...new Array<number>(128).fill(NULLS)),
  ),
  zeros: stored((to) => to.bytes(new Uint8Array(31_000_000))),
  'more zeros than may be': stored((to) => to.bytes(new Uint8Array(60_000_000))),
};

/** What would take more than its values say. */
const DEAR: Record<string, Uint8Array> = {
  'a million times': stored(unsigned(1e6), bytes(TEXTS, 4), risingFrom(0)),
  'no bytes, a million times': stored(unsigned(1e6), bytes(BYTES), constant(0)),
  'a million long numbers': stored(unsigned(1e6), bytes(TEXTS, 5, 0, 0, 0)),
  'texts that share all with the one before': stored(
    unsigned(60_000),
    bytes(TEXTS, 16, 1),
    risingFrom(0),
    risingFrom(1),
    text('x'.repeat(60_000)),
  ),
  'an array of one long text as JSON, many times': stored(
    unsigned(50_000),
    bytes(TEXTS, 6, ARRAYS, LISTS),
    constant(1),
    ...SAME_LONG_TEXT,
  ),
};

describe('reading bytes made to take time', () => {
  it.each(Object.entries(DEAR))('counts what is dear: %s', (_, bomb) => {
    expect(() => decodeColumns(bomb)).toThrow(/holds more than/);
  });

  it.each(Object.entries(BOMBS))('ends soon: %s', (_, bomb) => {
    const start = process.cpuUsage();
    expect(() => decodeColumns(bomb)).toThrow(InvariantViolation);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1_000).toBeLessThan(CPU_MS_MAX);
  });
});

describe('bytes are refused', () => {
  const list = numberedOrders(300);
  const whole = encodeColumns(list);

  it.each([0, 1, 2, 5, 20, whole.length - 1])('if only %i of them are left', (length) => {
    expect(() => decodeColumns(whole.subarray(0, length))).toThrow(InvariantViolation);
  });

  it('if their form is unknown', () => {
    for (const form of [0, 4, 255]) {
      const other = Uint8Array.of(form, ...whole.subarray(1));
      expect(() => decodeColumns(other)).toThrow(/no form/);
    }
  });

  it('if some dense ones are left over', () => {
    const { length } = whole;
    const dense = Buffer.from(whole).readUInt32LE(1);
    const longer = Buffer.concat([whole.subarray(0, 5), Buffer.alloc(1), whole.subarray(5)]);
    longer.writeUInt32LE(dense + 1, 1);
    expect([whole[0], longer.length]).toEqual([3, length + 1]);
    expect(() => decodeColumns(longer)).toThrow(/left over/);
  });

  it('if some are left over', () => {
    expect(() => decodeColumns(Uint8Array.of(2, 0, 0))).toThrow(/left over/);
    expect(() => decodeColumns(Uint8Array.of(2, 1, NULLS, 0))).toThrow(/left over/);
    expect(decodeColumns(Uint8Array.of(2, 1, NULLS))).toEqual([null]);
  });

  it.each([
    ['a kind', [1, 10]],
    ['a form of texts', [1, TEXTS, 9]],
    ['a form of mixed texts', [1, TEXTS, 18, 7]],
    ['a column before it', [1, KNOWN, 0]],
    ['decimals', [1, 3, 0x20, 7, 0]],
    ['a pattern', [1, TEXTS, 17, 2, 2, 0, 0, 0, 0]],
    ['a text before it', [1, TEXTS, 19, 1, 1, 0, 2, OBJECTS, RECORDS, 2, ...NOT_A_NUMBER, 1, 0, 0]],
    ['texts', [1, TEXTS, 16, 2, 3, 97, 10, 97]],
    ['characters', [1, TEXTS, 16, 0, 0, 4, 1, 97]],
    ['shared characters', [1, TEXTS, 16, 1, 0, 4, 0, 0, 0]],
    ['a length', [1, ARRAYS, LISTS, 0, 1]],
    ['a shape', [1, OBJECTS, RECORDS, 0, 2, 0, 0, 2]],
    ['a name of a shape', [2, OBJECTS, RECORDS, 1, 1, 97, 2, 1, 1, 1, 0, 0, 1, 0, 0]],
    ['a name', [1, OBJECTS, RECORDS, 0, 2, 1, 0]],
    ['a short number', [1, TEXTS, 5, 1, 32, ...new Array<number>(32).fill(255), 0]],
    ['a number', [1, 3, 128, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f]],
    ['a number of texts', [1, TEXTS, 1, 0, 1]],
    ['a time', [1, TEXTS, 4, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ])('if they lack %s that they name', (_, body) => {
    expect(() => decodeColumns(Uint8Array.of(2, ...body))).toThrow(InvariantViolation);
  });
});
