/** The one big number, and the curve that it is the end of. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { TrafficPage } from '../../functions/api/contract/answers.ts';
import { linesChart } from '../charts/lines.ts';
import { changeOf, rowBefore } from '../charts/marks.ts';
import { pointsOf } from '../charts/series.ts';
import { nowOf, type Scene, sourceOr } from '../scene.ts';
import { panel } from './frame.ts';

type Row = TrafficPage['rows'][number];
const HEIGHT = 190;
const HEIGHT_WIDE = 360;
/** A number with more signs is written smaller, so that the curve keeps its place. */
const LONG = 7;

export function trafficPanel(scene: Scene): TemplateResult {
  const { words } = scene;
  return panel(scene, {
    name: 'traffic',
    title: words.hero.title,
    source: sourceOr(scene, 'traffic', ({ traffic }) => traffic),
    windowOf: ({ rows }) => rows[0],
    isEmpty: ({ rows }) => rows.length === 0,
    empty: words.hero.empty,
    body: ({ rows }) => html`<div class="hero">${numbers(scene, rows)} ${curve(scene, rows)}</div>`,
  });
}

function numbers(scene: Scene, rows: readonly Row[]): TemplateResult {
  const { words, formats } = scene;
  const [row] = rows;
  if (!row) return html``;
  const before = rowBefore(rows);
  const views = formats.number(row.pv);
  const size = views.length > LONG ? 'is-long' : '';
  return html`<div class="hero-numbers">
    <p class="hero-label">${words.hero.viewsIn(formats.window(row, nowOf(scene)))}</p>
    <p class="hero-number ${size} ${row.final ? '' : 'is-provisional'}">${views}</p>
    <p class="hero-change">${delta(scene, row.pv, before?.pv)}</p>
    <dl class="hero-more">
      <div>
        <dt><i class="swatch tone-2"></i>${words.hero.visitors}</dt>
        <dd>${formats.number(row.uv)} ${change(scene, row.uv, before?.uv)}</dd>
      </div>
      <div>
        <dt>${words.hero.perVisitor}</dt>
        <dd>${row.uv === 0 ? '–' : formats.number(Math.round((row.pv / row.uv) * 10) / 10)}</dd>
      </div>
    </dl>
  </div>`;
}

function delta(scene: Scene, now: number, before: number | undefined): TemplateResult {
  const { words, formats } = scene;
  if (before === undefined) return html`<span class="against">${words.hero.noBefore}</span>`;
  return html`${change(scene, now, before)}
    <span class="against">${words.hero.against(formats.number(before))}</span>`;
}

function change({ formats }: Scene, now: number, before: number | undefined) {
  const share = changeOf(now, before);
  if (share === undefined) return nothing;
  const way = share > 0 ? 'up' : share < 0 ? 'down' : 'same';
  const arrow = { up: '▲', down: '▼', same: '=' }[way];
  return html`<span class="change ${way}">
    <span aria-hidden="true">${arrow}</span> ${formats.change(share)}
  </span>`;
}

function curve(scene: Scene, rows: readonly Row[]): TemplateResult {
  const { words, view } = scene;
  return linesChart(scene, {
    name: 'traffic',
    label: words.hero.title,
    absent: words.window.gap,
    height: view.panel === 'traffic' ? HEIGHT_WIDE : HEIGHT,
    lines: [
      { name: words.hero.pv, tone: 1, points: pointsOf(rows, ({ pv }) => pv) },
      { name: words.hero.uv, tone: 2, points: pointsOf(rows, ({ uv }) => uv) },
    ],
  });
}
