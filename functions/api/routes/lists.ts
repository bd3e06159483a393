/** The newest facts and problems. */

import type { ApiContext } from '../context.ts';
import { blockPage, loginAlertPage, orderPage, transactionPage } from '../contract/answers.ts';
import { alertsQuery, blacklistQuery, nothing, problemsQuery } from '../contract/requests.ts';
import { readBlocks } from '../reading/blocks.ts';
import { type ListQuery, readList } from '../reading/listed.ts';
import { route, shown, tableNamed } from './route.ts';

async function newest(context: ApiContext, name: string, query: ListQuery) {
  const table = tableNamed(context, name);
  return shown(context, table, await readList(context, table, query));
}

export const listRoutes = [
  route({
    path: '/v1/ad-blacklist',
    summary: 'Users whose clicks on an ad count no more that day, the newest first',
    params: nothing,
    query: blacklistQuery,
    answer: blockPage,
    async read(context, { query }) {
      const table = tableNamed(context, 'ad-blacklist');
      return shown(context, table, await readBlocks(context, table, query));
    },
  }),
  route({
    path: '/v1/login-alerts',
    summary: 'Failed logins in quick succession, the newest first',
    params: nothing,
    query: alertsQuery,
    answer: loginAlertPage,
    read: (context, { query: { before: to, ...query } }) =>
      newest(context, 'login-alerts', { ...query, to }),
  }),
  route({
    path: '/v1/orders',
    summary: 'Orders with a problem, the newest first',
    params: nothing,
    query: problemsQuery,
    answer: orderPage,
    read: (context, { query }) => newest(context, 'order-status', query),
  }),
  route({
    path: '/v1/transactions',
    summary: 'Transactions with a problem, the newest first',
    params: nothing,
    query: problemsQuery,
    answer: transactionPage,
    read: (context, { query }) => newest(context, 'reconciliation', query),
  }),
];
