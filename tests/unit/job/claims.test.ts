/** Claims: things of which a key should have one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allClaims,
  earliestClaims,
  mergeClaim,
  type StoredClaims,
} from '../../../shared/job/claims.ts';
import { eventTime } from '../../../shared/model/time.ts';

type Claim = readonly [id: string, at: number];

const merged = (claims: readonly Claim[], into: StoredClaims = []): StoredClaims =>
  claims.reduce((state, [id, at]) => mergeClaim(state, id, eventTime(at)), into);

describe('claims on a key', () => {
  it.each([
    ['the first is the only one', [['a', 5]], [['a', 5]]],
    [
      'a repeat at the same time is harmless',
      [
        ['a', 5],
        ['a', 5],
      ],
      [['a', 5]],
    ],
    [
      'a repeat that is later is harmless',
      [
        ['a', 5],
        ['a', 6],
      ],
      [['a', 5]],
    ],
    [
      'a repeat that is earlier counts',
      [
        ['a', 5],
        ['a', 4],
      ],
      [['a', 4]],
    ],
    [
      'another one comes behind',
      [
        ['a', 5],
        ['b', 6],
      ],
      [
        ['a', 5],
        ['b', 6],
      ],
    ],
    [
      'an earlier one comes before',
      [
        ['a', 5],
        ['b', 4],
      ],
      [
        ['b', 4],
        ['a', 5],
      ],
    ],
    [
      'a repeat may overtake',
      [
        ['a', 5],
        ['b', 6],
        ['b', 4],
      ],
      [
        ['b', 4],
        ['a', 5],
      ],
    ],
    [
      'of two at once, text goes by code point',
      [
        ['ab', 5],
        ['B', 5],
      ],
      [
        ['B', 5],
        ['ab', 5],
      ],
    ],
    [
      'beyond the basic plane too',
      [
        ['😀', 5],
        ['\uFFFD', 5],
      ],
      [
        ['\uFFFD', 5],
        ['😀', 5],
      ],
    ],
    [
      'integers go as numbers',
      [
        ['10', 5],
        ['9', 5],
      ],
      [
        ['9', 5],
        ['10', 5],
      ],
    ],
    [
      'and before other ids',
      [
        ['1a', 5],
        ['10', 5],
        ['2', 5],
      ],
      [
        ['2', 5],
        ['10', 5],
        ['1a', 5],
      ],
    ],
  ] as [string, Claim[], StoredClaims][])('%s', (_, claims, expected) => {
    expect(merged(claims)).toEqual(expected);
  });

  it('are the very same value where nothing changes, so that nothing is written', () => {
    const claims = merged([
      ['a', 5],
      ['b', 6],
    ]);
    expect(merged([['a', 5]], claims)).toBe(claims);
    expect(merged([['b', 7]], claims)).toBe(claims);
  });

  it('are answered with the one that counts, the next, and all', () => {
    expect(earliestClaims([])).toEqual({ first: undefined, second: undefined });
    expect(allClaims([])).toEqual([]);
    const [a, b] = [
      { id: 'a', at: 5 },
      { id: 'b', at: 6 },
    ];
    expect(earliestClaims([['a', 5]])).toEqual({ first: a, second: undefined });
    const both: StoredClaims = [
      ['a', 5],
      ['b', 6],
    ];
    expect(earliestClaims(both)).toEqual({ first: a, second: b });
    expect(allClaims(both)).toEqual([a, b]);
  });
});

describe('fifty claims', () => {
  const fifty = Array.from({ length: 50 }, (_, i): Claim => [`t${i}`, 100 + i]);

  it('are kept, and of one more the latest goes', () => {
    expect(merged(fifty).length).toBe(50);
    expect(merged([...fifty, ['x', 500]])).toEqual(merged(fifty));
    expect(merged([...fifty, ['x', 1]])).toEqual(merged([['x', 1], ...fifty.slice(0, 49)]));
  });

  it('take one back that had gone, once it turns out to be earlier', () => {
    const state = merged([['x', 99], ...fifty]);
    expect(state.at(-1)?.[0]).toBe('t48');
    expect(merged([['t49', 50]], state)[0]).toEqual(['t49', 50]);
  });
});

const claim = fc.tuple(fc.constantFrom('1', '2', '10', '1a', 'b', '😀'), fc.nat({ max: 6 }));
/** So many that some are pushed out. */
const crowd = fc.array(fc.tuple(fc.nat({ max: 140 }).map(String), fc.nat({ max: 6 })), {
  minLength: 150,
  maxLength: 250,
});

it.each([
  ['few', fc.array(claim, { maxLength: 12 }), 300],
  ['more than are kept', crowd, 30],
] as const)('of %s claims, order and repetition do not matter', (_, claims, numRuns) => {
  const again = claims.chain((all) => {
    const shuffled = fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length });
    return fc.record({ all: fc.constant(all), shuffled });
  });
  fc.assert(
    fc.property(again, ({ all, shuffled }) => {
      expect(merged(shuffled)).toEqual(merged(all));
    }),
    { numRuns },
  );
});
