/** A worker process of `corpus.ts`: simulates the seeds it is told to, and reports. */
import { CANARIES } from './canaries.ts';
import type { WorkerTask } from './corpus.ts';
import { releaseCanary } from './mutate.ts';

const [, , canaryName] = process.argv;
const canary = CANARIES.find(({ name }) => name === canaryName);
if (canary) releaseCanary(canary);
else if (canaryName !== undefined) throw new Error(`there is no canary "${canaryName}"`);

// Only now: a canary changes modules as they are loaded.
const { runSeeds } = await import('./corpus.ts');

process.on('message', (task: WorkerTask) => {
  runSeeds(task).then((report) => process.send?.(report));
});
process.send?.('ready');
