/** Which items and categories are hot now: eight boards, one per kind of behaviour. */
import {
  combine,
  countBy,
  duration,
  grouped,
  type IdTotals,
  job,
  minutes,
  parameterized,
  sliding,
  topN,
  wholeNumber,
} from '../../shared/index.ts';
import { type UserBehavior, userBehavior } from './events.ts';

export const hotItems = parameterized(
  {
    top: wholeNumber(5, { min: 1, max: 100 }, 'how many ids a ranking has'),
    size: duration('1h', 'length of a window'),
    slide: duration('5min', 'how often a window ends'),
    lateness: duration('0s', 'how long a closed window still takes events'),
    outOfOrderness: duration('0s', 'how far the watermark trails the greatest event time'),
  },
  ({ top, size, slide, lateness, outOfOrderness }) =>
    job({
      name: 'hot-items',
      version: 1,
      source: userBehavior,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
    }).window({
      assign: sliding({ size, slide }),
      allowedLateness: lateness,
      late: 'sideOutput',
      aggregate: combine({
        items: grouped(
          behavior,
          countBy((event: UserBehavior) => event.itemId),
        ),
        categories: grouped(
          behavior,
          countBy((event: UserBehavior) => event.categoryId),
        ),
      }),
      table: { name: 'hot-items', partitionKey: 'board' },
      result: ({ items, categories }) => [
        ...[...items].map(([name, counts]) => board(`items:${name}`, counts, top)),
        ...[...categories].map(([name, counts]) => board(`categories:${name}`, counts, top)),
      ],
      headline: { of: 'items:pv', show: ({ ranking }) => ranking },
    }),
);

function behavior(event: UserBehavior): string {
  return event.behavior;
}

function board(name: string, counts: IdTotals, top: number) {
  let events = 0;
  for (const count of counts.values()) events += count;
  return { board: name, ranking: topN(counts, top), events, keys: counts.size };
}
