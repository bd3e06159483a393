/** A worker process of `corpus.ts`: simulates the seeds it is told to, and reports. */
import { CANARIES } from './canaries.ts';
import { TIGHT_LIMITS } from './limits.ts';
import { loadVariants } from './mutate.ts';
import type { WorkerTask } from './seeds.ts';

const [, , ...names] = process.argv;
loadVariants(
  names.map((wanted) => {
    const variant = [TIGHT_LIMITS, ...CANARIES].find(({ name }) => name === wanted);
    if (!variant) throw new Error(`there is no variant "${wanted}"`);
    return variant;
  }),
);

// Only now: a variant changes modules as they are loaded.
const { runSeeds } = await import('./seeds.ts');

process.on('message', (task: WorkerTask) => {
  runSeeds(task).then((report) => process.send?.(report));
});
process.send?.('ready');
