/** The test of a canary. */
import { describe, expect, it } from 'vitest';
import type { Canary } from './canaries/canary.ts';
import { seedThatCatches, worldOf } from './canariesCaught.ts';
import { runCorpus } from './corpus.ts';
import { simulate } from './run.ts';

export function expectCaught(canaries: readonly Canary[]): void {
  describe('the simulator catches', () => {
    it.each(canaries)('$name', { timeout: 240_000 }, async (canary) => {
      const seed = await seedThatCatches(canary);
      expect(seed).toBeDefined();
      if (seed === undefined) return;
      // The seed fails because of the canary, and not anyway. (Low limits need a process of their own.)
      const only = { ...worldOf(canary), from: seed, count: 1, failuresMax: 1 };
      const sane = canary.limits
        ? (await runCorpus(only)).failures
        : await failuresHere(seed, canary.job);
      expect(sane).toEqual([]);
    });
  });
}

async function failuresHere(seed: number, job: string | undefined): Promise<unknown[]> {
  const { failure } = await simulate(seed, job ? { job } : {});
  return failure ? [failure] : [];
}
