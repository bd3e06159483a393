/** Hot items and hot pages: bars that move, and the way of one of them through the stored windows. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { RankingPage } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { bars } from '../charts/bars.ts';
import { linesChart } from '../charts/lines.ts';
import { rowBefore } from '../charts/marks.ts';
import { movesOf } from '../charts/ranking.ts';
import { pointsOf } from '../charts/series.ts';
import { type Scene, type Source, sourceOf, sourceOr } from '../scene.ts';
import { BOARD_BEHAVIORS, BOARD_KINDS, toggled } from '../state/view.ts';
import { segmented, select } from './controls.ts';
import { panel } from './frame.ts';

const TRAIL_HEIGHT = 130;

export function hotItemsPanel(scene: Scene): TemplateResult {
  const { words, view, act } = scene;
  return rankingPanel(scene, {
    name: 'hotItems',
    title: words.ranking[view.kind],
    source: sourceOr(scene, 'hotItems', ({ hotItems }) => hotItems),
    trail: sourceOf(scene, 'hotItems'),
    chosen: view.item,
    choose: (id) => act.go(toggled(view, 'item', id)),
    empty: words.ranking.emptyItems,
    tools: boardTools(scene),
  });
}

export function hotPagesPanel(scene: Scene): TemplateResult {
  const { words, view, act } = scene;
  return rankingPanel(scene, {
    name: 'hotPages',
    title: words.ranking.pages,
    // The way of a page is asked for in steps; its board stays the newest one.
    source: overviewPages(scene),
    trail: sourceOf(scene, 'hotPages'),
    chosen: view.page,
    choose: (id) => act.go(toggled(view, 'page', id)),
    empty: words.ranking.emptyPages,
  });
}

function overviewPages(scene: Scene): Source<RankingPage> {
  const { data, answer } = sourceOf(scene, 'overview');
  return { data: data?.hotPages, answer };
}

interface Ranking {
  readonly name: 'hotItems' | 'hotPages';
  readonly title: string;
  readonly source: Source<RankingPage>;
  readonly trail: Source<RankingPage>;
  readonly chosen: string | undefined;
  readonly choose: (id: string) => void;
  readonly empty: string;
  readonly tools?: TemplateResult;
}

function rankingPanel(scene: Scene, ranking: Ranking): TemplateResult {
  const { name, title, source, empty, tools } = ranking;
  return panel(scene, {
    name,
    title,
    source,
    windowOf: ({ rows }) => rows[0],
    isEmpty: ({ rows }) => (rows[0]?.ranking.length ?? 0) === 0,
    empty,
    body: (data) => html`${board(scene, ranking, data)} ${trailOf(scene, ranking)}`,
    ...(tools ? { tools } : {}),
  });
}

function board(scene: Scene, ranking: Ranking, { rows }: RankingPage): TemplateResult {
  const { words, formats } = scene;
  const { name, title, chosen, choose } = ranking;
  const [row] = rows;
  if (!row) return html``;
  const events = words.ranking.events(formats.number(row.events), row.events);
  return html`
    ${bars(scene, {
      name,
      label: title,
      rows: movesOf(row.ranking, rowBefore(rows)?.ranking),
      chosen,
      choose,
      isProvisional: !row.final,
    })}
    <p class="note">${words.ranking.of(events, formats.number(row.keys))}</p>
  `;
}

/** Of what is chosen. A window whose board does not name it says that it was not among the top few, not that it was zero. */
function trailOf(scene: Scene, { name, chosen, trail }: Ranking) {
  const { words } = scene;
  if (chosen === undefined || trail.data === undefined) return nothing;
  const points = pointsOf(
    trail.data.rows,
    ({ ranking }) => ranking.find(({ id }) => id === chosen)?.count,
  );
  const label = words.ranking.trail(printable(chosen));
  const isNowhere = points.every(({ value }) => value === undefined);
  return html`<div class="trail">
    <h3>${label}</h3>
    ${
      isNowhere
        ? html`<p class="empty">${words.ranking.notOn}</p>`
        : linesChart(scene, {
            name: `trail-${name}`,
            label,
            absent: words.ranking.unranked,
            height: TRAIL_HEIGHT,
            lines: [{ name: words.ranking.count, tone: 1, points }],
          })
    }
  </div>`;
}

function boardTools({ words, view, act }: Scene): TemplateResult {
  const { kind, kindLabel, behavior, behaviorLabel } = words.ranking;
  return html`
    ${segmented({
      label: kindLabel,
      options: BOARD_KINDS.map((each) => [each, kind[each]] as const),
      chosen: view.kind,
      choose: (chosen) => act.go({ kind: chosen, item: undefined }),
    })}
    ${select({
      label: behaviorLabel,
      options: BOARD_BEHAVIORS.map((each) => [each, behavior[each]] as const),
      chosen: view.behavior,
      choose: (chosen) => act.go({ behavior: chosen }),
    })}
  `;
}
