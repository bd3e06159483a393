/** Window jobs: those of the project that have no gate, and three made for their windows. The profiles and the funnel are in `users.ts`. */
import { appPromotion } from '../../../functions/appPromotion/job.ts';
import { type UserBehavior, userBehavior } from '../../../functions/hotItems/events.ts';
import { hotItems } from '../../../functions/hotItems/job.ts';
import { hotPages } from '../../../functions/hotPages/job.ts';
import { pvuv } from '../../../functions/pvuv/job.ts';
import {
  countBy,
  grouped,
  job,
  minutes,
  seconds,
  sliding,
  sum,
  topN,
  tumbling,
} from '../../../shared/index.ts';
import type { WindowJob } from '../../../shared/job/windowJob.ts';
import type { WindowAnalysis } from '../analyses/analysis.ts';
import { boards, promotion, ranking, sums, traffic, windowAnalysis } from '../analyses/windows.ts';
import type { Behavior, PageView, Promotion, StreamEvent } from '../truth.ts';
import { type Trial, trial } from './trial.ts';

const A_DAY = 86_400_000;

const pages = job({
  name: 'pages',
  version: 1,
  source: userBehavior,
  maxOutOfOrderness: seconds(1),
  maxFutureSkew: minutes(10),
  filter: (event) => event.behavior !== 'buy',
}).window({
  assign: sliding({ size: minutes(10), slide: seconds(5) }),
  allowedLateness: seconds(60),
  late: 'sideOutput',
  aggregate: countBy((event: UserBehavior) => event.itemId),
  table: { name: 'pages', partitionKey: 'board' },
  result(counts) {
    const events = [...counts.values()].reduce((all, count) => all + count, 0);
    return [{ board: 'pages', ranking: topN(counts, 3), events, keys: counts.size }];
  },
});

const takings = job({
  name: 'takings',
  version: 3,
  source: userBehavior,
  maxOutOfOrderness: seconds(4),
  maxFutureSkew: minutes(2),
}).window({
  assign: tumbling({ size: seconds(60), offset: seconds(7) }),
  allowedLateness: seconds(0),
  late: 'sideOutput',
  aggregate: grouped(
    (event: UserBehavior) => event.categoryId,
    sum((event: UserBehavior) => event.itemId.length),
  ),
  table: { name: 'takings', partitionKey: 'category' },
  result: (totals) => [...totals].map(([category, total]) => ({ category, total })),
});

const uneven = job({
  name: 'uneven',
  version: 1,
  source: userBehavior,
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: minutes(10),
}).window({
  assign: sliding({ size: seconds(25), slide: seconds(10), offset: seconds(3) }),
  allowedLateness: seconds(15),
  late: 'sideOutput',
  aggregate: countBy((event: UserBehavior) => event.itemId),
  table: { name: 'uneven', partitionKey: 'board' },
  result(counts) {
    const events = [...counts.values()].reduce((all, count) => all + count, 0);
    return [
      { board: 'uneven', ranking: topN(counts, 2), events, keys: counts.size },
      // Says the same again after every second event: rows may be equal that are made of different events.
      { board: 'parity', isOdd: events % 2 === 1 },
    ];
  },
});

const isPage = ({ method, url }: PageView): boolean =>
  method === 'GET' && !['.css', '.js', '.png', '.ico'].some((ending) => url.endsWith(ending));

/** By job: its variants. */
export const WINDOW_TRIALS: readonly (readonly Trial[])[] = [
  [
    windowTrial(
      hotItems.build({ top: '3', size: '20s', slide: '5s', lateness: '10s', outOfOrderness: '3s' }),
      { size: 20_000, slide: 5_000, lateness: 10_000, outOfOrderness: 3_000, rows: boards(3) },
    ),
  ],
  [
    windowTrial<Behavior>(pvuv.build({ size: '30s', lateness: '20s', outOfOrderness: '5s' }), {
      size: 30_000,
      slide: 30_000,
      lateness: 20_000,
      outOfOrderness: 5_000,
      accepts: (event) => event.behavior === 'pv',
      rows: traffic,
    }),
    // Days that begin at four.
    windowTrial<Behavior>(pvuv.build({ size: '1d', zone: 'America/Caracas', lateness: '20s' }), {
      size: A_DAY,
      slide: A_DAY,
      offset: A_DAY / 6,
      lateness: 20_000,
      accepts: (event) => event.behavior === 'pv',
      rows: traffic,
    }),
  ],
  [
    windowTrial<Behavior>(pages, {
      size: 600_000,
      slide: 5_000,
      lateness: 60_000,
      outOfOrderness: 1_000,
      accepts: (event) => event.behavior !== 'buy',
      rows: (events) => [{ key: 'pages', content: ranking(events, (e) => e.itemId, 3) }],
    }),
  ],
  [
    windowTrial(takings as unknown as WindowJob, {
      size: 60_000,
      slide: 60_000,
      offset: 7_000,
      outOfOrderness: 4_000,
      maxFutureSkew: 120_000,
      rows: sums,
    }),
  ],
  [
    windowTrial<Behavior>(uneven, {
      size: 25_000,
      slide: 10_000,
      offset: 3_000,
      lateness: 15_000,
      rows: (events) => [
        { key: 'uneven', content: ranking(events, (e) => e.itemId, 2) },
        { key: 'parity', content: { isOdd: events.length % 2 === 1 } },
      ],
    }),
  ],
  [
    // 12 slices a window, and 120 as it is by default.
    pagesTrial({ size: '60s', lateness: '10s' }, 60_000, 10_000),
    pagesTrial({}, 600_000, 60_000),
  ],
  [
    promotionTrial({ size: '60s', outOfOrderness: '2s', lateness: '5s' }, 60_000, 2_000, 5_000),
    // 720 slices a window.
    promotionTrial({}, 3_600_000, 0, 0),
  ],
];

function pagesTrial(texts: Record<string, string>, size: number, lateness: number): Trial {
  return windowTrial<PageView>(hotPages.build(texts), {
    size,
    slide: 5_000,
    lateness,
    outOfOrderness: 1_000,
    accepts: isPage,
    rows: (events) => [{ key: 'pages', content: ranking(events, ({ url }) => url, 3) }],
  });
}

function promotionTrial(
  texts: Record<string, string>,
  size: number,
  outOfOrderness: number,
  lateness: number,
): Trial {
  return windowTrial<Promotion>(appPromotion.build(texts), {
    size,
    slide: 5_000,
    lateness,
    outOfOrderness,
    accepts: ({ behavior }) => behavior !== 'UNINSTALL',
    rows: promotion,
  });
}

export function windowTrial<Event extends StreamEvent>(
  declared: WindowJob<never, never, never> | WindowJob,
  analysis: Parameters<typeof windowAnalysis<Event>>[0],
): Trial {
  return trial(declared as WindowJob, windowAnalysis(analysis) as WindowAnalysis);
}
