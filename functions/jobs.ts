/** Every job of the project, for the command line, the local stack and the simulator. */
import type { JobFamily } from '../shared/index.ts';
import { hotItems } from './hotItems/job.ts';
import { pvuv } from './pvuv/job.ts';

export const JOBS: readonly JobFamily[] = [hotItems, pvuv];
