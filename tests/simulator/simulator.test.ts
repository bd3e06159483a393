/** The corpus that every change is checked with: the same seeds each time, and what they have to meet. */
import { describe, expect, it } from 'vitest';
import { runCorpus } from './corpus.ts';
import { simulate } from './run.ts';
import type { SeedFailure } from './seeds.ts';
import { situationsMissing, situationsMissingWhenTight } from './situations.ts';

// The machines that check a change differ by several times.
const TIMEOUT_MS = 400_000;

describe('jobs of every kind in a world of faults', () => {
  it('keep every promise on 300 seeds, which meet every interesting situation', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { seeds, failures, situations } = await runCorpus({
      from: 12_600,
      count: 300,
      failuresMax: 3,
    });
    expect(failures.map(shown)).toEqual([]);
    expect(seeds).toBe(300);
    expect(situationsMissing(situations.counts)).toEqual([]);
  });

  it('keep them on 120 seeds when limits are low', { timeout: TIMEOUT_MS }, async () => {
    const { seeds, failures, situations } = await runCorpus({
      from: 1,
      count: 120,
      failuresMax: 3,
      limits: 'tight',
    });
    expect(failures.map(shown)).toEqual([]);
    expect(seeds).toBe(120);
    expect(situationsMissingWhenTight(situations.counts)).toEqual([]);
  });

  it('do the same again for the same seed', { timeout: TIMEOUT_MS }, async () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const [first, second] = [await simulate(seed), await simulate(seed)];
      expect(second.traceHash, `seed ${seed}`).toBe(first.traceHash);
    }
  });
});

const shown = ({ seed, phase, checker, message }: SeedFailure): string =>
  `seed ${seed}, ${phase}/${checker}: ${message}`;
