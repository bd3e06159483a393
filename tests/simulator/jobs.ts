/**
 * The jobs under simulation: real declarations with small windows, each as deployed (with two faults of its
 * own: it cannot parse a behaviour, and throws on a user) and as mended later, beside the oracle's analysis.
 */

import { type UserBehavior, userBehavior } from '../../functions/hotItems/events.ts';
import { hotItems } from '../../functions/hotItems/job.ts';
import { pvuv } from '../../functions/pvuv/job.ts';
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
  type WindowJob,
} from '../../shared/index.ts';
import { type Analysis, boards, ranking, sums, traffic } from './analyses.ts';
import { MENDED_BEHAVIOR, POISON_USER, UNKNOWN_BEHAVIOR } from './truth.ts';

export interface Trial {
  readonly name: string;
  readonly deployed: WindowJob;
  readonly mended: WindowJob;
  readonly analysis: Analysis;
}

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
    return [{ board: 'uneven', ranking: topN(counts, 2), events, keys: counts.size }];
  },
});

export const TRIALS: readonly Trial[] = [
  trial(
    hotItems.build({
      top: '3',
      size: '20s',
      slide: '5s',
      lateness: '10s',
      outOfOrderness: '3s',
    }),
    { size: 20_000, slide: 5_000, lateness: 10_000, outOfOrderness: 3_000, rows: boards(3) },
  ),
  trial(pvuv.build({ size: '30s', lateness: '20s', outOfOrderness: '5s' }), {
    size: 30_000,
    slide: 30_000,
    lateness: 20_000,
    outOfOrderness: 5_000,
    accepts: (event) => event.behavior === 'pv',
    rows: traffic,
  }),
  trial(pages, {
    size: 600_000,
    slide: 5_000,
    lateness: 60_000,
    outOfOrderness: 1_000,
    accepts: (event) => event.behavior !== 'buy',
    rows: (events) => [{ key: 'pages', content: ranking(events, (e) => e.itemId, 3) }],
  }),
  trial(takings as unknown as WindowJob, {
    size: 60_000,
    slide: 60_000,
    offset: 7_000,
    outOfOrderness: 4_000,
    maxFutureSkew: 120_000,
    rows: sums,
  }),
  trial(uneven, {
    size: 25_000,
    slide: 10_000,
    offset: 3_000,
    lateness: 15_000,
    rows: (events) => [{ key: 'uneven', content: ranking(events, (e) => e.itemId, 2) }],
  }),
];

function trial(
  declared: WindowJob<never, never, never> | WindowJob,
  analysis: Partial<Analysis> & Pick<Analysis, 'size' | 'slide' | 'rows'>,
): Trial {
  const mended = withBehavior(declared as WindowJob);
  return {
    name: mended.name,
    deployed: { ...throwingOnPoison(mended), source: (declared as WindowJob).source },
    mended,
    analysis: {
      offset: 0,
      lateness: 0,
      outOfOrderness: 0,
      maxFutureSkew: 600_000,
      accepts: () => true,
      ...analysis,
    },
  };
}

/** The same job, able to read the behaviour that it could not. */
function withBehavior(declared: WindowJob): WindowJob {
  const parse = (value: unknown) => declared.source.parse(understood(value));
  return { ...declared, source: { ...declared.source, parse } };
}

function understood(value: unknown): unknown {
  const isUnknown = typeof value === 'object' && value !== null && 'behavior' in value;
  return isUnknown && value.behavior === UNKNOWN_BEHAVIOR
    ? { ...value, behavior: MENDED_BEHAVIOR }
    : value;
}

/** The same job, with code that throws half-way through adding an event. */
function throwingOnPoison(declared: WindowJob): WindowJob {
  const add = (into: unknown, event: unknown): void => {
    declared.aggregate.add(into, event);
    if ((event as UserBehavior).userId === POISON_USER) throw new TypeError('cannot read it');
  };
  return { ...declared, aggregate: { ...declared.aggregate, add } };
}
