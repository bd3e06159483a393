/** The Kinesis Producer Library's message in every encoding that protobuf allows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashKeyOf } from '../../../shared/model/hashRange.ts';
import { type UserRecord, unpackAggregate } from '../../../shared/records/kpl.ts';
import { withDigest } from './aggregate.ts';
import { delimited, fixed, group, join, number, varint } from './protobuf.ts';

interface Shown {
  readonly key: string | undefined;
  readonly hashKey: bigint | undefined;
  readonly text: string;
}

const shown = ({ partitionKey, hashKey, data }: UserRecord): Shown => ({
  key: partitionKey,
  hashKey: hashKey?.(),
  text: Buffer.from(data).toString(),
});

/** The user records, or why there are none. */
function unpack(...message: readonly Uint8Array[]): readonly Shown[] | string {
  const unpacked = unpackAggregate(withDigest(join(message)));
  return 'problem' in unpacked ? unpacked.problem : [...unpacked.records].map(shown);
}

const text = (value: string): Buffer => Buffer.from(value);
const record = (...fields: readonly Uint8Array[]): Buffer => delimited(3, join(fields));

const A: Shown = { key: 'a', hashKey: hashKeyOf('a'), text: 'one' };
const B: Shown = { key: 'b', hashKey: 77n, text: 'two' };
const KEYS = [delimited(1, text('a')), delimited(1, text('b')), delimited(2, text('77'))];
const ONE = record(number(1, 0), delimited(3, text('one')));
const TWO = record(number(1, 1), number(2, 0), delimited(3, text('two')));

/** In a field that the format does not know: each wire type, and groups in groups. */
const UNKNOWN: readonly (readonly [string, Buffer])[] = [
  ['a varint', number(9, 5)],
  ['a varint of ten bytes', number(9, 2n ** 64n - 1n)],
  ['64 bits', fixed(9, 8)],
  ['bytes', delimited(9, text('more'))],
  ['32 bits', fixed(9, 4)],
  ['an empty group', group(9)],
  [
    'a group of every wire type',
    group(9, number(1, 1), fixed(2, 8), delimited(3, text('x')), fixed(4, 4)),
  ],
  ['a group in a group', group(9, group(9, group(3, number(1, 1))))],
  ['a known number as another wire type', join([number(3, 1), fixed(1, 4), fixed(2, 8)])],
];

describe('an aggregate is read', () => {
  it.each([
    ['keys first', [...KEYS, ONE, TWO]],
    ['records first', [ONE, TWO, ...KEYS]],
    ['keys between records', [KEYS[0], ONE, KEYS[2], TWO, KEYS[1]] as Buffer[]],
  ])('with %s', (_, message) => {
    expect(unpack(...message)).toEqual([A, B]);
  });

  it.each(UNKNOWN)('with an unknown field beside its records: %s', (_, unknown) => {
    expect(unpack(unknown, ...KEYS, ONE, unknown, TWO, unknown)).toEqual([A, B]);
  });

  it.each(UNKNOWN.slice(0, -1))('with an unknown field in its records: %s', (_, unknown) => {
    const one = record(unknown, number(1, 0), unknown, delimited(3, text('one')), unknown);
    expect(unpack(...KEYS, one, TWO)).toEqual([A, B]);
  });

  it('with a group a hundred thousand deep', () => {
    const deep = join([
      Buffer.alloc(100_000, varint(9 * 8 + 3)),
      Buffer.alloc(100_000, varint(9 * 8 + 4)),
    ]);
    expect(unpack(deep, ...KEYS, ONE, TWO)).toEqual([A, B]);
  });

  it('with tags, lengths and numbers of ten bytes', () => {
    const long = { bytes: 10 };
    const one = join([number(1, 0, long), delimited(3, text('one'), long)]);
    const message = [
      delimited(1, text('a'), long),
      delimited(3, one, long),
      group(9, number(1, 1, long), delimited(2, text('x'), long)),
    ];
    expect(unpack(...message)).toEqual([A]);
  });

  it('with fields that come again: the last one counts', () => {
    const one = record(
      number(1, 1),
      delimited(3, text('other')),
      number(2, 1),
      delimited(3, text('two')),
      number(2, 0),
    );
    expect(unpack(...KEYS, one)).toEqual([B]);
  });
});

describe('a record whose keys are not those of Kinesis', () => {
  const noKeys = { key: undefined, hashKey: undefined, text: 'x' };
  const data = delimited(3, text('x'));

  it.each([
    ['no index', record(data)],
    ['an index behind the table', record(number(1, 2), data)],
    ['an index of 64 bits', record(number(1, 2n ** 64n - 1n), data)],
    ['an index that is a real one in its last 32 bits', record(number(1, 2n ** 32n), data)],
  ])('belongs nowhere where it has %s', (_, found) => {
    expect(unpack(...KEYS, found)).toEqual([noKeys]);
  });

  it.each([
    ['empty', ''],
    ['longer than Kinesis takes', 'x'.repeat(257)],
  ])('belongs nowhere where its partition key is %s', (_, key) => {
    expect(unpack(delimited(1, text(key)), record(number(1, 0), data))).toEqual([noKeys]);
  });

  it.each([
    ['behind the table', number(2, 7), '77'],
    ['no number', number(2, 0), 'seventy-seven'],
    ['negative', number(2, 0), '-1'],
    ['beyond 128 bits', number(2, 0), String(2n ** 128n)],
    ['empty', number(2, 0), ''],
  ])('goes by its partition key where its explicit hash key is %s', (_, index, explicit) => {
    const keys = [delimited(1, text('a')), delimited(2, text(explicit))];
    expect(unpack(...keys, record(number(1, 0), index, delimited(3, text('one'))))).toEqual([A]);
  });

  it('goes by the greatest explicit hash key there is', () => {
    const greatest = 2n ** 128n - 1n;
    const keys = [delimited(1, text('a')), delimited(2, text(String(greatest)))];
    const found = record(number(1, 0), number(2, 0), delimited(3, text('one')));
    expect(unpack(...keys, found)).toEqual([{ ...A, hashKey: greatest }]);
  });

  it('is empty where it has no data', () => {
    expect(unpack(...KEYS, record(number(1, 0)), record())).toEqual([
      { ...A, text: '' },
      { ...noKeys, text: '' },
    ]);
  });
});

it.each([
  ['no records', KEYS, 'holds no events'],
  ['a group that never ends', [ONE, Buffer.of(9 * 8 + 3)], 'protobuf'],
  ['a group that ends as another', [ONE, Buffer.of(9 * 8 + 3, 8 * 8 + 4)], 'protobuf'],
  ['the end of a group alone', [ONE, Buffer.of(9 * 8 + 4)], 'protobuf'],
  ['a wire type that there is not', [ONE, Buffer.of(9 * 8 + 6, 0)], 'protobuf'],
  ['field 0', [ONE, Buffer.of(0, 0)], 'protobuf'],
  [
    'a varint of eleven bytes',
    [ONE, number(9, 1, { bytes: 11 }), Buffer.alloc(12, 0x80)],
    'protobuf',
  ],
  ['a record that ends within a field', [delimited(3, Buffer.of(0x1a, 5, 1)), ONE], 'protobuf'],
  ['a length beyond the end', [ONE, Buffer.of(0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f)], 'protobuf'],
])('an aggregate cannot be read where it has %s', (_, message, problem) => {
  expect(unpack(...message)).toContain(problem);
});

it('is read a record at a time, however many there are', () => {
  const many = 400_000;
  const unpacked = unpackAggregate(
    withDigest(Buffer.concat([...KEYS, Buffer.alloc(2 * many, Buffer.of(0x1a, 0))])),
  );
  if ('problem' in unpacked) throw new Error(unpacked.problem);
  let records = 0;
  for (const { data } of unpacked.records) records += data.length === 0 ? 1 : 0;
  expect(records).toBe(many);
  const [first] = unpacked.records;
  expect(first?.partitionKey).toBeUndefined();
});

describe('whatever a writer chooses', () => {
  const padding = fc.constantFrom(1, 2, 5, 10).map((bytes) => ({ bytes }));
  const unknown = fc.constantFrom(...UNKNOWN.slice(0, -1).map(([, field]) => field));
  const event = fc.record({
    key: fc.nat(3),
    explicit: fc.option(fc.nat(2)),
    data: fc.uint8Array({ maxLength: 6 }),
    isKeyLast: fc.boolean(),
    isTwice: fc.boolean(),
    unknown: fc.option(unknown),
    padding,
  });

  type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

  /** With what the writer chose: what comes twice is wrong at first. */
  function written({
    key,
    explicit,
    data,
    isKeyLast,
    isTwice,
    unknown: more,
    padding: pad,
  }: Event) {
    const before = isTwice ? [number(1, 3 - key), delimited(3, text('no'))] : [];
    const hashKey = explicit === null ? [] : [number(2, explicit, pad)];
    const keys = [number(1, key, pad), ...hashKey];
    const content = [delimited(3, data, pad)];
    const fields = isKeyLast ? [...content, ...keys] : [...keys, ...content];
    return record(...before, ...(more ? [more] : []), ...fields);
  }

  it('the same records are read', () => {
    const keys = fc.array(fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme' }), {
      minLength: 4,
      maxLength: 4,
    });
    const explicits = fc.array(fc.bigInt(0n, 2n ** 128n - 1n), { minLength: 3, maxLength: 3 });
    const order = fc.constantFrom('keys first', 'records first');
    const property = fc.property(
      keys,
      explicits,
      fc.array(event, { minLength: 1, maxLength: 8 }),
      order,
      padding,
      fc.option(unknown),
      (partitionKeys, hashKeys, events, where, pad, extra) => {
        const tables = [
          ...partitionKeys.map((key) => delimited(1, text(key), pad)),
          ...hashKeys.map((key) => delimited(2, text(String(key)), pad)),
        ];
        const records = events.map(written);
        const more = extra ? [extra] : [];
        const message =
          where === 'keys first'
            ? [...tables, ...more, ...records]
            : [...records, ...more, ...tables];
        expect(unpack(...message)).toEqual(
          events.map(({ key, explicit, data }) => ({
            key: partitionKeys[key],
            hashKey:
              explicit === null ? hashKeyOf(partitionKeys[key] as string) : hashKeys[explicit],
            text: Buffer.from(data).toString(),
          })),
        );
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('no bytes do harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const found = unpack(bytes);
        expect(typeof found === 'string' || found.length > 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
