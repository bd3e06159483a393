/** The first screen, how the jobs are, and whether there is anybody at all. */

import { closingKey } from '../../../shared/state/keys.ts';
import type { ApiContext, RowList } from '../context.ts';
import { healthAnswer, jobsAnswer, overview } from '../contract/answers.ts';
import { nothing, overviewQuery } from '../contract/requests.ts';
import { readJobs } from '../reading/jobs.ts';
import { type OverviewRows, readOverview } from '../reading/overview.ts';
import { route, shown } from './route.ts';

/** How the jobs are is read from the heads of all lanes, which may be large, and changes with the minutes. */
const JOBS_KEEP_MS = 10_000;

/** The table of each list. */
const TABLES = {
  hotItems: 'hot-items',
  hotPages: 'hot-pages',
  traffic: 'pvuv',
  promotion: 'app-promotion',
  channels: 'app-promotion',
  adClicks: 'ad-clicks',
  blacklist: 'ad-blacklist',
  loginAlerts: 'login-alerts',
  orders: 'order-status',
  transactions: 'reconciliation',
} as const satisfies Record<keyof OverviewRows['lists'], string>;

export const pipelineRoutes = [
  route({
    path: '/v1/overview',
    summary: 'All that the first screen needs',
    params: nothing,
    query: overviewQuery,
    answer: overview,
    async read(context, { query: { at } }) {
      const { lists, ...figures } = await readOverview(context, at);
      const { promotion, channels, ...others } = shownLists(context, lists);
      const shownPromotion = { windows: promotion.rows, channels: channels.rows };
      return { ...figures, ...others, promotion: shownPromotion };
    },
  }),
  route({
    path: '/v1/jobs',
    summary: 'How far each job is, what came of its events, and what needs attention',
    params: nothing,
    query: nothing,
    answer: jobsAnswer,
    keepMs: JOBS_KEEP_MS,
    read: (context) => readJobs(context),
  }),
  route({
    path: '/v1/health',
    summary: 'Whether the API answers, and reaches the state table',
    params: nothing,
    query: nothing,
    answer: healthAnswer,
    async read({ stage, state, jobs: [first] }) {
      if (first) await state.get(closingKey(first.job.id), 'eventual');
      return { status: 'ok', stage };
    },
  }),
];

function shownLists(
  context: ApiContext,
  lists: OverviewRows['lists'],
): Record<keyof OverviewRows['lists'], RowList> {
  const entries = Object.entries(lists) as [keyof typeof lists, RowList][];
  return Object.fromEntries(
    entries.map(([name, list]) => {
      const table = context.tables.get(TABLES[name]);
      return [name, table === undefined ? list : shown(context, table, list)];
    }),
  ) as Record<keyof OverviewRows['lists'], RowList>;
}
