/** Who seems to be guessing a password. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { LoginAlertPage } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { nowOf, type Scene, type Source, sourceOf, sourceOr } from '../scene.ts';
import { toggled } from '../state/view.ts';
import { panel } from './frame.ts';
import { pageButton } from './members.ts';

type Alert = LoginAlertPage['rows'][number];

export function loginsPanel(scene: Scene): TemplateResult {
  const { words, view } = scene;
  return panel(scene, {
    name: 'logins',
    title: words.logins.title,
    source: alertsOf(scene),
    isEmpty: ({ rows }) => rows.length === 0,
    empty: view.user === undefined ? words.logins.empty : words.user.none,
    body: ({ rows, next }) => html`
      <ul class="facts">
        ${repeat(
          rows,
          ({ userId, alertId }) => `${userId}\n${alertId}`,
          (row) => alert(scene, row),
        )}
      </ul>
      ${next !== undefined && view.panel === 'logins' ? html`<p class="note">${words.panel.isMore}</p>` : nothing}
    `,
  });
}

function alertsOf(scene: Scene): Source<LoginAlertPage> {
  const { user, at } = scene.view;
  if (user === undefined) return sourceOr(scene, 'logins', ({ loginAlerts }) => loginAlerts);
  const { data, answer } = sourceOf(scene, 'user');
  if (data === undefined || at === undefined) return { data: data?.alerts, answer };
  const { rows, ...page } = data.alerts;
  const then = rows.filter(({ lastFail }) => Date.parse(lastFail) <= Date.parse(at));
  return { data: { ...page, rows: then }, answer };
}

function alert(scene: Scene, row: Alert): TemplateResult {
  const { words, formats } = scene;
  const length = Date.parse(row.lastFail) - Date.parse(row.firstFail);
  const ips = row.ips.map(printable).join(', ');
  return html`<li data-flip=${`logins\n${row.userId}\n${row.alertId}`}>
    <span class="fact-main">
      ${userButton(scene, row.userId)} ${pageButton(scene, row.userId, 'sign')}
      <span class="count">${words.logins.failures(formats.number(row.failures), row.failures)}</span>
    </span>
    <span class="fact-time">${formats.time(row.lastFail, nowOf(scene))}</span>
    <span class="fact-note cut" title=${ips}>
      ${words.logins.within(formats.duration(length))}${ips === '' ? nothing : html` · ${words.logins.from(ips, row.ips.length)}`}
    </span>
  </li>`;
}

/** A click filters all that is known of a user. */
export function userButton({ view, act, words }: Scene, userId: string): TemplateResult {
  const name = printable(userId);
  return html`<button
    type="button"
    class="link id"
    aria-pressed=${view.user === userId}
    title=${`${words.filters.user} ${name}`}
    @click=${() => act.go(toggled(view, 'user', userId))}
  >${name}</button>`;
}
