import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, LIVE, parseView, toggled, type View } from '../../../web/state/view.ts';

const text = fc.option(
  fc.string({ minLength: 1, unit: 'grapheme' }).filter((each) => each.isWellFormed()),
  { nil: undefined },
);

const view: fc.Arbitrary<View> = fc.record({
  at: fc.option(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    { nil: undefined },
  ),
  kind: fc.constantFrom('items', 'categories'),
  behavior: fc.constantFrom('pv', 'cart', 'fav', 'buy'),
  list: fc.constantFrom('orders', 'transactions'),
  panel: fc.constantFrom(undefined, 'traffic', 'orders', 'jobs'),
  wall: fc.boolean(),
  ...{ item: text, page: text, channel: text, province: text, user: text, problem: text },
  ...{ order: text, transaction: text, profile: text, table: text, key: text },
  ...{ category: text, tag: fc.constantFrom(undefined, 'buyer', 'nightOwl') },
});

describe('a link', () => {
  it('reproduces what one sees, whatever signs ids have', () => {
    fc.assert(
      fc.property(view, (seen) => {
        expect(parseView(`#${hashOf(seen)}`)).toEqual(seen);
      }),
    );
  });

  it('has nothing of what is as at first', () => {
    expect(hashOf(LIVE)).toBe('');
    expect(parseView('')).toEqual(LIVE);
  });

  it('can be read by people', () => {
    const at = '2017-11-26T09:30:00.000Z';
    expect(hashOf({ ...LIVE, panel: 'hotItems', at, kind: 'categories', page: '/sale' })).toBe(
      'panel=hotItems&at=2017-11-26T09:30:00.000Z&board=categories:pv&page=/sale',
    );
  });

  it('of any text shows something: what it does not know, it leaves out', () => {
    fc.assert(
      fc.property(fc.string(), (hash) => {
        expect(Object.keys(parseView(hash)).sort()).toEqual(Object.keys(LIVE).sort());
      }),
    );
    expect(
      parseView('#board=things:sold&panel=cellar&at=yesterday&list=&tag=rich&wall=yes'),
    ).toEqual(LIVE);
  });

  it('takes a time of any zone', () => {
    expect(parseView('#at=2017-11-26T17:30%2B08:00').at).toBe('2017-11-26T09:30:00.000Z');
  });
});

it('a filter that is chosen again is taken back', () => {
  const chosen = { ...LIVE, ...toggled(LIVE, 'user', '1035') };
  expect(chosen.user).toBe('1035');
  expect(toggled(chosen, 'user', '1035')).toEqual({ user: undefined });
  expect(toggled(chosen, 'user', '7')).toEqual({ user: '7' });
});
