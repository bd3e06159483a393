/** How far the sources of a repartition stream are together, and what is stored of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { minutes, seconds } from '../../../../shared/index.ts';
import { arrivalTime, NO_WATERMARK, watermarkAt } from '../../../../shared/model/time.ts';
import {
  inheritedClocks,
  NO_SOURCES,
  type SourceClocks,
  SourceClocksDraft,
} from '../../../../shared/operators/status/sourceClocks.ts';
import { sourcesFrom, storedSources } from '../../../../shared/state/lane/sourceMarks.ts';

const LIVES = { streams: ['a', 'b'], idleAfter: seconds(60), keptFor: minutes(10) };

/** W in seconds behind each of these: what which source says, of which stream, with W and arrival in seconds. */
function heard(
  said: readonly (readonly [source: string, watermark: number, arrival?: number])[],
  before: SourceClocks = NO_SOURCES,
) {
  const draft = new SourceClocksDraft(before, LIVES);
  const reached = said.map(([source, watermark, arrival]) => {
    const progress = {
      kind: 'progress' as const,
      stream: source.charAt(0),
      watermark: watermarkAt(watermark * 1_000),
      arrival: arrival === undefined ? undefined : arrivalTime(arrival * 1_000),
    };
    return draft.note(source, progress) / 1_000;
  });
  return { reached, clocks: draft.finish() };
}

const NONE = Number.NEGATIVE_INFINITY;

describe('the watermark of a repartition stream', () => {
  it('is the least of its sources', () => {
    expect(
      heard([
        ['a1', 10, 100],
        ['b1', 5, 100],
        ['a2', 7, 100],
        ['b1', 20, 101],
      ]).reached,
    ).toEqual([NONE, 5, 5, 7]);
  });

  it.each([
    [160, NONE],
    [161, 12],
  ])('waits for a stream that was not heard yet, at %i s: %d', (arrival, is) => {
    expect(
      heard([
        ['a1', 10, 100],
        ['a1', 12, arrival],
      ]).reached[1],
    ).toBe(is);
  });

  it.each([
    [160, 5],
    [161, 30],
  ])('leaves a source out that had nothing valid for a minute, at %i s: %d', (arrival, is) => {
    expect(
      heard([
        ['b1', 5, 100],
        ['a1', 30, arrival],
      ]).reached[1],
    ).toBe(is);
    // Garbage alone says nothing of when.
    expect(
      heard([
        ['b1', 5, 100],
        ['a1', 30, arrival],
        ['b1', 5],
      ]).reached[2],
    ).toBe(is);
  });

  it('goes with no source a way back', () => {
    const { reached, clocks } = heard([
      ['a1', 10, 100],
      ['b1', 8, 100],
      ['b1', 3, 50],
    ]);
    expect(reached).toEqual([NONE, 8, 8]);
    expect(clocks.get('b1')).toEqual({ watermark: 8_000, arrival: 100_000 });
  });
});

it('what was silent for long is left out', () => {
  const { clocks } = heard([
    ['b1', 5, 100],
    ['a1', 30, 100],
    ['a1', 900, 701],
  ]);
  expect([...clocks.keys()]).toEqual(['a1']);
});

it('a child begins where the slower of its parents is', () => {
  const left = heard([
    ['a1', 10, 100],
    ['b1', 8, 100],
  ]).clocks;
  const right = heard([
    ['a1', 12, 110],
    ['b2', 9, 90],
  ]).clocks;
  const both = inheritedClocks([left, right]);
  expect(both.get('a1')).toEqual({ watermark: 10_000, arrival: 110_000 });
  expect([...both.keys()].sort()).toEqual(['a1', 'b1', 'b2']);
});

describe('stored', () => {
  const clock = fc.record({
    watermark: fc.oneof(fc.constant(NO_WATERMARK), fc.integer().map(watermarkAt)),
    arrival: fc.nat().map(arrivalTime),
  });
  const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });

  it('they come back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(names, clock)), (entries) => {
        const clocks = new Map(entries);
        expect(sourcesFrom(storedSources(clocks))).toEqual(clocks);
        const shuffled = new Map([...clocks].reverse());
        expect(Buffer.compare(storedSources(shuffled), storedSources(clocks))).toBe(0);
      }),
    );
  });

  it('one more costs some bytes', () => {
    const many = (count: number): SourceClocks =>
      new Map(
        Array.from({ length: count }, (_, n) => [
          `order-reconcile@2/orders/shardId-${String(n).padStart(12, '0')}`,
          {
            watermark: watermarkAt(1_767_603_600_000 + 37 * n),
            arrival: arrivalTime(1_767_603_600_500 + 11 * n),
          },
        ]),
      );
    const bytes = (count: number) => storedSources(many(count)).length;
    expect((bytes(200) - bytes(100)) / 100).toBeLessThan(10);
  });

  it.each([['text'], [Uint8Array.of(1)], [Uint8Array.of(2, 1, 3)]])('damaged: %j', (stored) => {
    expect(() => sourcesFrom(stored)).toThrow(InvariantViolation);
  });
});
