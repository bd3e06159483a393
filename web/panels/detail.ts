/** An order, a payment or a user, as a dialog: what happened when, what it means, and what belongs to it. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { OrderAnswer, TransactionAnswer } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { vars } from '../dom/vars.ts';
import { standingOf } from '../live/standing.ts';
import { type Scene, type SlotData, sourceOf } from '../scene.ts';
import type { View } from '../state/view.ts';
import { failed, skeleton } from './frame.ts';
import { type Moment, momentsOfOrder, momentsOfTransaction } from './moments.ts';
import { statusBadge } from './orders.ts';
import { userPage } from './userPage.ts';

const CLOSED = { order: undefined, transaction: undefined, profile: undefined } as const;

export function detailDialog(scene: Scene): TemplateResult {
  const { view, words, act } = scene;
  const isOpen = isDetailOpen(view);
  const close = () => isOpen && act.go(CLOSED);
  const closeOutside = (event: Event) => event.target === event.currentTarget && close();
  return html`<dialog class="detail ${view.profile === undefined ? '' : 'is-wide'}" aria-labelledby="detail-title" data-open=${isOpen} @close=${close} @click=${closeOutside}>
    ${
      isOpen
        ? html`<div class="detail-inside">
            <header>
              <h2 id="detail-title">${titleOf(scene)}</h2>
              <button type="button" class="button" @click=${close}>${words.detail.close}</button>
            </header>
            ${bodyOf(scene)}
          </div>`
        : html`<h2 id="detail-title" class="unseen">${words.detail.timeline}</h2>`
    }
  </dialog>`;
}

/** One at a time, and in this order where a link names several. */
export const isDetailOpen = ({ order, transaction, profile }: View): boolean =>
  order !== undefined || transaction !== undefined || profile !== undefined;

function titleOf({ view, words }: Scene): string {
  const { order, transaction, profile } = view;
  if (profile !== undefined) return words.profile.title(printable(profile));
  return order !== undefined
    ? words.detail.order(printable(order))
    : words.detail.transaction(printable(transaction ?? ''));
}

function bodyOf(scene: Scene): TemplateResult {
  const { order, profile } = scene.view;
  if (profile !== undefined) return bodyFrom(scene, 'profile', userPage);
  return order !== undefined
    ? bodyFrom(scene, 'order', orderDetail)
    : bodyFrom(scene, 'transaction', transactionDetail);
}

/** A dialog opens by a call, not by an attribute: after each painting it is made what the view says. */
export function syncDialog(root: ParentNode): void {
  const dialog = root.querySelector<HTMLDialogElement>('dialog.detail');
  if (!dialog) return;
  const isWanted = dialog.dataset['open'] === 'true';
  if (isWanted && !dialog.open) dialog.showModal();
  else if (!isWanted && dialog.open) dialog.close();
}

function bodyFrom<S extends 'order' | 'transaction' | 'profile'>(
  scene: Scene,
  slot: S,
  draw: (scene: Scene, data: SlotData[S]) => TemplateResult,
): TemplateResult {
  const { data, answer } = sourceOf(scene, slot);
  const standing = standingOf(data, answer, scene.clock);
  if (standing.kind === 'failed') return failed(scene, standing.failure);
  if (standing.kind === 'loading' || !data || standing.isChanging) return skeleton(scene);
  return draw(scene, data);
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
