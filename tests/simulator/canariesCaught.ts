/** The test of a canary: some seed fails with it that does not fail without. */
import { describe, expect, it } from 'vitest';
import type { Canary } from './canaries/canary.ts';
import { runCorpus } from './corpus.ts';
import { simulate } from './run.ts';

const SEEDS_MAX = 300;

export function expectCaught(canaries: readonly Canary[]): void {
  describe('the simulator catches', () => {
    it.each(canaries)('$name', { timeout: 240_000 }, async ({ name, from = 1, job, limits }) => {
      const world = { ...(job ? { job } : {}), ...(limits ? { limits } : {}), workers: 1 };
      const { failures } = await runCorpus({
        ...world,
        from,
        count: SEEDS_MAX,
        failuresMax: 1,
        canary: name,
      });
      const [caught] = failures;
      expect(caught).toBeDefined();
      if (!caught) return;
      // The seed fails because of the canary, and not anyway. (Low limits need a process of their own.)
      const only = { ...world, from: caught.seed, count: 1, failuresMax: 1 };
      const sane = limits ? (await runCorpus(only)).failures : await failuresHere(caught.seed, job);
      expect(sane).toEqual([]);
    });
  });
}

async function failuresHere(seed: number, job: string | undefined): Promise<unknown[]> {
  const { failure } = await simulate(seed, job ? { job } : {});
  return failure ? [failure] : [];
}
