/**
 * The laws that make results independent of batches: every aggregator is a commutative monoid, and its codec
 * is canonical. Equality is that of the stored bytes, which is what the engine merges.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Aggregator } from '../../shared/aggregates/aggregator.ts';
import {
  combine,
  count,
  countBy,
  distinct,
  doneBy,
  grouped,
  hyperLogLog,
  max,
  min,
  sum,
  sumBy,
  tally,
} from '../../shared/index.ts';
import { encode, fold, merge } from '../support/aggregates.ts';

interface Purchase {
  readonly id: string;
  readonly group: string;
  readonly amount: number;
}

const idOf = (event: Purchase) => event.id;
const groupOf = (event: Purchase) => event.group;
const amountOf = (event: Purchase) => event.amount;

const THINGS = {
  bought: ({ group }: Purchase) => group === 'buy',
  small: ({ amount }: Purchase) => Math.abs(amount) < 1_000_000,
};

const AGGREGATORS: Record<string, Aggregator<Purchase, unknown, unknown>> = {
  count: count<Purchase>(),
  sum: sum(amountOf),
  min: min(amountOf),
  max: max(amountOf),
  countBy: countBy(idOf),
  sumBy: sumBy(idOf, ({ amount }) => Math.abs(amount) * 2 ** 21),
  doneBy: doneBy(idOf, THINGS),
  'doneBy other things': doneBy(idOf, { small: THINGS.small }),
  tally: tally(idOf, { group: groupOf, size: ({ amount }) => Math.abs(amount) }, amountOf),
  'tally of ids alone': tally(groupOf, {}),
  distinct: distinct(idOf),
  hyperLogLog: hyperLogLog(idOf),
  'grouped(countBy)': grouped(groupOf, countBy(idOf)),
  'grouped(distinct)': grouped(groupOf, distinct(idOf)),
  'combine(…)': combine({
    n: count<Purchase>(),
    total: sum(amountOf),
    most: max(amountOf),
    ids: distinct(idOf),
    groups: grouped(groupOf, combine({ n: count<Purchase>(), by: countBy(idOf) })),
  }),
} as Record<string, Aggregator<Purchase, unknown, unknown>>;

const id = fc.oneof(
  fc.constantFrom(
    '0',
    '7',
    '007',
    '-1',
    '',
    '999999999999999',
    '1000000000000000',
    '9007199254740993',
  ),
  fc.nat({ max: 50 }).map(String),
  fc.bigInt({ min: 10n ** 15n - 3n, max: 10n ** 15n + 3n }).map(String),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const events = fc.array(
  fc.record({
    id,
    group: fc.oneof(fc.constantFrom('pv', 'buy'), fc.string({ unit: 'binary', maxLength: 2 })),
    amount: fc.integer(),
  }),
  { maxLength: 40 },
);
/** Events in two orders. */
const twice = events.chain((all) =>
  fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
);

describe.each(Object.entries(AGGREGATORS))('%s', (_, aggregate) => {
  const bytesOf = (all: readonly Purchase[]) => encode(aggregate, fold(aggregate, all));

  it('stores equal content as equal bytes, in whatever order the events came', () => {
    fc.assert(
      fc.property(twice, ([some, shuffled]) => {
        expect(bytesOf(shuffled)).toEqual(bytesOf(some));
      }),
    );
  });

  it('comes back from its stored form with the same result and the same bytes', () => {
    fc.assert(
      fc.property(events, (all) => {
        const folded = fold(aggregate, all);
        const read = merge(aggregate, [encode(aggregate, folded)]);
        expect(aggregate.result(read)).toEqual(aggregate.result(folded));
        expect(encode(aggregate, read)).toEqual(encode(aggregate, folded));
      }),
    );
  });

  it('merges to the same as folding all at once, however the events are split and ordered', () => {
    fc.assert(
      fc.property(events, events, events, (a, b, c) => {
        const whole = bytesOf([...a, ...b, ...c]);
        const [x, y, z] = [bytesOf(a), bytesOf(b), bytesOf(c)];
        expect(encode(aggregate, merge(aggregate, [x, y, z]))).toEqual(whole);
        expect(encode(aggregate, merge(aggregate, [z, x, y]))).toEqual(whole);
        const inner = encode(aggregate, merge(aggregate, [y, z]));
        expect(encode(aggregate, merge(aggregate, [x, inner]))).toEqual(whole);
      }),
    );
  });

  it('starts neutral', () => {
    fc.assert(
      fc.property(events, (all) => {
        const nothing = bytesOf([]);
        expect(encode(aggregate, merge(aggregate, [nothing, bytesOf(all), nothing]))).toEqual(
          bytesOf(all),
        );
      }),
    );
  });
});

it('names codecs differently where stored forms differ', () => {
  const codecs = Object.values(AGGREGATORS).map(({ codec }) => codec);
  expect(new Set(codecs).size).toBe(codecs.length);
});

it('names a combination alike in whatever order its parts are declared', () => {
  const a = combine({ n: count<Purchase>(), ids: distinct(idOf) });
  const b = combine({ ids: distinct(idOf), n: count<Purchase>() });
  expect(a.codec).toBe(b.codec);
  const some = [{ id: 'x', group: 'g', amount: 1 }];
  expect(encode(a, fold(a, some))).toEqual(encode(b, fold(b, some)));
});
