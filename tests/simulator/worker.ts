/** A worker process of `corpus.ts`: simulates the seeds it is told to, and reports. */
import { CANARIES } from './canaries.ts';
import { TIGHT_LIMITS } from './limits.ts';
import { loadVariant } from './mutate.ts';
import type { WorkerTask } from './seeds.ts';

const [, , variantName] = process.argv;
const variant = [TIGHT_LIMITS, ...CANARIES].find(({ name }) => name === variantName);
if (variant) loadVariant(variant);
else if (variantName !== undefined) throw new Error(`there is no variant "${variantName}"`);

// Only now: a variant changes modules as they are loaded.
const { runSeeds } = await import('./seeds.ts');

process.on('message', (task: WorkerTask) => {
  runSeeds(task).then((report) => process.send?.(report));
});
process.send?.('ready');
