/** What a commit says of its lane's keyed store, as it is stored. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../../shared/errors.ts';
import type { Lane } from '../../../../shared/model/lane.ts';
import { processingTime } from '../../../../shared/model/time.ts';
import { HASHES } from '../../../../shared/operators/keyed/coverage.ts';
import { commitOf, itemOf, withoutContent } from '../../../../shared/state/lane/laneLog.ts';
import {
  type StoreMarks,
  storedStoreMarks,
  storeMarksOf,
} from '../../../../shared/state/lane/storeMarks.ts';
import { TestEngine } from '../../../support/engine.ts';
import { gatedJob, signal } from '../../../support/signals.ts';

const LANE: Lane = { job: 'gated', stream: 'signals', shard: 's' };
const hash = fc.oneof(fc.constantFrom(0, 1, HASHES - 1), fc.nat({ max: HASHES - 1 }));
const content = fc.oneof(
  fc.uint8Array(),
  fc.record({ id: fc.string(), chunks: fc.integer({ min: 1, max: 99 }) }),
);
const part = fc.tuple(hash, hash, fc.option(content, { nil: undefined })).map(([a, b, each]) => ({
  from: Math.min(a, b),
  to: Math.max(a, b) + 1,
  ...(each === undefined ? {} : { content: each }),
}));
const marks: fc.Arbitrary<StoreMarks> = fc.record(
  {
    part,
    keptFrom: fc.nat(),
    keptExpires: fc.integer({ min: 1, max: 9e15 }).map(processingTime),
    adopting: hash,
  },
  { requiredKeys: [] },
);

describe('the marks of a keyed store', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(marks, (written) => {
        expect(storeMarksOf(storedStoreMarks(written))).toEqual(written);
      }),
    );
  });

  it('are no attributes where there are none', () => {
    expect(storedStoreMarks({})).toEqual({});
    expect(storeMarksOf({})).toEqual({});
  });

  it('are there where they are 0: the first slot, the first hash', () => {
    const first = { part: { from: 0, to: 1 }, keptFrom: 0, adopting: 0 };
    expect(storeMarksOf(storedStoreMarks(first))).toEqual(first);
  });

  it('do not take for a hash what format 2 called so', () => {
    expect(storeMarksOf({ adopting: [1, 'a'] })).toEqual({});
  });

  it.each([
    [0, 0],
    [5, 5],
    [6, 5],
    [-1, 5],
    [0, HASHES + 1],
    [Number.NaN, 5],
    [0, Number.NaN],
  ])('are refused with a part from hash %d to %d', (from, to) => {
    expect(() => storeMarksOf({ part: [from, to] })).toThrow(InvariantViolation);
    expect(() => storeMarksOf({ part: [from, to] })).toThrow(`from hash ${from} to ${to}`);
  });

  it('may be a part of all hashes, and of the last one', () => {
    for (const [from, to] of [
      [0, HASHES],
      [HASHES - 1, HASHES],
    ] as const) {
      expect(storeMarksOf({ part: [from, to] })).toEqual({ part: { from, to } });
    }
  });
});

it('a commit keeps them through its item, and without its content all but the part', async () => {
  const shards = new TestEngine(gatedJob());
  await shards.put('s', [signal('a', 'x', 0)]);
  const head = await shards.head('s');
  const written: StoreMarks = {
    part: { from: 3, to: 9, content: Uint8Array.of(1, 2) },
    keptFrom: 4,
    keptExpires: processingTime(1_511_665_200_123),
    adopting: 9,
  };
  if (!head) throw new Error('no head');
  const commit = { ...head, ...written };
  expect(commitOf(itemOf(LANE, commit))).toEqual(commit);
  const { part: _part, ...kept } = written;
  expect(withoutContent(commit)).toMatchObject(kept);
  expect(withoutContent(commit)).not.toHaveProperty('part');
  expect(withoutContent(commit)).not.toHaveProperty('changes');
});
