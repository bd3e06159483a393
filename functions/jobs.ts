/** Every job of the project, for the command line, the local stack and the simulator. */
import type { JobFamily } from '../shared/index.ts';
import { adBlacklist } from './adBlacklist/job.ts';
import { appPromotion } from './appPromotion/job.ts';
import { hotItems } from './hotItems/job.ts';
import { hotPages } from './hotPages/job.ts';
import { loginFail } from './loginFail/job.ts';
import { orderReconcile } from './orderReconcile/job.ts';
import { orderTimeout } from './orderTimeout/job.ts';
import { pvuv } from './pvuv/job.ts';

export const JOBS: readonly JobFamily[] = [
  hotItems,
  hotPages,
  pvuv,
  appPromotion,
  adBlacklist,
  loginFail,
  orderTimeout,
  orderReconcile,
];
