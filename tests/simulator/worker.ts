/** A worker process of `corpus.ts`: simulates the seeds it is told to, and reports. */
import { runSeeds } from './corpus.ts';

process.on('message', ({ from, count }: { from: number; count: number }) => {
  runSeeds(from, count).then((report) => process.send?.(report));
});
