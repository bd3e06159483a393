/**
 * How much of each job is simulated at each rate, so that all of it takes a minute and shows what the long run costs.
 *
 * - A stretch is measured after a warm-up that has filled what the job looks back on: an hour of slices, the payments of
 *   orders, the timers that fall due. Every stretch has the job's own rhythm in it: the end of a five-minute slide, pvuv's
 *   end of an hour, time-outs after 15 minutes.
 * - Where the keys grow with the rate (see `traffic.ts`), the job's state is a sum over its keys, and a part of them is
 *   simulated. A keyed job's units are multiplied by what it is a part of: its lanes have nothing to do with each other, so
 *   as small a share of the lanes is simulated, with batches that are nearly as full as they will be. (What lanes cost each
 *   other, a nudged run reading the head of every lane, counts too rarely: half a percent of the reads of 39 lanes.) A
 *   window job's closer merges all lanes, and all are simulated, at two rates: what its batches and runs write whatever is in
 *   them, and what events add, lie on a line (hot items at five times the rate wrote 6 % less than the line says); reads are
 *   multiplied.
 * - Of a job with windows of days, a stretch within a day is measured, and then the end of that day, which counts once a day.
 * - Where the keys do not grow (pages, channels), the stretch has the whole rate. The warm-up may be thinner: its slices hold
 *   the same keys with smaller counts.
 */
import type { JobFamily } from '../../shared/index.ts';
import { SHOP_RATE } from './traffic.ts';

export interface CostPlan {
  readonly warmUpMinutes: number;
  readonly measuredMinutes: number;
  /** More are not simulated, in the stretch and in the warm-up before it. */
  readonly rateMax: number;
  readonly warmUpRateMax: number;
  readonly lanes: 'all' | 'share';
  /** Of a job whose windows are days. */
  readonly days?: DaysPlan;
}

export interface DaysPlan {
  /** When the simulated day ends, after its stretch, and from its beginning. */
  readonly endsAfterMinutes: number;
  /** Users come once a day, for so long. Those of a sample stay all day, and do a hundred times as much as people do. */
  readonly visitMinutes: number;
}

const WHOLE_RATE = Number.POSITIVE_INFINITY;
/** Of a window job by user or item; and of a keyed job. */
const WINDOW_RATE = 300;
const KEYED_RATE = SHOP_RATE;

const windowPlan = (warmUpMinutes: number, measuredMinutes: number): CostPlan => ({
  warmUpMinutes,
  measuredMinutes,
  rateMax: WINDOW_RATE,
  warmUpRateMax: WINDOW_RATE,
  lanes: 'all',
});

const keyedPlan = (warmUpMinutes: number, measuredMinutes: number): CostPlan => ({
  warmUpMinutes,
  measuredMinutes,
  rateMax: KEYED_RATE,
  warmUpRateMax: KEYED_RATE,
  lanes: 'share',
});

const PLANS: Readonly<Record<string, CostPlan>> = {
  'hot-items': windowPlan(60, 5),
  // The end of an hour is in twelve minutes, so it counts five times as often as it comes; of the hour before it a third is
  // there, so it costs a third as much to read.
  pvuv: { ...windowPlan(53, 12), warmUpRateMax: SHOP_RATE },
  // With one end of an hour, which counts as often as it comes, and all of that hour before it.
  funnel: windowPlan(5, 60),
  // A day's content is compacted for hours until as much of it is as large as it becomes. Its end is that of the day in Shanghai. A user does
  // eleven things a day, as in Taobao's data (100 million by a million users in nine days). Writes are in proportion, too.
  'user-profile': {
    ...windowPlan(60, 295),
    rateMax: SHOP_RATE,
    warmUpRateMax: SHOP_RATE,
    days: { endsAfterMinutes: 360, visitMinutes: 15 },
  },
  'hot-pages': { ...windowPlan(12, 1), rateMax: WHOLE_RATE, warmUpRateMax: 1_000 },
  'app-promotion': { ...windowPlan(61, 1), rateMax: WHOLE_RATE, warmUpRateMax: SHOP_RATE },
  'ad-blacklist': keyedPlan(6, 5),
  'login-fail': keyedPlan(3, 5),
  // Orders time out after 15 minutes; nearly all payments come within 11.
  'order-timeout': keyedPlan(17, 4),
  // With their first hour, in which what is well is remembered, parts of snapshots would be as large as they become.
  'order-timeout, rows of problems': keyedPlan(17, 4),
  'order-reconcile': keyedPlan(12, 4),
  'order-reconcile, rows of problems': keyedPlan(17, 4),
};

/** Whether there is one. Of a job that is new, and of what its stream carries, nobody has said how much there is. */
export const isPlanned = ({ name }: JobFamily): boolean => Object.hasOwn(PLANS, name);

export function planOf({ name }: JobFamily): CostPlan {
  const plan = PLANS[name];
  if (!plan) throw new Error(`${name}: add what to simulate of it to PLANS in bench/cost/plans.ts`);
  return plan;
}
