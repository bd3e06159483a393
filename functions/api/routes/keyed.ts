/** All there is of one user, order or transaction. */
import * as z from 'zod';
import { type ApiContext, NO_ROWS, type RowList } from '../context.ts';
import { orderAnswer, transactionAnswer, userAnswer } from '../contract/answers.ts';
import { idParam, nothing } from '../contract/requests.ts';
import { HttpProblem } from '../httpProblem.ts';
import { quoted } from '../quoted.ts';
import { BYTES_MAX, rowsUpTo } from '../reading/rowsUpTo.ts';
import { keyOf, route, rowOf, shown } from './route.ts';

const ROWS_MAX = 100;
/** Two such lists stand in one answer. */
const LIST_BYTES_MAX = BYTES_MAX / 2;

const params = z.strictObject({ id: idParam });

async function factsOf(context: ApiContext, name: string, id: string): Promise<RowList> {
  const table = context.tables.get(name);
  const pk = table && keyOf(context, table, id);
  if (table === undefined || pk === undefined) return NO_ROWS;
  const bounds = { limit: ROWS_MAX, bytesMax: LIST_BYTES_MAX };
  const { rows } = await rowsUpTo(context, table, { pk, order: 'descending', ...bounds });
  return shown(context, table, { rows });
}

/** What the other attribute names, where it does. */
const linked = (context: ApiContext, name: string, id: unknown) =>
  typeof id === 'string' ? rowOf(context, name, id) : undefined;

export const keyedRoutes = [
  route({
    path: '/v1/users/{id}',
    summary: 'The login alerts and the blocks of a user',
    params,
    query: nothing,
    answer: userAnswer,
    async read(context, { params: { id } }) {
      const [alerts, blocks] = await Promise.all([
        factsOf(context, 'login-alerts', id),
        factsOf(context, 'ad-blacklist', id),
      ]);
      return { userId: id, alerts, blocks };
    },
  }),
  route({
    path: '/v1/orders/{id}',
    summary: 'An order, and the transaction that paid it',
    params,
    query: nothing,
    answer: orderAnswer,
    may404: true,
    async read(context, { params: { id } }) {
      const order = await rowOf(context, 'order-status', id);
      if (order === undefined) throw unknown('order', id);
      const transaction = await linked(context, 'reconciliation', order['txId']);
      return { order, transaction: transaction ?? null };
    },
  }),
  route({
    path: '/v1/transactions/{id}',
    summary: 'A transaction, and the order that it paid',
    params,
    query: nothing,
    answer: transactionAnswer,
    may404: true,
    async read(context, { params: { id } }) {
      const transaction = await rowOf(context, 'reconciliation', id);
      if (transaction === undefined) throw unknown('transaction', id);
      const order = await linked(context, 'order-status', transaction['orderId']);
      return { transaction, order: order ?? null };
    },
  }),
];

const unknown = (what: string, id: string): HttpProblem =>
  new HttpProblem(404, `there is no ${what} ${quoted(id)}`, 'id');
