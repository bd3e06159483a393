/** Orders and payments that somebody should look at. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { OrderPage, TransactionPage } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { nowOf, type Scene, type Source, sourceOr } from '../scene.ts';
import { segmented, select } from './controls.ts';
import { panel } from './frame.ts';

type Order = OrderPage['rows'][number];
type Transaction = TransactionPage['rows'][number];

const PROBLEMS = {
  orders: ['timedOut', 'paidLate', 'paidWithoutCreate', 'conflict'],
  transactions: ['unmatchedPay', 'unmatchedReceipt', 'conflict'],
} as const;

export function ordersPanel(scene: Scene): TemplateResult {
  const { words, view } = scene;
  const isOrders = view.list === 'orders';
  const none = isOrders ? words.orders.empty : words.orders.emptyTransactions;
  const rows = isOrders ? orderLines(scene) : transactionLines(scene);
  return panel<Lines>(scene, {
    name: 'orders',
    title: words.orders.title,
    source: rows,
    tools: tools(scene),
    isEmpty: ({ lines }) => lines.length === 0,
    empty: view.problem === undefined ? none : words.orders.emptyFilter,
    body: ({ lines, isMore }) => html`
      ${table(scene, lines)}
      ${isMore && (view.panel === 'orders' || view.problem !== undefined) ? html`<p class="note">${words.panel.isMore}</p>` : nothing}
    `,
  });
}

function tools({ words, view, act }: Scene): TemplateResult {
  const { list, listLabel, all, statuses, status } = words.orders;
  const problems = PROBLEMS[view.list];
  return html`
    ${segmented({
      label: listLabel,
      options: [
        ['orders', list.orders],
        ['transactions', list.transactions],
      ],
      chosen: view.list,
      choose: (chosen) => act.go({ list: chosen, problem: undefined }),
    })}
    ${select<string>({
      label: status,
      options: [['', all], ...problems.map((each) => [each, statuses[each]] as const)],
      chosen: view.problem ?? '',
      choose: (chosen) => act.go({ problem: chosen === '' ? undefined : chosen }),
    })}
  `;
}

interface Line {
  readonly id: string;
  readonly status: Order['status'] | Transaction['status'];
  readonly since: string | undefined;
  readonly details: readonly string[];
  readonly open: () => void;
}

interface Lines {
  readonly lines: readonly Line[];
  readonly isMore: boolean;
}

function orderLines(scene: Scene): Source<Lines> {
  const { data, answer } = sourceOr(scene, 'orders', ({ orders }) => orders);
  const lines = data?.rows.map(
    (order): Line => ({
      id: order.orderId,
      status: order.status,
      since: order.problemAt,
      details: orderDetails(scene, order),
      open: () => scene.act.go({ order: order.orderId, transaction: undefined }),
    }),
  );
  return { data: lines && { lines, isMore: data?.next !== undefined }, answer };
}

function transactionLines(scene: Scene): Source<Lines> {
  const { data, answer } = sourceOr(scene, 'transactions', ({ transactions }) => transactions);
  const lines = data?.rows.map(
    (row): Line => ({
      id: row.txId,
      status: row.status,
      since: row.problemAt,
      details: transactionDetails(scene, row),
      open: () => scene.act.go({ transaction: row.txId, order: undefined }),
    }),
  );
  return { data: lines && { lines, isMore: data?.next !== undefined }, answer };
}

function orderDetails({ words, formats }: Scene, { paidAt, deadline, txId }: Order): string[] {
  const late =
    paidAt === undefined || deadline === undefined
      ? Number.NaN
      : Date.parse(paidAt) - Date.parse(deadline);
  return [
    ...(late > 0 ? [words.orders.late(formats.duration(late))] : []),
    ...(deadline !== undefined && paidAt === undefined
      ? [`${words.detail.deadline} ${formats.time(deadline)}`]
      : []),
    ...(txId === undefined ? [] : [`${words.orders.transaction} ${printable(txId)}`]),
  ];
}

function transactionDetails({ words, formats }: Scene, row: Transaction): string[] {
  const { payChannel, orderId, deltaMs } = row;
  const { channel, delta, deltaBefore, order } = words.orders;
  const distance = formats.duration(deltaMs ?? 0);
  return [
    ...(payChannel === undefined ? [] : [channel(printable(payChannel))]),
    ...(deltaMs === undefined ? [] : [deltaMs < 0 ? deltaBefore(distance) : delta(distance)]),
    ...(orderId === undefined ? [] : [`${order} ${printable(orderId)}`]),
  ];
}

function table(scene: Scene, lines: readonly Line[]): TemplateResult {
  const { words, view } = scene;
  const { order, transaction, status, since, amount } = words.orders;
  return html`<table class="list">
    <thead>
      <tr>
        <th scope="col">${view.list === 'orders' ? order : transaction}</th>
        <th scope="col">${status}</th>
        <th scope="col">${since}</th>
        <th scope="col">${amount}</th>
      </tr>
    </thead>
    <tbody>
      ${repeat(
        lines,
        ({ id }) => id,
        (line) => lineOf(scene, line),
      )}
    </tbody>
  </table>`;
}

function lineOf(scene: Scene, { id, status, since, details, open }: Line): TemplateResult {
  const { words, formats } = scene;
  const name = printable(id);
  return html`<tr data-flip=${`orders\n${id}`}>
    <th scope="row">
      <button type="button" class="link id" aria-haspopup="dialog" title=${words.orders.open(name)} @click=${open}>${name}</button>
    </th>
    <td>${statusBadge(scene, status)}</td>
    <td class="time">${since === undefined ? '' : formats.time(since, nowOf(scene))}</td>
    <td class="cut details" title=${details.join(' · ')}>${details.join(' · ')}</td>
  </tr>`;
}

const WELL: readonly string[] = ['paid', 'matched'];
const OPEN: readonly string[] = ['awaitingPay', 'awaitingCreate', 'awaitingReceipt'];

export function statusBadge({ words }: Scene, status: Line['status']): TemplateResult {
  const kind = WELL.includes(status) ? 'well' : OPEN.includes(status) ? 'open' : 'problem';
  return html`<span class="status status-${kind} status-${status}">${words.orders.statuses[status]}</span>`;
}
