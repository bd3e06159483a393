/** All there is of one order or transaction. */
import * as z from 'zod';
import type { Item } from '../../../shared/ports/table.ts';
import type { ApiContext } from '../context.ts';
import { orderAnswer, transactionAnswer } from '../contract/answers.ts';
import { idParam, nothing } from '../contract/requests.ts';
import { HttpProblem } from '../httpProblem.ts';
import { quoted } from '../quoted.ts';
import { isKey, keyOf, route } from './route.ts';

const params = z.strictObject({ id: idParam });

/** A row as it is stored: links go by what it holds, not by what is shown of it. */
async function storedRow(
  context: ApiContext,
  name: string,
  key: unknown,
): Promise<Item | undefined> {
  if (typeof key !== 'string' || !isKey(key) || !context.tables.has(name)) return undefined;
  const [row] = await context.rows.batchGet(name, [{ pk: key, sk: '' }]);
  return row;
}

function askedFor(context: ApiContext, name: string, id: string): Promise<Item | undefined> {
  const table = context.tables.get(name);
  return storedRow(context, name, table && keyOf(context, table, id));
}

function shownRow({ tables, view }: ApiContext, name: string, row: Item | undefined): Item | null {
  const table = tables.get(name);
  return table && row ? view.show(table, row) : null;
}

const ORDERS = 'order-status';
const TRANSACTIONS = 'reconciliation';

export const keyedRoutes = [
  route({
    path: '/v1/orders/{id}',
    summary: 'An order, and the transaction that paid it',
    params,
    query: nothing,
    answer: orderAnswer,
    may404: true,
    async read(context, { params: { id } }) {
      const order = await askedFor(context, ORDERS, id);
      if (order === undefined) throw unknown('order', id);
      const transaction = await storedRow(context, TRANSACTIONS, order['txId']);
      return {
        order: shownRow(context, ORDERS, order),
        transaction: shownRow(context, TRANSACTIONS, transaction),
      };
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
      const transaction = await askedFor(context, TRANSACTIONS, id);
      if (transaction === undefined) throw unknown('transaction', id);
      const order = await storedRow(context, ORDERS, transaction['orderId']);
      return {
        transaction: shownRow(context, TRANSACTIONS, transaction),
        order: shownRow(context, ORDERS, order),
      };
    },
  }),
];

const unknown = (what: string, id: string): HttpProblem =>
  new HttpProblem(404, `there is no ${what} ${quoted(id)}`, 'id');
