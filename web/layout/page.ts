/** The whole page, of a scene. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { adClicksPanel, blacklistPanel } from '../panels/adClicks.ts';
import { audiencePanel } from '../panels/audience.ts';
import { detailDialog } from '../panels/detail.ts';
import { funnelPanel } from '../panels/funnel.ts';
import { jobsPanel } from '../panels/jobs.ts';
import { loginsPanel } from '../panels/logins.ts';
import { ordersPanel } from '../panels/orders.ts';
import { promotionPanel } from '../panels/promotion.ts';
import { hotItemsPanel, hotPagesPanel } from '../panels/rankings.ts';
import { tablesPanel } from '../panels/tables.ts';
import { tiles } from '../panels/tiles.ts';
import { trafficPanel } from '../panels/traffic.ts';
import type { Scene } from '../scene.ts';
import type { PanelName } from '../state/view.ts';
import { filterChips } from './filters.ts';
import { pageHeader } from './header.ts';
import { tokenForm } from './tokenForm.ts';

type Drawn = (scene: Scene) => TemplateResult | typeof nothing;

const PANELS: readonly (readonly [PanelName, Drawn])[] = [
  ['hotItems', hotItemsPanel],
  ['hotPages', hotPagesPanel],
  ['promotion', promotionPanel],
  ['adClicks', adClicksPanel],
  ['funnel', funnelPanel],
  ['audience', audiencePanel],
  ['orders', ordersPanel],
  ['logins', loginsPanel],
  ['blacklist', blacklistPanel],
  ['tables', tablesPanel],
  ['jobs', jobsPanel],
];

export function page(scene: Scene): TemplateResult {
  const { words, passing } = scene;
  return html`
    <a class="skip" href="#panels" @click=${skip}>${words.skip}</a>
    ${pageHeader(scene)}
    ${passing.isLocked ? tokenForm(scene) : panels(scene)}
    <p class="unseen" role="status">${passing.said}</p>
    ${detailDialog(scene)}
  `;
}

/** The part behind `#` is what is looked at, so that a link to a place of the page would change it. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('panels')?.focus();
}

function panels(scene: Scene): TemplateResult {
  const { view, words, act } = scene;
  const wide = PANELS.filter(([name]) => view.panel === name);
  const isWide = view.panel !== undefined;
  return html`<main id="panels" tabindex="-1" class=${isWide ? 'is-one' : ''}>
    ${
      isWide
        ? html`<p class="back"><button type="button" class="button" @click=${() => act.go({ panel: undefined })}>← ${words.panel.all}</button></p>`
        : nothing
    }
    ${filterChips(scene)}
    ${!isWide || view.panel === 'traffic' ? trafficPanel(scene) : nothing}
    ${isWide ? nothing : tiles(scene)}
    ${(isWide ? wide : PANELS).map(([, drawn]) => drawn(scene))}
  </main>`;
}
