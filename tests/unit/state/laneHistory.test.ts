/** Where a lane stood at a time, by a bounded number of reads. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_COUNTS } from '../../../shared/model/counts.ts';
import { NO_WATERMARK, processingTime } from '../../../shared/model/time.ts';
import { type LaneMark, markAt, READS_MAX } from '../../../shared/state/laneHistory.ts';

const markOf = (at: number, slot: number): LaneMark => ({
  slot,
  at: processingTime(at),
  totals: { ...NO_COUNTS, accepted: slot + 1 },
  watermark: NO_WATERMARK,
  lastValidAt: undefined,
});

/** A log of commits put at these times, of which the first ones have expired. */
function logOf(times: readonly number[], expired = 0) {
  const marks = times.map(markOf);
  const reads: number[] = [];
  const read = async (slot: number) => {
    reads.push(slot);
    return slot < expired ? undefined : marks[slot];
  };
  const find = (at: number) => markAt(marks.at(-1) as LaneMark, processingTime(at), read);
  return { reads, find };
}

const steady = (slots: number, everyMs: number) =>
  Array.from({ length: slots }, (_, slot) => slot * everyMs);

describe('the mark at a time', () => {
  it('is the head where nothing was put since, without a read', async () => {
    const { find, reads } = logOf([10, 20, 30]);
    for (const at of [30, 31]) expect(await find(at)).toMatchObject({ slot: 2 });
    expect(reads).toEqual([]);
  });

  it.each([
    [29, 1],
    [20, 1],
    [19, 0],
    [10, 0],
  ])('of %d is the last one that was put by then', async (at, slot) => {
    expect(await logOf([10, 20, 30]).find(at)).toMatchObject({ slot });
  });

  it('before a lane began has counted nothing', async () => {
    expect(await logOf([10, 20, 30]).find(9)).toMatchObject({ slot: -1, totals: NO_COUNTS });
    expect(await logOf([10]).find(9)).toMatchObject({ slot: -1, totals: NO_COUNTS });
  });

  it('is where the search of every slot finds it, whatever the gaps between commits', async () => {
    const gaps = fc.array(fc.oneof(fc.nat(3), fc.nat(100_000)), { minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(gaps, fc.nat(), async (steps, seed) => {
        let now = 0;
        const times = steps.map((step) => (now += step));
        const at = seed % (now + 2);
        const { find, reads } = logOf(times);
        const expected = times.findLastIndex((time) => time <= at);
        expect(await find(at)).toMatchObject({ slot: expected });
        expect(reads.length).toBeLessThanOrEqual(READS_MAX);
      }),
    );
  });

  it('in a log of 10 commits a second is found to some seconds', async () => {
    const times = steady(50_000, 100);
    const { find, reads } = logOf(times);
    const at = (times.at(-1) ?? 0) - 300_000;
    const { at: found } = await find(at);
    expect(at - found).toBeGreaterThanOrEqual(0);
    expect(at - found).toBeLessThan(10_000);
    expect(reads.length).toBeLessThanOrEqual(READS_MAX);
  });

  it('counts nothing twice where older commits have expired', async () => {
    // The head alone is left of a lane that was silent for long.
    expect(await logOf([10, 20, 1_000], 2).find(900)).toMatchObject({ slot: 2 });
    expect(await logOf(steady(100, 10), 95).find(955)).toMatchObject({ slot: 95 });
    expect(await logOf(steady(100, 10), 97).find(955)).toMatchObject({ slot: 97 });
  });
});
