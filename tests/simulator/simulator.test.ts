import { describe, expect, it } from 'vitest';
import { runCorpus } from './corpus.ts';
import { simulate } from './run.ts';
import { situationsMissing } from './situations.ts';

describe('window jobs in a world of faults', () => {
  it('keep every promise on 400 seeds, which meet every interesting situation', {
    timeout: 120_000,
  }, async () => {
    const { seeds, failures, situations } = await runCorpus({
      from: 1,
      count: 400,
      failuresMax: 3,
    });
    const shown = failures.map(
      ({ seed, phase, checker, message }) =>
        `${phase}/${checker}: ${message} (npm run simulate -- --seed ${seed} --trace)`,
    );
    expect(shown).toEqual([]);
    expect(seeds).toBe(400);
    expect(situationsMissing(situations.counts)).toEqual([]);
  });

  it('do the same again for the same seed', async () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      const [first, second] = [await simulate(seed), await simulate(seed)];
      expect(second.traceHash, `seed ${seed}`).toBe(first.traceHash);
    }
  });
});
