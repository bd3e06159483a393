/** What is known of each id: sums, and which things it did. */
import { describe, expect, it } from 'vitest';
import { JobDefinitionError } from '../../../shared/errors.ts';
import { doneBy, having, sumBy, topN } from '../../../shared/index.ts';
import { encode, fold, merge } from '../../support/aggregates.ts';

describe('sumBy', () => {
  interface Score {
    readonly id: string;
    readonly score: number;
  }
  const scores = sumBy(
    ({ id }: Score) => id,
    ({ score }) => score,
  );
  const sumsOf = (...given: (readonly [string, number])[]) =>
    fold(
      scores,
      given.map(([id, score]) => ({ id, score })),
    );

  it('adds up what each id brings, also nothing', () => {
    const sums = sumsOf(['7', 5], ['shoes', 3], ['7', 2], ['hats', 0]);
    expect(new Map(scores.result(merge(scores, [encode(scores, sums)])))).toEqual(
      new Map<string | number, number>([
        [7, 7],
        ['hats', 0],
        ['shoes', 3],
      ]),
    );
  });

  it('is ranked as counts are', () => {
    const ranked = topN(scores.result(sumsOf(['a', 1], ['b', 5], ['c', 5], ['d', 2])), 3);
    expect(ranked.map(({ id, count }) => [id, count])).toEqual([
      ['b', 5],
      ['c', 5],
      ['d', 2],
    ]);
  });

  it('stops at the greatest number that is exact, wherever it is merged', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const [one, other] = [sumsOf(['a', most - 1]), sumsOf(['a', most])];
    expect(
      merge(
        scores,
        [one, other, one].map((each) => encode(scores, each)),
      ),
    ).toEqual(new Map([['a', most]]));
    expect(sumsOf(['a', most - 1], ['a', most], ['a', 1])).toEqual(new Map([['a', most]]));
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])('takes no %d', (score) => {
    expect(() => sumsOf(['a', score])).toThrow('is not a whole number from 0 on');
  });
});

describe('doneBy', () => {
  interface Act {
    readonly user: string;
    readonly act: string;
  }
  const done = doneBy(({ user }: Act) => user, {
    viewed: ({ act }) => act === 'pv',
    carted: ({ act }) => act === 'cart',
    bought: ({ act }) => act === 'buy' || act === 'buyNow',
    hurried: ({ act }) => act === 'buyNow',
  });
  const acts = (text: string): Act[] =>
    text.split(' ').map((each) => {
      const [user = '', act = ''] = each.split(':');
      return { user, act };
    });
  const countsOf = (...batches: string[]) =>
    done.result(
      merge(
        done,
        batches.map((text) => encode(done, fold(done, acts(text)))),
      ),
    );

  it('counts an id once for all that it did, in whatever batches', () => {
    const counts = countsOf('1:pv 2:pv 1:pv x:cart', '1:buy x:pv 3:pv', '1:cart 2:pv y:look');
    expect(counts).toEqual(
      new Map([
        ['bought+carted+viewed', 1],
        ['carted+viewed', 1],
        ['viewed', 2],
      ]),
    );
    expect(having(counts, 'viewed')).toBe(4);
    expect(having(counts, 'carted', 'viewed')).toBe(2);
    expect(having(counts, 'bought')).toBe(1);
    expect(having(counts, 'hurried')).toBe(0);
    expect(having(counts)).toBe(4);
  });

  it('takes an event for all that it is', () => {
    expect(countsOf('1:buyNow')).toEqual(new Map([['bought+hurried', 1]]));
  });

  it('stores the same in whatever order its things are declared, and other things otherwise', () => {
    const userOf = ({ user }: Act) => user;
    const [isView, isCart] = [() => true, () => false];
    const codecs = [
      doneBy(userOf, { a: isView, b: isCart }),
      doneBy(userOf, { b: isCart, a: isView }),
      doneBy(userOf, { a: isView }),
    ].map(({ codec }) => codec);
    expect(codecs[0]).toBe(codecs[1]);
    expect(codecs[0]).not.toBe(codecs[2]);
  });

  it.each([
    ['no name', { '': () => true }],
    ['a name with a plus', { 'a+b': () => true }],
    ['nothing', {}],
    ['too much', Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`t${n}`, () => true]))],
  ])('refuses %s', (_, things) => {
    expect(() => doneBy(({ user }: Act) => user, things)).toThrow(JobDefinitionError);
  });

  it('keeps thirty things apart', () => {
    const names = Array.from({ length: 30 }, (_, n) => `t${n}`);
    const all = doneBy(
      ({ user }: Act) => user,
      Object.fromEntries(names.map((name) => [name, ({ act }: Act) => act === name])),
    );
    const folded = fold(all, acts(names.map((name) => `1:${name}`).join(' ')));
    const counts = all.result(merge(all, [encode(all, folded)]));
    expect(names.map((name) => having(counts, name))).toEqual(names.map(() => 1));
  });
});
