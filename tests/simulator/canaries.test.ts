import { describe, expect, it } from 'vitest';
import { CANARIES } from './canaries.ts';
import { runCorpus } from './corpus.ts';

const SEEDS_MAX = 400;

describe('the simulator catches', () => {
  it.each(CANARIES.map(({ name }) => name))('%s', { timeout: 60_000 }, async (canary) => {
    const { failures } = await runCorpus({
      from: 1,
      count: SEEDS_MAX,
      failuresMax: 1,
      workers: 1,
      variant: canary,
    });
    expect(failures).not.toHaveLength(0);
  });
});
