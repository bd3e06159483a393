/** Rows of very many ids: their order, what they hold, how they are merged, and what is refused. */
import { describe, expect, it } from 'vitest';
import { InvariantViolation, JobDefinitionError } from '../../../shared/errors.ts';
import { tally } from '../../../shared/index.ts';
import { encode, fold } from '../../support/aggregates.ts';
import {
  byText,
  cells,
  counted,
  read,
  stored,
  type Visit,
  visit,
  visits,
  whole,
} from '../../support/visitTallies.ts';

describe('the rows of an id', () => {
  it('are one for each combination, with the count, the least and the greatest of its events', () => {
    const all = [visit('a', '/x', 5), visit('b', '/x', 1), visit('a', '/y', -3)];
    const more = [visit('a', '/x', -2), visit('a', '/x', 9), visit('b', '/x', 1)];
    const groups = whole(visits.result(fold(visits, [...all, ...more])));
    expect(groups).toEqual([
      {
        id: 'a',
        rows: [
          { page: '/x', count: 3, least: -2, greatest: 9 },
          { page: '/y', count: 1, least: -3, greatest: -3 },
        ],
      },
      { id: 'b', rows: [{ page: '/x', count: 2, least: 1, greatest: 1 }] },
    ]);
  });

  it('go by their values, the first that is declared first', () => {
    const letters = (text: string) => ({ id: 'x', z: text.charAt(0), a: text.charAt(1) });
    const some = ['12', '21', '11', '22', '12'].map(letters);
    type Letters = ReturnType<typeof letters>;
    const of = (names: readonly ('a' | 'z')[]) =>
      tally(
        ({ id }: Letters) => id,
        Object.fromEntries(names.map((name) => [name, (each: Letters) => each[name]])),
      );
    const rowsOf = (aggregate: ReturnType<typeof of>) =>
      whole(aggregate.result(fold(aggregate, some)))[0]?.rows.map(({ a, z, count }) => [
        a,
        z,
        count,
      ]);
    const [byA, byZ] = [of(['a', 'z']), of(['z', 'a'])];
    expect(rowsOf(byA)).toEqual([
      [1, 1, 1],
      [1, 2, 1],
      [2, 1, 2],
      [2, 2, 1],
    ]);
    expect(rowsOf(byZ)).toEqual([
      [1, 1, 1],
      [2, 1, 2],
      [1, 2, 1],
      [2, 2, 1],
    ]);
    expect([byA.codec, byZ.codec]).toEqual(['tally(a, z)', 'tally(z, a)']);
  });

  it('are one where nothing tells them apart, and the number is 0 where events bring none', () => {
    const ids = tally((id: string) => id, {});
    const [group, ...others] = whole(ids.result(fold(ids, ['a', 'a', 'a'])));
    expect(group).toEqual({ id: 'a', rows: [{ count: 3, least: 0, greatest: 0 }] });
    expect(others).toEqual([]);
  });

  it('keep "7", which is a number, apart from "007"; text and number of a value are one', () => {
    const all = [visit('u', '7'), visit('u', 7), visit('u', '007')];
    expect(cells(read([stored(all)]))).toEqual([
      ['u', 7, 2, 0, 0],
      ['u', '007', 1, 0, 0],
    ]);
  });
});

it('orders ids of all kinds: whole numbers below 10^15 as such, then others by code point', () => {
  const ordered = [0, 9, 10, 999_999_999_999_999];
  const texts = ['', '-1', '007', '1.5', '1000000000000000', '9007199254740993', '９', '😀'];
  const all = [...texts, ...ordered.map(String)].toReversed().map((who) => visit(who));
  for (const state of [fold(visits, all), read([stored(all)]), read(all.map((v) => stored([v])))]) {
    expect([...visits.result(state)].map(({ id }) => id)).toEqual([...ordered, ...texts]);
  }
});

describe('many runs', () => {
  /** Batches that share most of their ids, and one id each that no other has. */
  const batches = Array.from({ length: 60 }, (_, batch) =>
    Array.from({ length: 200 }, (_each, n) => {
      const who = n === 0 ? `only${batch}` : `u${(n * (batch + 3)) % 97}`;
      return visit(who, `/${(n * batch) % 5}`, (n - 100) * (batch + 1));
    }),
  );
  const all = batches.flat();
  const expected = counted(all, byText);

  it('with the same ids come to what one run has, each id once', () => {
    const state = read(batches.map(stored));
    expect(cells(state)).toEqual(expected);
    const ids = [...visits.result(state)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(encode(visits, state)).toEqual(stored(all));
  });

  it('and events that were added to them count together', () => {
    const state = read(batches.slice(0, 40).map(stored));
    for (const event of batches.slice(40).flat()) visits.add(state, event);
    expect(cells(state)).toEqual(expected);
  });

  it('of which some are empty change nothing', () => {
    const nothing = stored([]);
    expect(cells(read([nothing, ...batches.map(stored), nothing]))).toEqual(expected);
    expect(cells(read([nothing, nothing]))).toEqual([]);
  });

  it('stop counting at the greatest number that is exact', () => {
    let bytes = stored([visit('a')]);
    for (let doubled = 0; doubled < 54; doubled += 1) bytes = encode(visits, read([bytes, bytes]));
    expect(cells(read([bytes]))).toEqual([['a', '/', Number.MAX_SAFE_INTEGER, 0, 0]]);
  });
});

describe('a result', () => {
  const all = [visit('b'), visit('a'), visit('c', '/x'), visit('b')];

  it('is the same as often as it is iterated, also by two at once', () => {
    const result = visits.result(read([stored(all), stored(all)]));
    const first = whole(result);
    expect(first.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    const [one, other] = [result[Symbol.iterator](), result[Symbol.iterator]()];
    one.next();
    const [a, b] = [other.next(), one.next()].map(({ value }) => whole([value])[0]);
    expect([a, b]).toEqual([first[0], first[1]]);
    expect(whole(result)).toEqual(first);
  });

  it('passes what is not read of a group', () => {
    const [one, two] = [visit('a', '/x'), visit('a', '/y')];
    const ids = Array.from(visits.result(read([stored([one, two, visit('b')])])), ({ id }) => id);
    expect(ids).toEqual(['a', 'b']);
  });

  it('does not change what is stored, and shows what is added later', () => {
    const state = fold(visits, all);
    const result = visits.result(state);
    const countOfFirst = () => whole(result)[0]?.rows[0]?.count;
    expect(countOfFirst()).toBe(1);
    expect(encode(visits, state)).toEqual(stored(all));
    visits.add(state, visit('a'));
    expect(countOfFirst()).toBe(2);
    expect(encode(visits, state)).toEqual(stored([...all, visit('a')]));
  });
});

describe('what cannot be stored is refused', () => {
  const BAD_NUMBER = 'is not a whole number of at most 10^15 in size';
  const BAD_VALUE = 'is not a whole number from 0 to below 10^15';

  it.each([0.5, Number.NaN, 10 ** 15 + 1, -(10 ** 15) - 1, Number.POSITIVE_INFINITY])(
    'the number %d',
    (at) => {
      expect(() => visits.add(visits.init(), visit('a', '/', at))).toThrow(BAD_NUMBER);
    },
  );

  it.each([-1, 0.5, Number.NaN, 10 ** 15, Number.POSITIVE_INFINITY])('the value %d', (page) => {
    expect(() => visits.add(visits.init(), visit('a', page))).toThrow(BAD_VALUE);
  });

  it.each([
    ['an id', visit('\ud800')],
    ['a value', visit('a', '\udc00x')],
  ])('%s that UTF-8 cannot store', (_, event) => {
    expect(() => visits.add(visits.init(), event)).toThrow('half a surrogate pair');
  });

  it('and leaves no trace', () => {
    const state = fold(visits, [visit('a')]);
    for (const bad of [visit('b', -1), visit('b', '/', 0.5), visit('b', '\ud800')]) {
      expect(() => visits.add(state, bad)).toThrow(RangeError);
    }
    expect(encode(visits, state)).toEqual(stored([visit('a')]));
  });

  it.each(['count', 'least', 'greatest'])('a value that is called %s, as rows have', (name) => {
    const declare = () => tally(({ who }: Visit) => who, { [name]: ({ page }: Visit) => page });
    expect(declare).toThrow(JobDefinitionError);
    expect(declare).toThrow(`cannot be named ${name}`);
  });
});

describe('damaged bytes', () => {
  const bytes = stored([visit('a', '/x', 1), visit('b', '/y', 2_000), visit('7', '/x', 3)]);

  it('that end too early are told as such, wherever they end', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => read([bytes.subarray(0, length)])).toThrow(InvariantViolation);
    }
    expect(() => read([bytes])).not.toThrow();
  });

  it('that say more rows than there are, all the same, are told as such', () => {
    // How many, and then the columns of one row, none of which takes a byte a row.
    const one = stored([visit('a')]);
    const many = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, ...one.subarray(1));
    expect(() => read([many])).toThrow(InvariantViolation);
    expect(() => read([many])).toThrow('of them are the same');
  });

  it('that say more ids than there are bytes are told as such', () => {
    const list = Uint8Array.of(2, 1, 0xff, 0xff, 0xff, 0xff, 0x0f);
    expect(() => read([list])).toThrow(InvariantViolation);
  });

  it('that name a place behind the end of a list are told as such', () => {
    // The size, the list of the ids (how many numbers, 7; how many texts, two of one letter), and the column of places: from 0, in steps of 1, a byte each.
    const head = [3, 1, 1, 7, 2, 1, 97, 1, 98, 0, 1, 1];
    expect([...bytes.subarray(0, head.length + 3)]).toEqual([...head, 0, 1, 2]);
    const wrong = bytes.slice();
    wrong[head.length + 2] = 3;
    expect(() => cells(read([wrong]))).toThrow(InvariantViolation);
    expect(() => cells(read([wrong]))).toThrow('a list of ids is too short');
  });
});
