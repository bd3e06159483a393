/** What there was in the hour up to the newest row; each leads to its panel. */
import { html, type TemplateResult } from 'lit-html';
import type { Overview } from '../../functions/api/contract/answers.ts';
import { type Standing, standingOf } from '../live/standing.ts';
import { type Scene, sourceOf } from '../scene.ts';
import type { PanelName, View } from '../state/view.ts';

type Counted = keyof Overview['lastHour'];

interface Tile {
  readonly of: Counted;
  readonly panel: PanelName;
  readonly label: string;
  readonly leads: Partial<View>;
}

export function tiles(scene: Scene): TemplateResult {
  const { unpaid, problems, alerts, blocks, label } = scene.words.tiles;
  const all: Tile[] = [
    {
      of: 'unpaidOrders',
      panel: 'orders',
      label: unpaid,
      leads: { panel: 'orders', list: 'orders', problem: 'timedOut' },
    },
    {
      of: 'problems',
      panel: 'orders',
      label: problems,
      leads: { panel: 'orders', problem: undefined },
    },
    { of: 'loginAlerts', panel: 'logins', label: alerts, leads: { panel: 'logins' } },
    { of: 'blocks', panel: 'blacklist', label: blocks, leads: { panel: 'blacklist' } },
  ];
  return html`<section class="tiles" aria-label=${label}>${all.map((each) => tile(scene, each))}</section>`;
}

function tile(scene: Scene, { of, label, leads, panel }: Tile): TemplateResult {
  const { words, formats, act, clock } = scene;
  const { data, answer } = sourceOf(scene, 'overview');
  const { kind } = standingOf(data, answer, clock);
  const counted = data?.lastHour[of];
  const isKnown = kind === 'ready' && counted !== undefined && data?.now != null;
  const count = isKnown ? formats.number(counted.count) : '–';
  const text = isKnown && counted.isMore ? words.tiles.atLeast(count) : count;
  const isQuiet = !isKnown || counted.count === 0;
  return html`<button
    type="button"
    class="tile tile-${panel} ${isQuiet ? 'is-quiet' : ''} ${kind === 'loading' ? 'is-busy' : ''}"
    @click=${() => act.go(leads)}
  >
    <span class="tile-label">${label}</span>
    <span class="tile-number">${text}</span>
    <span class="tile-note">${noteOf(scene, kind, isKnown)}</span>
  </button>`;
}

/** Nothing yet, or nothing known: neither is zero. */
function noteOf({ words }: Scene, kind: Standing['kind'], isKnown: boolean): string {
  if (isKnown) return words.tiles.hour;
  const notes = { loading: words.panel.loading, failed: words.header.unknown };
  return kind === 'ready' ? words.header.nothing : notes[kind];
}
