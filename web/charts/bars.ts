/** A ranking as bars: rows keep their identity, so that they glide when the ranking changes. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { printable } from '../../shared/model/printable.ts';
import { vars } from '../dom/vars.ts';
import type { Scene } from '../scene.ts';
import type { Move, MovedRank } from './ranking.ts';

export interface Bars {
  /** One for each list of the page. */
  readonly name: string;
  readonly label: string;
  readonly rows: readonly MovedRank[];
  readonly chosen: string | undefined;
  readonly choose: (id: string) => void;
  /** The count that fills the width; the greatest of the rows otherwise. */
  readonly max?: number;
  readonly note?: (row: MovedRank) => string;
  readonly isProvisional: boolean;
}

export function bars(scene: Scene, list: Bars): TemplateResult {
  const max = list.max ?? Math.max(1, ...list.rows.map(({ count }) => count));
  return html`<ol class="bars ${list.isProvisional ? 'is-provisional' : ''}" aria-label=${list.label}>
    ${repeat(
      list.rows,
      ({ id }) => id,
      (row) => bar(scene, list, row, row.count / max),
    )}
  </ol>`;
}

function bar(scene: Scene, list: Bars, row: MovedRank, share: number): TemplateResult {
  const { formats } = scene;
  const isChosen = list.chosen === row.id;
  const name = printable(row.id);
  return html`<li data-flip=${`${list.name}\n${row.id}`} class=${isChosen ? 'is-chosen' : ''}>
    <button type="button" aria-pressed=${isChosen} title=${name} @click=${() => list.choose(row.id)}>
      <span class="bar-rank">${formats.number(row.rank)}</span>
      ${moveMark(scene, row.move)}
      <span class="bar-name">${name}</span>
      <span class="bar-count">${formats.number(row.count)}</span>
      ${list.note ? html`<span class="bar-note">${list.note(row)}</span>` : nothing}
      <span class="bar-track" aria-hidden="true"><i ${vars({ '--share': share })}></i></span>
    </button>
  </li>`;
}

/** A shape, a figure and words: a colour alone tells nobody enough. */
function moveMark({ words }: Scene, move: Move): TemplateResult | typeof nothing {
  const { up, down, same, isNew } = words.ranking;
  switch (move.kind) {
    case 'first':
      return nothing;
    case 'same':
      return html`<span class="move same"><span aria-hidden="true">–</span><span class="unseen">${same}</span></span>`;
    case 'new':
      return html`<span class="move new">${isNew}</span>`;
    case 'up':
      return html`<span class="move up"><span aria-hidden="true">▲${move.places}</span><span class="unseen">${up(move.places)}</span></span>`;
    case 'down':
      return html`<span class="move down"><span aria-hidden="true">▼${move.places}</span><span class="unseen">${down(move.places)}</span></span>`;
  }
}
