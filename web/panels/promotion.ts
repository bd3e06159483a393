/** From a click to an app that is installed, by channel. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Overview, PromotionPage } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { linesChart } from '../charts/lines.ts';
import { changeOf, rowBefore } from '../charts/marks.ts';
import { pointsOf } from '../charts/series.ts';
import { vars } from '../dom/vars.ts';
import { type Scene, type Source, sourceOf } from '../scene.ts';
import { toggled } from '../state/view.ts';
import { panel } from './frame.ts';

type Row = PromotionPage['rows'][number];

const STAGES = ['CLICK', 'DOWNLOAD', 'INSTALL'] as const;
const TRAIL_HEIGHT = 130;

export function promotionPanel(scene: Scene): TemplateResult {
  const { words } = scene;
  const { data, answer } = sourceOf(scene, 'overview');
  const source: Source<Overview['promotion']> = { data: data?.promotion, answer };
  return panel(scene, {
    name: 'promotion',
    title: words.promotion.title,
    source,
    windowOf: ({ windows }) => windows[0],
    isEmpty: ({ windows }) => windows.length === 0,
    empty: words.promotion.empty,
    body: ({ windows, channels }) => html`
      ${windows[0] ? total(scene, windows[0], rowBefore(windows)) : nothing}
      ${channelList(scene, channels)} ${trail(scene)}
    `,
  });
}

/** Three bars, each a part of the first: what is lost on the way is what is missing. */
function total(scene: Scene, { counts, final }: Row, before: Row | undefined): TemplateResult {
  const { words, formats } = scene;
  return html`<ol class="funnel ${final ? '' : 'is-provisional'}" aria-label=${words.promotion.all}>
    ${STAGES.map((stage, i) => {
      const share = counts[stage] / Math.max(1, counts.CLICK);
      const change = changeOf(counts[stage], before?.counts[stage]);
      const previous = STAGES[i - 1];
      const kept = previous && counts[previous] > 0 ? counts[stage] / counts[previous] : undefined;
      return html`<li>
        <span class="funnel-stage">${words.promotion.stage[stage]}</span>
        <span class="funnel-count">${formats.number(counts[stage])}</span>
        <span class="funnel-note">
          ${kept === undefined ? (change === undefined ? nothing : formats.change(change)) : words.promotion.step(formats.percent(kept))}
        </span>
        <span class="funnel-track" aria-hidden="true"><i class="stage-${i}" ${vars({ '--share': Math.min(1, share) })}></i></span>
      </li>`;
    })}
  </ol>`;
}

/** By clicks; the widths are parts of the largest channel's, so that channels compare. */
function channelList(scene: Scene, channels: readonly Row[]): TemplateResult {
  const { words } = scene;
  const rows = [...channels].sort((a, b) => b.counts.CLICK - a.counts.CLICK);
  const max = Math.max(1, ...rows.map(({ counts }) => counts.CLICK));
  return html`<table class="channels">
    <thead>
      <tr>
        <th scope="col">${words.promotion.channel}</th>
        ${STAGES.map((stage) => html`<th scope="col" class="number">${words.promotion.stage[stage]}</th>`)}
        <th scope="col" class="number">${words.promotion.rate}</th>
      </tr>
    </thead>
    <tbody>
      ${repeat(
        rows,
        ({ channel }) => channel,
        (row) => channelRow(scene, row, max),
      )}
    </tbody>
  </table>`;
}

function channelRow(scene: Scene, { channel, counts }: Row, max: number): TemplateResult {
  const { view, act, formats } = scene;
  const isChosen = view.channel === channel;
  const name = printable(channel);
  const rate = counts.CLICK === 0 ? undefined : counts.INSTALL / counts.CLICK;
  return html`<tr class=${isChosen ? 'is-chosen' : ''} data-flip=${`channels\n${channel}`}>
    <th scope="row">
      <button type="button" class="link" aria-pressed=${isChosen} title=${name} @click=${() => act.go(toggled(view, 'channel', channel))}>${name}</button>
      <span class="stages" aria-hidden="true">
        ${STAGES.map((stage, i) => html`<i class="stage-${i}" ${vars({ '--share': Math.min(1, counts[stage] / max) })}></i>`)}
      </span>
    </th>
    ${STAGES.map((stage) => html`<td class="number">${formats.number(counts[stage])}</td>`)}
    <td class="number strong">${rate === undefined ? '–' : formats.percent(rate)}</td>
  </tr>`;
}

function trail(scene: Scene) {
  const { words, view } = scene;
  const { data } = sourceOf(scene, 'channel');
  if (view.channel === undefined || data === undefined) return nothing;
  const label = words.ranking.trail(printable(view.channel));
  return html`<div class="trail">
    <h3>${label}</h3>
    ${
      data.rows.length === 0
        ? html`<p class="empty">${words.promotion.empty}</p>`
        : linesChart(scene, {
            name: 'trail-channel',
            label,
            absent: words.window.gap,
            height: TRAIL_HEIGHT,
            lines: STAGES.map((stage, i) => ({
              name: words.promotion.stage[stage],
              tone: ([1, 2, 3] as const)[i] ?? 1,
              points: pointsOf(data.rows, ({ counts }) => counts[stage]),
            })),
          })
    }
  </div>`;
}
