/** Which seed catches a canary: some seed fails with it that does not fail without. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Canary } from './canaries/canary.ts';
import { CANARIES } from './canaries.ts';
import { runCorpus } from './corpus.ts';

const SEEDS_MAX = 300;
/** By canary the seed that caught it last. What changes in the engine or in the worlds only makes it a bad guess. */
const CAUGHT_BY = new URL('./canaries/caughtBy.json', import.meta.url);

const lastCaught: Readonly<Record<string, number>> = JSON.parse(readFileSync(CAUGHT_BY, 'utf8'));

/** The first seed from the one that caught it last on; undefined where none of many does. */
export async function seedThatCatches(canary: Canary): Promise<number | undefined> {
  const from = lastCaught[canary.name] ?? 1;
  const { failures } = await runCorpus({
    ...worldOf(canary),
    from,
    count: SEEDS_MAX,
    failuresMax: 1,
    canary: canary.name,
  });
  return failures[0]?.seed;
}

export const worldOf = ({ job, limits }: Canary) => ({
  ...(job ? { job } : {}),
  ...(limits ? { limits } : {}),
  workers: 1,
});

/** Looks for the seeds anew where they have moved, and writes them down. Gives the names of canaries that none catches. */
export async function writeCaughtBy(onProgress: (done: number) => void): Promise<string[]> {
  const caughtBy: Record<string, number> = {};
  const missed: string[] = [];
  for (const [i, canary] of CANARIES.entries()) {
    const seed = await seedThatCatches(canary);
    if (seed === undefined) missed.push(canary.name);
    // Where none is found, the next search begins where this one did.
    caughtBy[canary.name] = seed ?? lastCaught[canary.name] ?? 1;
    onProgress(i + 1);
  }
  writeFileSync(CAUGHT_BY, `${JSON.stringify(caughtBy, undefined, 2)}\n`);
  return missed;
}
