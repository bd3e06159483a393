/** What each aggregator answers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Aggregator } from '../../../shared/aggregates/aggregator.ts';
import { fingerprint } from '../../../shared/aggregates/fingerprint.ts';
import { HYPER_LOG_LOG_ERROR } from '../../../shared/aggregates/hyperLogLog.ts';
import { InvariantViolation } from '../../../shared/errors.ts';
import {
  count,
  countBy,
  distinct,
  grouped,
  hyperLogLog,
  max,
  min,
  sum,
  topN,
} from '../../../shared/index.ts';
import { ByteReader, ByteWriter } from '../../../shared/model/bytes.ts';
import { type CompactId, compactId, compareIds } from '../../../shared/model/ids.ts';
import { KnownTexts } from '../../../shared/model/knownTexts.ts';
import { encode, fold, merge } from '../../support/aggregates.ts';

const same = (text: string) => text;
const number = (value: number) => value;

describe('countBy', () => {
  it('keeps "7", "007", "-1" and "0" apart', () => {
    const counts = countBy(same);
    const ids = ['7', '007', '-1', '0', '7', '00'];
    const read = merge(counts, [encode(counts, fold(counts, ids))]);
    expect([...read].map(([id, n]) => [String(id), n]).sort()).toEqual([
      ['-1', 1],
      ['0', 1],
      ['00', 1],
      ['007', 1],
      ['7', 2],
    ]);
  });

  it('keeps an id apart from the same one behind a byte order mark', () => {
    const counts = countBy(same);
    const read = merge(counts, [encode(counts, fold(counts, ['\ufeffa', 'a', 'a']))]);
    expect(new Map(read)).toEqual(
      new Map([
        ['\ufeffa', 1],
        ['a', 2],
      ]),
    );
  });

  it('counts ids of sixteen digits and more without losing one', () => {
    const ids = ['999999999999999', '1000000000000000', '9007199254740992', '9007199254740993'];
    const counts = countBy(same);
    const read = merge(counts, [encode(counts, fold(counts, ids))]);
    expect([...read.keys()].map(String).sort()).toEqual([...ids].sort());
  });

  it('takes about one byte per id where ids are dense', () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => String(500_000 + i * 3));
    expect(encode(countBy(same), fold(countBy(same), ids)).length).toBeLessThan(21_000);
  });
});

describe('ids that UTF-8 cannot store', () => {
  it.each([
    ['countBy', countBy(same)],
    ['grouped', grouped(same, count<string>())],
  ])('are refused by %s, which would store another id', (_name, aggregate) => {
    const add = () =>
      (aggregate as Aggregator<string, unknown, unknown>).add(aggregate.init(), '\ud800');
    expect(add).toThrow('half a surrogate pair');
  });
});

describe('distinct', () => {
  it('counts 200,000 similar texts exactly', () => {
    const ids = Array.from({ length: 200_000 }, (_, i) => `user-${i}`);
    expect(distinct(same).result(fold(distinct(same), ids))).toBe(200_000);
  });

  it('gives short texts fingerprints that differ', () => {
    const prints = new Set<string>();
    for (let a = 0; a < 300; a += 1) {
      for (let b = 0; b < 300; b += 1) prints.add(fingerprint(String.fromCharCode(a, b)));
      prints.add(fingerprint(String.fromCharCode(a)));
    }
    expect(prints.size).toBe(300 * 300 + 300);
  });

  it('keeps fingerprints as they are from release to release, because they are stored', () => {
    const hex = (text: string) =>
      [...Array(4).keys()]
        .map((unit) => fingerprint(text).charCodeAt(unit).toString(16).padStart(4, '0'))
        .join('');
    expect(['', 'a', 'user-1', '😀'].map(hex)).toMatchInlineSnapshot(`
      [
        "c95d41c030e31e9a",
        "dc17de192300f9de",
        "e221c61cf843ae95",
        "484d24639d17d8e2",
      ]
    `);
  });
});

describe('hyperLogLog', () => {
  it.each([
    ['sequential numbers', 10_000, (i: number) => String(i)],
    ['sequential numbers', 100_000, (i: number) => String(i)],
    ['long ids', 100_000, (i: number) => `user-${String(i * 7_919).padStart(24, '0')}`],
    ['ids in other scripts', 10_000, (i: number) => `用户${i.toString(36)}😀`],
    ['few', 100, (i: number) => `u${i}`],
  ])('is within four standard errors for %s, %d of them', (_, size, idOf) => {
    const estimator = hyperLogLog(idOf);
    const estimate = estimator.result(fold(estimator, Array(size).keys()));
    expect(Math.abs(estimate - size) / size).toBeLessThan(4 * HYPER_LOG_LOG_ERROR);
  });
});

describe('scalars', () => {
  it('has no least and no greatest value of nothing', () => {
    expect(min(number).result(min(number).init())).toBeUndefined();
    expect(max(number).result(merge(max(number), [encode(max(number), max(number).init())]))).toBe(
      undefined,
    );
  });

  it('sums the same in one batch and in several, however large the sum', () => {
    const total = sum(number);
    const large = Number.MAX_SAFE_INTEGER;
    const events = [large, large, -large, 1 - large];
    const batches = events.map((event) => encode(total, fold(total, [event])));
    expect(total.result(fold(total, events))).toBe(1);
    expect(total.result(merge(total, batches))).toBe(1);
    expect(total.result(merge(total, batches.slice(0, 2)))).toBe(large);
    expect(total.result(merge(total, [...batches.slice(2), ...batches.slice(2)]))).toBe(-large);
  });

  it('finds the least and the greatest among negative and fractional values', () => {
    expect(min(number).result(fold(min(number), [3, -0.5, 2]))).toBe(-0.5);
    expect(max(number).result(fold(max(number), [-3, -0.5, -2]))).toBe(-0.5);
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('does not sum %d', (value) => {
    expect(() => fold(sum(number), [value])).toThrow('is not a whole number to sum');
  });

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, 1e300, -(2 ** 53), 1e-131])(
    'does not take %d for a greatest value: no row could hold it',
    (value) => {
      expect(() => fold(max(number), [value])).toThrow('is not a number that a row can hold');
    },
  );
});

describe('grouped', () => {
  it('lists the groups that occurred, by code point', () => {
    const groups = grouped(same, countBy(same));
    const result = groups.result(fold(groups, ['\uffff', '😀', 'b', 'a', 'b']));
    expect([...result.keys()]).toEqual(['a', 'b', '\uffff', '😀']);
    expect(result.get('b')?.get('b')).toBe(2);
  });
});

describe('topN', () => {
  it('ranks by count, then by id, without shared ranks', () => {
    const counts = new Map<CompactId, number>([
      [10, 2],
      [9, 2],
      ['b', 3],
      ['a', 2],
      ['007', 2],
    ]);
    expect(topN(counts, 4)).toEqual([
      { rank: 1, id: 'b', count: 3 },
      { rank: 2, id: '9', count: 2 },
      { rank: 3, id: '10', count: 2 },
      { rank: 4, id: '007', count: 2 },
    ]);
  });

  it('equals sorting everything', () => {
    const text = fc.oneof(fc.nat({ max: 40 }).map(String), fc.string({ maxLength: 2 }));
    const entries = fc.array(fc.tuple(text.map(compactId), fc.integer({ min: 1, max: 4 })));
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 8 }), (all, n) => {
        const counts = new Map(all);
        const sorted = [...counts]
          .sort(([a, x], [b, y]) => y - x || compareIds(a, b))
          .slice(0, n)
          .map(([id, count], i) => ({ rank: i + 1, id: String(id), count }));
        expect(topN(counts, n)).toEqual(sorted);
      }),
      { numRuns: 300 },
    );
  });
});

describe('bytes', () => {
  it('writes and reads every kind of number and text', () => {
    const whole = fc.oneof(
      fc.constantFrom(0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
      fc.maxSafeNat(),
    );
    const signed = fc.oneof(fc.constantFrom(-1, -(2 ** 52), 2 ** 52 - 1), fc.integer());
    fc.assert(
      fc.property(
        fc.array(fc.tuple(whole, signed, fc.double(), fc.string({ unit: 'binary' })), {
          maxLength: 20,
        }),
        (rows) => {
          const writer = new ByteWriter();
          for (const [natural, integer, float, text] of rows) {
            writer.unsigned(natural);
            writer.signed(integer);
            writer.float64(float);
            writer.text(text);
          }
          const bytes = writer.finish();
          const known = new KnownTexts();
          for (const texts of [undefined, known, known]) {
            const reader = new ByteReader(bytes, texts);
            const read = rows.map(() => [
              reader.unsigned(),
              reader.signed(),
              reader.float64(),
              reader.text(),
            ]);
            expect(read).toEqual(rows);
            expect(reader.isAtEnd).toBe(true);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('read the right texts where an earlier reading took others', () => {
    const writer = new ByteWriter();
    for (const text of ['a', 'b', 'c']) writer.text(text);
    const known = new KnownTexts();
    const skipping = new ByteReader(writer.finish(), known);
    skipping.bytes(2);
    expect([skipping.text(), skipping.text()]).toEqual(['b', 'c']);
    const reader = new ByteReader(writer.finish(), known);
    expect([reader.text(), reader.text(), reader.text()]).toEqual(['a', 'b', 'c']);
  });

  it('says so when stored bytes end too early', () => {
    const reader = new ByteReader(Uint8Array.of(0x80));
    expect(() => reader.unsigned()).toThrow(InvariantViolation);
    expect(() => new ByteReader(Uint8Array.of(5, 65)).text()).toThrow('the item is damaged');
  });
});
