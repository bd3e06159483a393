/** Jobs that keep something per key: the gate, the pattern and the two statuses. */
import { adBlacklist } from '../../../functions/adBlacklist/job.ts';
import { loginFail } from '../../../functions/loginFail/job.ts';
import { orderReconcile } from '../../../functions/orderReconcile/job.ts';
import { orderTimeout } from '../../../functions/orderTimeout/job.ts';
import type { Job } from '../../../shared/job/job.ts';
import type { PatternAnalysis, StatusAnalysis, WindowAnalysis } from '../analyses/analysis.ts';
import { blacklist } from '../analyses/blacklist.ts';
import { failedLogins } from '../analyses/logins.ts';
import { unmatchedMoney, unpaidOrders } from '../analyses/orders.ts';
import { clicksByProvince, windowAnalysis } from '../analyses/windows.ts';
import type { AdClick } from '../truth.ts';
import { type Trial, trial } from './trial.ts';

const SKEW = 600_000;
const TWO_MINUTES = 120_000;
const TWENTY_HOURS = 20 * 3_600_000;
const A_WEEK = 7 * 86_400_000;
const A_QUARTER = 90 * 86_400_000;

/** By job: its variants. */
export const KEYED_TRIALS: readonly (readonly Trial[])[] = [
  [blacklistTrial(3, 30_000), blacklistTrial(10, 60_000), blacklistTrial(2, 60_000, TWO_MINUTES)],
  [
    orderTrial(30_000, 2_000),
    orderTrial(900_000, 0),
    orderTrial(30_000, 2_000, { rows: { lateness: 10_000, remember: 15_000 } }),
    orderTrial(60_000, 0, { rows: { lateness: 0, remember: 0 }, stateRetention: TWO_MINUTES }),
  ],
  [
    moneyTrial(5_000, 3_000, 1_000),
    moneyTrial(60_000, 90_000, 0),
    moneyTrial(5_000, 3_000, 1_000, { rows: { lateness: 10_000, remember: 15_000 } }),
    moneyTrial(60_000, 90_000, 0, { rows: { lateness: 0, remember: 0 } }),
  ],
  [
    loginTrial(2, 2_000, 3_000),
    loginTrial(3, 30_000, 20_000),
    loginTrial(2, 60_000, 0, TWO_MINUTES),
  ],
];

function blacklistTrial(limit: number, size: number, stateRetention = A_WEEK): Trial {
  const slide = size / 3;
  const lateness = 5_000;
  const outOfOrderness = 2_000;
  const declared = adBlacklist.build({
    limit: String(limit),
    size: `${size}ms`,
    slide: `${slide}ms`,
    lateness: `${lateness}ms`,
    outOfOrderness: `${outOfOrderness}ms`,
  });
  const analysis = windowAnalysis<AdClick>({
    size,
    slide,
    lateness,
    outOfOrderness,
    rows: clicksByProvince,
    gate: blacklist(limit),
  });
  return trial(declared as Job, analysis as WindowAnalysis, stateRetention);
}

function loginTrial(
  failures: number,
  within: number,
  outOfOrderness: number,
  stateRetention = A_WEEK,
): Trial {
  const declared = loginFail.build({
    failures: String(failures),
    within: `${within}ms`,
    outOfOrderness: `${outOfOrderness}ms`,
  });
  const analysis = failedLogins({ failures, within, outOfOrderness, maxFutureSkew: SKEW });
  return trial(declared as Job, analysis as PatternAnalysis, stateRetention);
}

interface Keeping {
  readonly rows?: Exclude<StatusAnalysis['rows'], 'all'>;
  readonly stateRetention?: number;
}

function orderTrial(timeout: number, outOfOrderness: number, keeping: Keeping = {}): Trial {
  const { rows, stateRetention = A_QUARTER } = keeping;
  const declared = orderTimeout.build({
    timeout: `${timeout}ms`,
    outOfOrderness: `${outOfOrderness}ms`,
    ...rowsGiven(rows),
  });
  const timing = { timeout, outOfOrderness, maxFutureSkew: SKEW };
  const analysis = unpaidOrders({ ...timing, ...(rows ? { rows } : {}) });
  return trial(declared as unknown as Job, analysis as StatusAnalysis, stateRetention);
}

function moneyTrial(
  payWait: number,
  receiptWait: number,
  outOfOrderness: number,
  { rows }: Keeping = {},
): Trial {
  const declared = orderReconcile.build({
    payWait: `${payWait}ms`,
    receiptWait: `${receiptWait}ms`,
    outOfOrderness: `${outOfOrderness}ms`,
    ...rowsGiven(rows),
  });
  const timing = { payWait, receiptWait, outOfOrderness, maxFutureSkew: SKEW };
  const analysis = unmatchedMoney({ ...timing, ...(rows ? { rows } : {}) });
  // Longer than a source may be held up.
  const stateRetention = rows ? TWENTY_HOURS : A_QUARTER;
  return trial(declared as unknown as Job, analysis as StatusAnalysis, stateRetention);
}

function rowsGiven(rows: Keeping['rows']) {
  if (!rows) return {};
  const { lateness, remember } = rows;
  return { rows: 'problems', lateness: `${lateness}ms`, remember: `${remember}ms` };
}
