/** Sources: what is an event, and what a dead letter says when something is none. */

import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { epochMilliseconds, id, source } from '../../../shared/index.ts';

const purchases = source({
  stream: 'purchases',
  schema: z.object({
    userId: id(),
    kind: z.enum(['buy', 'return']),
    time: epochMilliseconds(),
    items: z.array(z.object({ itemId: id() })).optional(),
  }),
  eventTime: (event) => event.time,
  partitionKey: (event) => event.userId,
});

const good = { userId: '7', kind: 'buy', time: 1_511_658_000_000 };

it('takes an event apart', () => {
  const parsed = purchases.parse({ ...good, extra: 'ignored' });
  expect(parsed).toEqual({ event: good });
  if (!('event' in parsed)) return;
  expect(purchases.eventTime(parsed.event)).toBe(1_511_658_000_000);
  expect(purchases.partitionKey(parsed.event)).toBe('7');
});

describe('a dead letter names the field, what is wrong, and the value', () => {
  it.each([
    [{ ...good, userId: 7 }, /^userId: .*string.* \(found 7\)$/],
    [{ ...good, userId: '' }, /^userId: is empty \(found ""\)$/],
    [
      { ...good, userId: 'x'.repeat(257) },
      /^userId: is longer than 256 characters \(found "x{79}\)$/,
    ],
    [
      { ...good, userId: 'a\ud800b' },
      /^userId: holds half a surrogate pair.*\(found "a\\ud800b"\)$/,
    ],
    [{ ...good, kind: 'sell' }, /^kind: .*"buy"\|"return".* \(found "sell"\)$/],
    [{ ...good, time: '1511658000000' }, /^time: .*\(found "1511658000000"\)$/],
    [{ ...good, time: 1.5 }, /^time: must be a whole number of epoch milliseconds \(found 1.5\)$/],
    [{ ...good, time: 1e300 }, /^time: .*\(found 1e\+300\)$/],
    [{ userId: '7', kind: 'buy' }, /^time: .*\(found missing\)$/],
    [
      { ...good, items: [{ itemId: 'a' }, { itemId: null }] },
      /^items\.1\.itemId: .*\(found null\)$/,
    ],
    [null, /^event: .*\(found null\)$/],
    ['text', /^event: .*\(found "text"\)$/],
    [[], /^event: .*\(found \[\]\)$/],
    [12, /^event: .*\(found 12\)$/],
  ])('%j', (value, expected) => {
    const parsed = purchases.parse(value);
    expect('problem' in parsed ? parsed.problem : parsed).toMatch(expected);
  });
});

it.each(['x'.repeat(256), '😀', '0', ' '])('takes "%s" for an id', (userId) => {
  expect(purchases.parse({ ...good, userId })).toHaveProperty('event');
});
