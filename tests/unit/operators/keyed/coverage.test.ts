/** Which part of a snapshot says what of a hash: always one, the newest that covers it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { processingTime } from '../../../../shared/model/time.ts';
import {
  Coverage,
  type Covered,
  HASHES,
  hashOf,
  type Stretch,
} from '../../../../shared/operators/keyed/coverage.ts';

const part = (slot: number, from: number, to: number): Covered => ({
  from,
  to,
  slot,
  expiresAt: processingTime(slot * 1_000),
});
const START = Coverage.from(0, processingTime(0));
const places = ({ stretches }: Coverage) => stretches.map(({ from, to, slot }) => [from, to, slot]);

describe('a coverage', () => {
  it('begins with one commit for all hashes', () => {
    expect(Coverage.from(7, processingTime(5)).stretches).toEqual([
      { from: 0, to: HASHES, slot: 7, expiresAt: 5 },
    ]);
  });

  it('gives a part what it covers of one older stretch, and leaves that the rest on both sides', () => {
    expect(places(START.with(part(1, 10, 20)))).toEqual([
      [0, 10, 0],
      [10, 20, 1],
      [20, HASHES, 0],
    ]);
  });

  it('gives a part all that it covers of several older ones, wholly or in part', () => {
    const before = START.with(part(1, 10, 20))
      .with(part(2, 20, 30))
      .with(part(3, 30, 40));
    expect(places(before.with(part(4, 15, 35)))).toEqual([
      [0, 10, 0],
      [10, 15, 1],
      [15, 35, 4],
      [35, 40, 3],
      [40, HASHES, 0],
    ]);
    expect(places(before.with(part(4, 0, HASHES)))).toEqual([[0, HASHES, 4]]);
    expect(places(before.with(part(4, 10, 20)))).toContainEqual([10, 20, 4]);
  });

  it('is not changed by what follows it', () => {
    const before = START.with(part(1, 10, 20));
    before.with(part(2, 0, HASHES));
    expect(places(before)).toHaveLength(3);
  });

  it('keeps of each stretch when its own commit may be deleted', () => {
    const { stretches } = START.with(part(3, 10, 20)).with(part(4, 15, 30));
    expect(stretches.map(({ expiresAt }) => expiresAt)).toEqual([0, 3_000, 4_000, 0]);
  });
});

describe('the slot of a hash', () => {
  const covered = START.with(part(1, 10, 20));

  it.each([
    [0, 0],
    [9, 0],
    [10, 1],
    [19, 1],
    [20, 0],
    [HASHES - 1, 0],
  ])('at %i is %i: a stretch has its first hash and not its last', (hash, slot) => {
    expect(covered.slotOf(hash)).toBe(slot);
  });

  it.each([-1, HASHES])('is nothing for %i, which is no hash', (hash) => {
    expect(() => covered.slotOf(hash)).toThrow(InvariantViolation);
  });
});

describe('the oldest stretch', () => {
  it('is that of the least slot, wherever it lies', () => {
    const all = START.with(part(5, 0, 10))
      .with(part(2, 10, 20))
      .with(part(3, 20, HASHES));
    expect(all.oldest).toEqual(part(2, 10, 20));
  });

  it('is the first one where a newer part has cut it in two', () => {
    expect(START.with(part(1, 10, 20)).oldest).toMatchObject({ from: 0, to: 10 });
    expect(START.with(part(1, 0, 20)).oldest).toMatchObject({ from: 20, to: HASHES });
  });
});

const edge = fc.oneof(
  fc.constantFrom(0, 1, HASHES - 1, HASHES),
  fc.nat({ max: 8 }).map((n) => (n * HASHES) / 8),
  fc.nat({ max: HASHES }),
);
const stretch = fc
  .tuple(edge, edge)
  .filter(([a, b]) => a !== b)
  .map(([a, b]): Stretch => ({ from: Math.min(a, b), to: Math.max(a, b) }));

it('covers every hash once, with the newest part that has it, whatever parts come', () => {
  fc.assert(
    fc.property(fc.array(stretch), fc.array(fc.nat({ max: HASHES - 1 })), (added, more) => {
      const parts = added.map(({ from, to }, n) => part(n + 1, from, to));
      const coverage = parts.reduce((before, each) => before.with(each), START);
      let next = 0;
      for (const { from, to } of coverage.stretches) {
        expect(from).toBe(next);
        expect(to).toBeGreaterThan(from);
        next = to;
      }
      expect(next).toBe(HASHES);
      const edges = added.flatMap(({ from, to }) => [from - 1, from, to - 1, to]);
      for (const hash of [...edges, ...more].filter((each) => each >= 0 && each < HASHES)) {
        const newest = parts.findLast(({ from, to }) => hash >= from && hash < to);
        expect(coverage.slotOf(hash)).toBe(newest?.slot ?? 0);
      }
      const { oldest, stretches } = coverage;
      const least = Math.min(...stretches.map(({ slot }) => slot));
      expect(oldest).toEqual(stretches.find(({ slot }) => slot === least));
    }),
    { numRuns: 300 },
  );
});

it('the hash of a key is its CRC-32 in UTF-8: parts are stored by it', () => {
  expect(hashOf('')).toBe(0);
  expect(hashOf('123456789')).toBe(0xcbf43926);
  expect(hashOf('é')).toBe(hashOf(Buffer.from([0xc3, 0xa9]).toString()));
  expect(hashOf('plumless')).toBe(hashOf('buckeroo'));
});
