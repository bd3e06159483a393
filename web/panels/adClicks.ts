/** Ad clicks by province, without those of users who are on the blacklist; and who is on it. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { AdClicksPage, BlockPage } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { bars } from '../charts/bars.ts';
import { linesChart } from '../charts/lines.ts';
import { changeOf, rowBefore } from '../charts/marks.ts';
import { movesOf, rankedCounts } from '../charts/ranking.ts';
import { pointsOf } from '../charts/series.ts';
import { nowOf, type Scene, type Source, sourceOf, sourceOr } from '../scene.ts';
import { toggled } from '../state/view.ts';
import { panel } from './frame.ts';
import { userButton } from './logins.ts';
import { pageButton } from './members.ts';

type Row = AdClicksPage['rows'][number];
type Block = BlockPage['rows'][number];

const SHOWN = 10;
const SHOWN_WIDE = 100;
const TRAIL_HEIGHT = 130;

export function adClicksPanel(scene: Scene): TemplateResult {
  const { words } = scene;
  const { data, answer } = sourceOf(scene, 'overview');
  return panel(scene, {
    name: 'adClicks',
    title: words.ads.title,
    source: { data: data?.adClicks, answer },
    windowOf: ({ rows }) => rows[0],
    isEmpty: ({ rows }) => rows.length === 0,
    empty: words.ads.empty,
    body: ({ rows }) => html`${provinces(scene, rows)} ${trail(scene)}`,
  });
}

function provinces(scene: Scene, rows: readonly Row[]): TemplateResult {
  const { words, formats, view, act } = scene;
  const [row] = rows;
  if (!row) return html``;
  const before = rowBefore(rows);
  const change = changeOf(row.count, before?.count);
  const all = rankedCounts(row.provinces ?? {});
  const moved = movesOf(all, before?.provinces && rankedCounts(before.provinces));
  const shown = moved.slice(0, view.panel === 'adClicks' ? SHOWN_WIDE : SHOWN);
  const rest = moved.length - shown.length;
  return html`
    <p class="sum">
      <span>${words.ads.total}</span> <b>${formats.number(row.count)}</b>
      ${change === undefined ? nothing : html`<span class="against">${formats.change(change)}</span>`}
    </p>
    ${
      all.length === 0
        ? html`<p class="empty">${words.ads.noProvinces}</p>`
        : bars(scene, {
            name: 'provinces',
            label: words.ads.title,
            rows: shown,
            chosen: view.province,
            choose: (id) => act.go(toggled(view, 'province', id)),
            note: ({ count }) => formats.percent(row.count === 0 ? 0 : count / row.count),
            isProvisional: !row.final,
          })
    }
    ${rest > 0 ? html`<button type="button" class="link more" @click=${() => act.go({ panel: 'adClicks' })}>${words.panel.more(formats.number(rest))}</button>` : nothing}
  `;
}

function trail(scene: Scene) {
  const { words, view } = scene;
  const { data } = sourceOf(scene, 'province');
  if (view.province === undefined || data === undefined) return nothing;
  const label = words.ranking.trail(printable(view.province));
  return html`<div class="trail">
    <h3>${label}</h3>
    ${
      data.rows.length === 0
        ? html`<p class="empty">${words.ads.empty}</p>`
        : linesChart(scene, {
            name: 'trail-province',
            label,
            absent: words.window.gap,
            height: TRAIL_HEIGHT,
            lines: [
              {
                name: words.ads.clicks,
                tone: 1,
                points: pointsOf(data.rows, ({ count }) => count),
              },
            ],
          })
    }
  </div>`;
}

export function blacklistPanel(scene: Scene): TemplateResult {
  const { words } = scene;
  return panel(scene, {
    name: 'blacklist',
    title: words.blacklist.title,
    source: blocksOf(scene),
    isEmpty: ({ rows }) => rows.length === 0,
    empty: scene.view.user === undefined ? words.blacklist.empty : words.user.none,
    body: ({ rows, next }) => html`
      <ul class="facts">
        ${repeat(
          rows,
          ({ userId, adDay }) => `${userId}\n${adDay}`,
          (row) => block(scene, row),
        )}
      </ul>
      ${next !== undefined && scene.view.panel === 'blacklist' ? html`<p class="note">${words.panel.isMore}</p>` : nothing}
    `,
  });
}

/** Of one user, of the last hundred, or of the overview. A day's list knows no time, so that is left out here. */
function blocksOf(scene: Scene): Source<BlockPage> {
  const { at, user } = scene.view;
  const source: Source<BlockPage> =
    user === undefined ? sourceOr(scene, 'blacklist', ({ blacklist }) => blacklist) : ofUser(scene);
  if (at === undefined || source.data === undefined) return source;
  const { rows, ...page } = source.data;
  const then = rows.filter(({ blockedAt }) => Date.parse(blockedAt) <= Date.parse(at));
  return { ...source, data: { ...page, rows: then } };
}

function ofUser(scene: Scene): Source<BlockPage> {
  const { data, answer } = sourceOf(scene, 'user');
  return { data: data?.blocks, answer };
}

function block(scene: Scene, { userId, adId, blockedAt, limit }: Block): TemplateResult {
  const { words, formats } = scene;
  return html`<li data-flip=${`blocks\n${userId}\n${adId}`}>
    <span class="fact-main">${userButton(scene, userId)} ${pageButton(scene, userId, 'sign')}</span>
    <span class="fact-time">${formats.time(blockedAt, nowOf(scene))}</span>
    <span class="fact-note">
      <span class="cut" title=${printable(adId)}>${words.blacklist.ad} ${printable(adId)}</span> ·
      ${words.blacklist.limit(formats.number(limit))}
    </span>
  </li>`;
}
