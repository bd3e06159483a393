/** Where buyers are lost: how many users viewed, had something in the cart and bought, in an hour, in all or in one category. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { FunnelPage } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { bars } from '../charts/bars.ts';
import { linesChart } from '../charts/lines.ts';
import { rowBefore } from '../charts/marks.ts';
import { movesOf } from '../charts/ranking.ts';
import { pointsOf } from '../charts/series.ts';
import { vars } from '../dom/vars.ts';
import { nowOf, type Scene, type Source, sourceOf } from '../scene.ts';
import { hourEndAfter } from '../state/firstEnds.ts';
import { toggled } from '../state/view.ts';
import { select } from './controls.ts';
import { panel } from './frame.ts';

type Row = FunnelPage['rows'][number];

/** Each with the rate that leads to it. */
const STAGES = [
  { name: 'viewers', from: undefined },
  { name: 'carters', from: 'viewToCart' },
  { name: 'buyers', from: 'cartToBuy' },
] as const;
const TRAIL_HEIGHT = 150;
const RANKED = 5;
const RANKED_WIDE = 50;
/** Of the select: no category has an empty name. */
const ALL = '';

export function funnelPanel(scene: Scene): TemplateResult {
  const { words, view } = scene;
  const source: Source<FunnelPage> = sourceOf(
    scene,
    view.category === undefined ? 'funnel' : 'category',
  );
  return panel(scene, {
    name: 'funnel',
    title: words.funnel.title,
    source,
    tools: html`${categorySelect(scene)}`,
    windowOf: ({ rows }) => rows[0],
    isEmpty: ({ rows }) => rows.length === 0,
    empty: emptyText(scene),
    body: ({ rows }) => html`${newest(scene, rows)} ${trail(scene, rows)} ${ranking(scene)}`,
  });
}

/** Nothing of a category is another thing than nothing at all. */
function emptyText(scene: Scene): string {
  const { words, view, formats } = scene;
  const now = nowOf(scene);
  const isAnyHour = (sourceOf(scene, 'funnel').data?.rows.length ?? 0) > 0;
  if (view.category !== undefined && isAnyHour) return words.funnel.emptyCategory;
  if (now === undefined) return words.funnel.empty;
  const end = formats.time(hourEndAfter(now), now);
  return `${words.funnel.empty} ${words.funnel.first(end)}`;
}

const newestOfAll = (scene: Scene): Row | undefined => sourceOf(scene, 'funnel').data?.rows[0];

function categorySelect(scene: Scene): TemplateResult {
  const { words, view, act } = scene;
  const { category } = view;
  const ids = (newestOfAll(scene)?.ranking ?? []).map(({ id }) => id);
  // What a link names may have had a row in another hour.
  const known = category === undefined || ids.includes(category) ? ids : [category, ...ids];
  return select({
    label: words.funnel.category,
    options: [
      [ALL, words.funnel.all],
      ...known.map((id) => [id, words.funnel.of(printable(id))] as const),
    ],
    chosen: category ?? ALL,
    choose: (id) => act.go({ category: id === ALL ? undefined : id }),
  });
}

function newest(scene: Scene, rows: readonly Row[]): TemplateResult {
  const { words } = scene;
  const [row] = rows;
  if (!row) return html``;
  const before = rowBefore(rows);
  const max = Math.max(1, row.viewers, row.carters, row.buyers);
  return html`<div class="funnel-parts">
    <ol class="funnel steps ${row.final ? '' : 'is-provisional'}" aria-label=${words.funnel.title}>
      ${STAGES.map((stage, i) => html`<li class="step">${step(scene, row, stage.from)} ${bar(scene, stage.name, row[stage.name], { place: i, max })}</li>`)}
    </ol>
    ${beside(scene, row, before, max)}
  </div>`;
}

interface Drawn {
  readonly place: number;
  readonly max: number;
}

function bar(
  { words, formats }: Scene,
  name: (typeof STAGES)[number]['name'],
  count: number,
  { place, max }: Drawn,
): TemplateResult {
  return html`<span class="funnel-stage">${words.funnel.stage[name]}</span>
    <span class="funnel-count">${formats.number(count)}</span>
    <span class="funnel-track" aria-hidden="true"><i class="stage-${place}" ${vars({ '--share': count / max })}></i></span>`;
}

function step(scene: Scene, row: Row, rate: (typeof STAGES)[number]['from']) {
  if (rate === undefined) return nothing;
  const text = scene.words.funnel.step[rate](rateText(scene, row[rate]));
  return html`<span class="funnel-step"><span aria-hidden="true">↓</span> ${text}</span>`;
}

/** Nobody to be a part of is another thing than none of them. */
const rateText = ({ formats }: Scene, rate: number | undefined): string =>
  rate === undefined ? '–' : formats.rate(rate);

/** What is no stage: favourites lead nowhere of their own, and who buys may have had no cart in that hour. */
function beside(scene: Scene, row: Row, before: Row | undefined, max: number): TemplateResult {
  const { words, formats } = scene;
  const against = before && words.funnel.before(rateText(scene, before.viewToBuy));
  return html`<dl class="funnel-beside">
    <div>
      <dt>${words.funnel.viewToBuy}</dt>
      <dd class="funnel-rate">${rateText(scene, row.viewToBuy)}</dd>
      ${against === undefined ? nothing : html`<dd class="against">${against}</dd>`}
    </div>
    <div>
      <dt>${words.funnel.favers}</dt>
      <dd>${formats.number(row.favers)}</dd>
      <dd class="funnel-track" aria-hidden="true"><i class="favers" ${vars({ '--share': row.favers / max })}></i></dd>
    </div>
  </dl>`;
}

/** Without viewers, beside whom the others would be a line at the bottom: those are the visitors of another panel. */
function trail(scene: Scene, rows: readonly Row[]) {
  const { words, view } = scene;
  if (view.panel !== 'funnel' && view.category === undefined) return nothing;
  const names = { carters: 1, favers: 2, buyers: 3 } as const;
  const said = { ...words.funnel.stage, favers: words.funnel.favers };
  return html`<div class="trail">
    <h3>${words.funnel.trail}</h3>
    ${linesChart(scene, {
      name: 'trail-funnel',
      label: words.funnel.title,
      absent: words.funnel.unranked,
      height: TRAIL_HEIGHT,
      lines: (['carters', 'favers', 'buyers'] as const).map((name) => ({
        name: said[name],
        tone: names[name],
        points: pointsOf(rows, (row) => row[name]),
      })),
    })}
  </div>`;
}

function ranking(scene: Scene) {
  const { words, formats, view, act } = scene;
  const row = newestOfAll(scene);
  if (!row?.ranking || row.ranking.length === 0) return nothing;
  const shown = view.panel === 'funnel' ? RANKED_WIDE : RANKED;
  const rows = movesOf(row.ranking.slice(0, shown), undefined);
  const { length } = row.ranking;
  return html`<div class="trail categories">
    <h3>${words.funnel.ranking}</h3>
    ${bars(scene, {
      name: 'categories',
      label: words.funnel.ranking,
      rows,
      chosen: view.category,
      choose: (id) => act.go(toggled(view, 'category', id)),
      isProvisional: !row.final,
    })}
    <p class="note">${words.funnel.rest(formats.number(length), formats.number(row.categories ?? length))}</p>
  </div>`;
}
