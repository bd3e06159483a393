/** Every job of the project, for the deployment, the command line, the local stack and the simulator. */
import { type JobFamily, jobList } from '../shared/index.ts';
import { adBlacklist } from './adBlacklist/job.ts';
import { appPromotion } from './appPromotion/job.ts';
import { funnel } from './funnel/job.ts';
import { hotItems } from './hotItems/job.ts';
import { hotPages } from './hotPages/job.ts';
import { loginFail } from './loginFail/job.ts';
import { orderReconcile } from './orderReconcile/job.ts';
import { orderTimeout } from './orderTimeout/job.ts';
import { pvuv } from './pvuv/job.ts';
import { userProfile } from './userProfile/job.ts';

/**
 * The job of every ingest function, by the function's name, which is its folder's. Two versions of a job may stand here,
 * each with a function and a result table of its own; see docs/operations.md. Two that share an id or a table are refused
 * wherever the list is read: by commands, the local stack and the deployment.
 */
export const INGEST_JOBS: Readonly<Record<string, JobFamily>> = jobList({
  hotItems,
  hotPages,
  pvuv,
  appPromotion,
  adBlacklist,
  loginFail,
  orderTimeout,
  orderReconcile,
  userProfile,
  funnel,
});

export const JOBS: readonly JobFamily[] = Object.values(INGEST_JOBS);
