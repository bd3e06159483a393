/** Requests to a web server: pages, what pages load, and what only bots send. */
import type { PageView } from '../truth.ts';
import type { StreamModel } from './model.ts';

const ENDINGS = ['', '/', '?page=2', '.css', '.png'] as const;

export const pageViews: StreamModel = {
  name: 'page-views',
  partitionKey: (random, variety) => `/${random.below(variety)}${random.pick(ENDINGS)}`,
  event: (url, timestamp, random): PageView => ({
    ip: `10.0.0.${random.below(4)}`,
    method: random.chance(0.8) ? 'GET' : random.pick(['POST', 'HEAD']),
    url,
    timestamp,
  }),
  garbage: [
    '{"ip":"10.0.0.1","method":"GET","timestamp":1511658000000}',
    '{"ip":"10.0.0.1","method":"GET","url":"","timestamp":1511658000000}',
    '{"ip":"10.0.0.1","method":"GET","url":"/","timestamp":"1511658000000"}',
  ],
};
