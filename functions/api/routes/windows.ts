/** Rankings and counts per window. */
import * as z from 'zod';
import { type ApiContext, NO_ROWS } from '../context.ts';
import {
  adClicksPage,
  funnelPage,
  promotionPage,
  rankingPage,
  trafficPage,
} from '../contract/answers.ts';
import { idParam, nothing, type WindowsQuery, windowsQuery } from '../contract/requests.ts';
import { readWindows } from '../reading/windows.ts';
import { keyOf, route, shown, tableNamed } from './route.ts';

const query = windowsQuery;

/** Windows of a table under a key of its own. */
async function windowsUnder(
  context: ApiContext,
  { table: name, key: id }: { readonly table: string; readonly key: string },
  asked: WindowsQuery,
) {
  const table = tableNamed(context, name);
  const key = keyOf(context, table, id);
  const list = key === undefined ? NO_ROWS : await readWindows(context, table, key, asked);
  return shown(context, table, list);
}

export const windowRoutes = [
  route({
    path: '/v1/hot-items/{board}',
    summary: 'The most popular items or categories, by kind of behaviour: items:pv, categories:buy',
    params: z.strictObject({ board: idParam }),
    query,
    answer: rankingPage,
    read: (context, { params: { board: key }, query: asked }) =>
      windowsUnder(context, { table: 'hot-items', key }, asked),
  }),
  route({
    path: '/v1/hot-pages',
    summary: 'The most popular pages',
    params: nothing,
    query,
    answer: rankingPage,
    read: (context, { query: asked }) =>
      windowsUnder(context, { table: 'hot-pages', key: 'pages' }, asked),
  }),
  route({
    path: '/v1/pvuv',
    summary: 'Page views and distinct visitors',
    params: nothing,
    query,
    answer: trafficPage,
    read: (context, { query: asked }) =>
      windowsUnder(context, { table: 'pvuv', key: 'all' }, asked),
  }),
  route({
    path: '/v1/funnel',
    summary: 'How many users viewed, put in the cart and bought, in all categories together',
    params: nothing,
    query,
    answer: funnelPage,
    read: (context, { query: asked }) =>
      windowsUnder(context, { table: 'funnel', key: 'all' }, asked),
  }),
  route({
    path: '/v1/funnel/{category}',
    summary: 'The same of a category, in windows in which it was one of those with most viewers',
    params: z.strictObject({ category: idParam }),
    query,
    answer: funnelPage,
    read: (context, { params: { category: key }, query: asked }) =>
      windowsUnder(context, { table: 'funnel', key }, asked),
  }),
  route({
    path: '/v1/app-promotion',
    summary: 'What all channels brought together, and each of them',
    params: nothing,
    query,
    answer: promotionPage,
    read: (context, { query: asked }) =>
      windowsUnder(context, { table: 'app-promotion', key: 'total' }, asked),
  }),
  route({
    path: '/v1/app-promotion/{channel}',
    summary: 'Clicks, downloads and installations of a channel',
    params: z.strictObject({ channel: idParam }),
    query,
    answer: promotionPage,
    read: (context, { params: { channel: key }, query: asked }) =>
      windowsUnder(context, { table: 'app-promotion', key }, asked),
  }),
  route({
    path: '/v1/ad-clicks',
    summary: 'Ad clicks of all provinces together, and of each of them',
    params: nothing,
    query,
    answer: adClicksPage,
    read: (context, { query: asked }) =>
      windowsUnder(context, { table: 'ad-clicks', key: 'total' }, asked),
  }),
  route({
    path: '/v1/ad-clicks/{province}',
    summary: 'Ad clicks of a province',
    params: z.strictObject({ province: idParam }),
    query,
    answer: adClicksPage,
    read: (context, { params: { province: key }, query: asked }) =>
      windowsUnder(context, { table: 'ad-clicks', key }, asked),
  }),
];
