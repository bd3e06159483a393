/** Every job, in the order of `docs` and of the command line's help. */
import type { JobFamily } from '../shared/index.ts';
import { hotItems } from './hotItems/job.ts';
import { pvuv } from './pvuv/job.ts';

export const JOBS: readonly JobFamily[] = [hotItems, pvuv];
