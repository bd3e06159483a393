/** Requests to the web server. Stream `page-views`, partitioned by URL. */
import * as z from 'zod';
import { epochMilliseconds, id, source } from '../../shared/index.ts';

/** As long as browsers and proxies are sure to take; a ranking of them still fits a row. */
const URL_LENGTH_MAX = 2_048;

const pageViewSchema = z.object({
  ip: id(),
  /** As it stood in the request: `GET`, in capitals. */
  method: id(),
  /** Path and query string, as they stood in the request. */
  url: id({ lengthMax: URL_LENGTH_MAX }),
  timestamp: epochMilliseconds(),
});

export type PageView = z.output<typeof pageViewSchema>;

export const pageViews = source({
  stream: 'page-views',
  schema: pageViewSchema,
  eventTime: 'timestamp',
  partitionKey: 'url',
  webLog: ['ip', 'timestamp', 'method', 'url'],
});
