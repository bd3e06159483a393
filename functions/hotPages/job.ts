/** Which pages are hot now: the URLs with the most requests. */
import {
  countBy,
  duration,
  job,
  minutes,
  parameterized,
  sliding,
  topN,
  wholeNumber,
} from '../../shared/index.ts';
import { type PageView, pageViews } from './events.ts';

export const hotPages = parameterized(
  {
    top: wholeNumber(3, { min: 1, max: 50 }, 'how many pages the ranking has'),
    size: duration('10min', 'length of a window'),
    slide: duration('5s', 'how often a window ends'),
    lateness: duration('60s', 'how long a closed window still takes requests'),
    outOfOrderness: duration('1s', 'how far the watermark trails the greatest event time'),
  },
  ({ top, size, slide, lateness, outOfOrderness }) =>
    job({
      name: 'hot-pages',
      version: 1,
      source: pageViews,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
      filter: ({ method, url }) => method === 'GET' && !STYLING.test(url),
    }).window({
      assign: sliding({ size, slide }),
      allowedLateness: lateness,
      late: 'sideOutput',
      aggregate: countBy((request: PageView) => request.url),
      table: { name: 'hot-pages', partitionKey: 'board' },
      result: (counts) => {
        let events = 0;
        for (const count of counts.values()) events += count;
        return [{ board: 'pages', ranking: topN(counts, top), events, keys: counts.size }];
      },
      headline: { of: 'pages', show: ({ ranking }) => ranking },
    }),
);

/** What pages are made of. Only at the very end: with a query string behind it, it is a page of its own. */
const STYLING = /\.(css|js|png|ico)$/;
