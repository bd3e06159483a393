/** Sources: what is an event, and what a dead letter says when something is none. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { JobDefinitionError } from '../../../shared/errors.ts';
import { epochMilliseconds, id, integer, source } from '../../../shared/index.ts';
import { encodeUnreadable } from '../../../shared/records/envelopes.ts';

const schema = z.object({
  userId: id(),
  kind: z.enum(['buy', 'return']),
  time: epochMilliseconds(),
  items: z.array(z.object({ itemId: id() })).optional(),
});
const purchases = source({
  stream: 'purchases',
  schema,
  eventTime: 'time',
  partitionKey: 'userId',
});
const computed = source({
  stream: 'purchases',
  schema,
  eventTime: ({ time }) => time,
  partitionKey: ({ userId }) => userId,
});

const good = { userId: '7', kind: 'buy', time: 1_511_658_000_000 } as const;

it('takes an event apart', () => {
  const parsed = purchases.parse({ ...good, extra: 'ignored' });
  expect(parsed).toEqual({ event: good });
  if (!('event' in parsed)) return;
  expect(purchases.eventTime(parsed.event)).toBe(1_511_658_000_000);
  expect(purchases.partitionKey(parsed.event)).toBe('7');
});

describe('a dead letter names the field, what is wrong, and the value', () => {
  it.each([
    [{ ...good, userId: 7 }, 'userId: must be text of 1 to 256 characters (found 7)'],
    [{ ...good, userId: '' }, 'userId: is empty: must be text of 1 to 256 characters (found "")'],
    [
      { ...good, userId: 'x'.repeat(257) },
      `userId: is longer than 256 characters: must be text of 1 to 256 characters (found "${'x'.repeat(79)})`,
    ],
    [
      { ...good, userId: 'a\ud800b' },
      'userId: holds half a surrogate pair: must be text that UTF-8 can store (found "a\\ud800b")',
    ],
    [{ ...good, kind: 'sell' }, 'kind: must be one of "buy", "return" (found "sell")'],
    [{ userId: '7', time: 1 }, 'kind: must be one of "buy", "return" (found nothing)'],
    [
      { ...good, time: '1511658000000' },
      'time: must be a whole number of epoch milliseconds (found "1511658000000")',
    ],
    [{ ...good, time: 1.5 }, 'time: must be a whole number of epoch milliseconds (found 1.5)'],
    [{ ...good, time: 1e300 }, /^time: .*\(found 1e\+300\)$/],
    [
      { userId: '7', kind: 'buy' },
      'time: must be a whole number of epoch milliseconds (found nothing)',
    ],
    [
      { ...good, items: [{ itemId: 'a' }, { itemId: null }] },
      'items.1.itemId: must be text of 1 to 256 characters (found null)',
    ],
    [{ ...good, items: {} }, 'items: must be a list (found {})'],
    [null, 'event: must be a JSON object (found null)'],
    ['text', 'event: must be a JSON object (found "text")'],
    [[], 'event: must be a JSON object (found [])'],
    [12, 'event: must be a JSON object (found 12)'],
  ] as [unknown, string | RegExp][])('%j', (value, expected) => {
    const parsed = purchases.parse(value);
    const problem = 'problem' in parsed ? parsed.problem : 'none';
    if (typeof expected === 'string') expect(problem).toBe(expected);
    else expect(problem).toMatch(expected);
  });
});

describe('a value that cannot be shown', () => {
  let deep: unknown = [];
  for (let i = 0; i < 100_000; i += 1) deep = [deep];
  const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`a${i}`, i]));

  it.each([
    ['nested deeply', deep, 'a long list'],
    ['a long list', Array.from({ length: 21 }), 'a long list'],
    ['a large object', wide, 'a large object'],
    ['a list with a long text', ['x'.repeat(81)], 'a long list'],
  ])('is named: %s', (_, userId, shown) => {
    expect(purchases.parse({ ...good, userId })).toEqual({
      problem: `userId: must be text of 1 to 256 characters (found ${shown})`,
    });
  });
});

describe('files', () => {
  const attributes = { stream: 'purchases', schema, partitionKey: 'userId' } as const;
  const csv = ['userId', 'time'] as const;

  it('have lines of one form', () => {
    const declare = () => source({ ...attributes, eventTime: 'time', csv, webLog: csv });
    expect(declare).toThrow(JobDefinitionError);
    expect(declare).toThrow('purchases has csv and webLog; its files have one form');
  });

  it.each(['csv', 'webLog'])('of %s have a time that is an attribute', (form) => {
    const declare = () => source({ ...attributes, eventTime: ({ time }) => time, [form]: csv });
    expect(declare).toThrow(`purchases has ${form} and an eventTime that is computed`);
  });
});

it.each(['x'.repeat(256), '😀', '0', ' '])('takes "%s" for an id', (userId) => {
  expect(purchases.parse({ ...good, userId })).toHaveProperty('event');
});

describe('where one attribute decides on the others', () => {
  const moves = source({
    stream: 'moves',
    schema: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('in'), to: id(), time: epochMilliseconds() }),
      z.object({ kind: z.literal('out'), from: id({ lengthMax: 300 }), time: epochMilliseconds() }),
    ]),
    eventTime: (event) => event.time,
    partitionKey: (event) => event.kind,
  });

  it.each([
    [{ kind: 'up', time: 1 }, 'kind: must be one of "in", "out" (found "up")'],
    [{ time: 1 }, 'kind: must be one of "in", "out" (found nothing)'],
    [{ kind: 'in', from: 'a', time: 1 }, 'to: must be text of 1 to 256 characters (found nothing)'],
    [
      { kind: 'out', from: '', time: 1 },
      'from: is empty: must be text of 1 to 300 characters (found "")',
    ],
  ])('%j', (value, problem) => {
    expect(moves.parse(value)).toEqual({ problem });
  });
});

describe.each([
  ['attributes', purchases],
  ['functions', computed],
] as const)('where time and partition key are %s', (_, each) => {
  it('finds them in an event, and in an object before it is one', () => {
    expect([each.eventTime(good), each.partitionKey(good)]).toEqual([good.time, '7']);
    expect([each.eventTimeIn(good), each.partitionKeyIn(good)]).toEqual([good.time, '7']);
  });

  it.each([[{}], [{ ...good, time: 'soon', userId: 7 }], [{ ...good, time: null, userId: '' }]])(
    'finds none in %j',
    (value) => {
      expect([each.eventTimeIn(value), each.partitionKeyIn(value)]).toEqual([undefined, undefined]);
    },
  );

  it('hashes by as much of a key as Kinesis takes', () => {
    const userId = `${'x'.repeat(255)}😀`;
    const longest = `${'x'.repeat(255)}\ufffd`;
    expect(each.partitionKey({ ...good, userId })).toBe(longest);
  });
});

it('says how files hold its events, where it is declared', () => {
  expect(purchases.fileLines).toBeUndefined();
  const options = {
    stream: 'purchases',
    schema,
    eventTime: 'time',
    partitionKey: 'userId',
  } as const;
  const columns = ['userId', 'time'] as const;
  expect(source({ ...options, csv: columns }).fileLines).toEqual({
    form: 'csv',
    columns,
    time: 'time',
  });
  expect(source({ ...options, webLog: columns }).fileLines).toMatchObject({ form: 'webLog' });
  expect(() => source({ ...options, csv: ['userId'] })).toThrow(
    'the columns of purchases lack time, the time of its events',
  );
});

it('gives the reason of whoever could not read a line that was to be an event', () => {
  const parse = (value: unknown) => purchases.parse(value);
  const envelope = JSON.parse(encodeUnreadable('1,2', 'has too few columns'));
  expect(parse(envelope)).toEqual({ problem: 'has too few columns' });
  const long = JSON.parse(encodeUnreadable('1,2', 'x'.repeat(5_000)));
  expect(parse(long)).toEqual({ problem: 'x'.repeat(500) });
  expect(parse({ ...envelope, 'tidemark:unreadable': 7 })).toHaveProperty(
    'problem',
    'userId: must be text of 1 to 256 characters (found nothing)',
  );
});

describe('an integer', () => {
  it.each([
    [0, 0],
    [-7, -7],
    ['0', 0],
    ['042', 42],
    ['-7', -7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('may be %j, also as the text of a cell', (value, read) => {
    expect(integer().safeParse(value)).toMatchObject({ success: true, data: read });
  });

  it.each(['', ' ', '1.5', '1e3', '0x1', '9007199254740992', 1.5, null, undefined, true, [1], '-'])(
    'is never made of %j',
    (value) => {
      expect(integer().safeParse(value).success).toBe(false);
    },
  );

  it.each([
    [integer({ min: 0 }), '-1', 'must be a whole number from 0'],
    [integer({ min: 1, max: 5 }), 6, 'must be a whole number from 1 to 5'],
    [integer({ max: 5 }), 'six', 'must be a whole number to 5'],
  ])('says its range: %#', (schema, value, reason) => {
    expect(schema.safeParse(value).error?.issues.map(({ message }) => message)).toEqual([reason]);
  });
});
