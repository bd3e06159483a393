import { describe, expect, it } from 'vitest';
import { CANARIES } from './canaries.ts';
import { runCorpus } from './corpus.ts';
import { simulate } from './run.ts';

const SEEDS_MAX = 400;

describe('the simulator catches', () => {
  it.each(CANARIES)('$name', { timeout: 90_000 }, async ({ name, from, job }) => {
    const { failures } = await runCorpus({
      from: from ?? 1,
      count: SEEDS_MAX,
      failuresMax: 1,
      workers: 1,
      variant: name,
      ...(job ? { job } : {}),
    });
    const [caught] = failures;
    expect(caught).toBeDefined();
    // The seed fails because of the canary, and not anyway.
    if (caught) expect((await simulate(caught.seed, job ? { job } : {})).failure).toBeUndefined();
  });
});
