/** An order or a payment, as a dialog: what happened when, what it means, and what belongs to it. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { OrderAnswer, TransactionAnswer } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { vars } from '../dom/vars.ts';
import { standingOf } from '../live/standing.ts';
import { type Scene, sourceOf } from '../scene.ts';
import { failed, skeleton } from './frame.ts';
import { type Moment, momentsOfOrder, momentsOfTransaction } from './moments.ts';
import { statusBadge } from './orders.ts';

export function detailDialog(scene: Scene): TemplateResult {
  const { view, words, act } = scene;
  const { order, transaction } = view;
  const isOpen = order !== undefined || transaction !== undefined;
  const title =
    order !== undefined
      ? words.detail.order(printable(order))
      : words.detail.transaction(printable(transaction ?? ''));
  const close = () => isOpen && act.go({ order: undefined, transaction: undefined });
  const closeOutside = (event: Event) => event.target === event.currentTarget && close();
  return html`<dialog class="detail" aria-labelledby="detail-title" data-open=${isOpen} @close=${close} @click=${closeOutside}>
    ${
      isOpen
        ? html`<div class="detail-inside">
            <header>
              <h2 id="detail-title">${title}</h2>
              <button type="button" class="button" @click=${close}>${words.detail.close}</button>
            </header>
            ${order !== undefined ? orderBody(scene) : transactionBody(scene)}
          </div>`
        : html`<h2 id="detail-title" class="unseen">${words.detail.timeline}</h2>`
    }
  </dialog>`;
}

/** A dialog opens by a call, not by an attribute: after each painting it is made what the view says. */
export function syncDialog(root: ParentNode): void {
  const dialog = root.querySelector<HTMLDialogElement>('dialog.detail');
  if (!dialog) return;
  const isWanted = dialog.dataset['open'] === 'true';
  if (isWanted && !dialog.open) dialog.showModal();
  else if (!isWanted && dialog.open) dialog.close();
}

function orderBody(scene: Scene) {
  const { data, answer } = sourceOf(scene, 'order');
  const standing = standingOf(data, answer, scene.clock);
  if (standing.kind === 'failed') return failed(scene, standing.failure);
  if (standing.kind === 'loading' || !data || standing.isChanging) return skeleton(scene);
  return orderDetail(scene, data);
}

function transactionBody(scene: Scene) {
  const { data, answer } = sourceOf(scene, 'transaction');
  const standing = standingOf(data, answer, scene.clock);
  if (standing.kind === 'failed') return failed(scene, standing.failure);
  if (standing.kind === 'loading' || !data || standing.isChanging) return skeleton(scene);
  return transactionDetail(scene, data);
}

function orderDetail(scene: Scene, { order, transaction }: OrderAnswer): TemplateResult {
  const { words, act } = scene;
  const other = transaction?.txId;
  return html`
    <p class="verdict">${statusBadge(scene, order.status)} ${words.orders.meaning[order.status]}</p>
    ${timeline(scene, momentsOfOrder(order, transaction ?? undefined))} ${claims(scene, order.claims)}
    ${
      other === undefined
        ? nothing
        : html`<p class="other">
            ${words.detail.otherTransaction}:
            <button type="button" class="link id" @click=${() => act.go({ order: undefined, transaction: other })}>${printable(other)}</button>
            ${transaction ? statusBadge(scene, transaction.status) : nothing}
          </p>`
    }
  `;
}

function transactionDetail(scene: Scene, { transaction, order }: TransactionAnswer) {
  const { words, act } = scene;
  const other = transaction.orderId;
  return html`
    <p class="verdict">${statusBadge(scene, transaction.status)} ${words.orders.meaning[transaction.status]}</p>
    ${timeline(scene, momentsOfTransaction(transaction, order ?? undefined))}
    ${claims(scene, transaction.claims)}
    ${
      other === undefined
        ? nothing
        : html`<p class="other">
            ${words.detail.otherOrder}:
            <button type="button" class="link id" @click=${() => act.go({ order: other, transaction: undefined })}>${printable(other)}</button>
            ${order ? statusBadge(scene, order.status) : nothing}
          </p>`
    }
  `;
}

function timeline(scene: Scene, moments: readonly Moment[]): TemplateResult {
  const { words, formats } = scene;
  const [first] = moments;
  if (!first) return html`<p class="empty">${words.detail.none}</p>`;
  const length = Math.max(1, (moments.at(-1) as Moment).at - first.at);
  return html`<h3>${words.detail.timeline}</h3>
    <div class="track" aria-hidden="true">
      ${moments.map(({ kind, at }) => html`<i class="moment-${kind}" ${vars({ '--at': (at - first.at) / length })}></i>`)}
    </div>
    <ol class="timeline">
      ${moments.map(
        ({ kind, at }, i) => html`<li class="moment-${kind}">
          <span class="moment-name">${words.detail[kind]}</span>
          <time datetime=${new Date(at).toISOString()}>${formats.moment(at)}</time>
          ${i === 0 ? nothing : html`<span class="moment-later">${laterText(scene, at - (moments[i - 1] as Moment).at)}</span>`}
        </li>`,
      )}
    </ol>`;
}

const laterText = ({ words, formats }: Scene, ms: number): string =>
  ms === 0 ? words.detail.same : words.detail.later(formats.duration(ms));

function claims(scene: Scene, all: OrderAnswer['order']['claims']) {
  const { words, formats } = scene;
  if (!all || all.length === 0) return nothing;
  return html`<h3>${words.detail.claims}</h3>
    <ul class="claims">
      ${all.map(
        ({ kind, id, at }) =>
          html`<li><b>${printable(kind)}</b> <span class="id">${printable(id)}</span> <time datetime=${at}>${formats.moment(at)}</time></li>`,
      )}
    </ul>`;
}
