/** What is shown, of when, whether it is live, and how one wants to see it. */
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { standingOf } from '../live/standing.ts';
import { nowOf, type Scene, sourceOf } from '../scene.ts';
import type { Theme } from '../state/preferences.ts';
import { timelineBar } from './timelineBar.ts';

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };

export function pageHeader(scene: Scene): TemplateResult {
  return html`<header class="top">
    <div class="brand">
      <svg class="mark" viewBox="0 0 32 32" width="30" height="30" aria-hidden="true">
        <path class="mark-high" d="M2 11c4.7-4 9.3-4 14 0s9.3 4 14 0"></path>
        <path class="mark-mid" d="M2 18c4.7-4 9.3-4 14 0s9.3 4 14 0"></path>
        <path class="mark-low" d="M2 25c4.7-4 9.3-4 14 0s9.3 4 14 0"></path>
      </svg>
      <h1>Tidemark</h1>
    </div>
    ${stateOf(scene)} ${timelineBar(scene)} ${switches(scene)}
  </header>`;
}

const YEAR_LENGTH = 4;

type Connection = 'live' | 'past' | 'away' | 'trouble' | 'locked' | 'loading';

function connectionOf(scene: Scene): Connection {
  const { data, answer } = sourceOf(scene, 'overview');
  const by = answer?.failure?.by;
  if (by === 'locked') return 'locked';
  if (by !== undefined) return by === 'network' ? 'away' : 'trouble';
  const { kind } = standingOf(data, answer, scene.clock);
  if (kind === 'loading') return 'loading';
  return scene.view.at === undefined ? 'live' : 'past';
}

export function stateText(scene: Scene): string {
  const { words, view } = scene;
  const connection = connectionOf(scene);
  // The day stands there where it is another one than that of the slider's end.
  const span = sourceOf(scene, 'overview').data?.span;
  const { formats } = scene;
  // And the year, where it is another one.
  const pastText = (at: string, end = at) =>
    at.slice(0, YEAR_LENGTH) === end.slice(0, YEAR_LENGTH)
      ? formats.time(at, end)
      : formats.moment(at);
  const texts: Readonly<Record<Connection, string>> = {
    live: words.header.live,
    loading: words.panel.loading,
    past: view.at === undefined ? '' : words.header.past(pastText(view.at, span?.to)),
    away: words.header.away,
    trouble: words.header.trouble,
    locked: words.header.locked,
  };
  return texts[connection];
}

function stateOf(scene: Scene): TemplateResult {
  return html`<div class="state state-${connectionOf(scene)}">
    <span class="state-what"><i class="pulse" aria-hidden="true"></i>${stateText(scene)}</span>
    <span class="state-when">
      ${newestText(scene)} ${retryText(scene)}
    </span>
  </div>`;
}

/** Of a stage without a row that is told only once the server has said so. */
function newestText(scene: Scene): string {
  const { words, formats } = scene;
  const now = nowOf(scene);
  if (now !== undefined) return words.header.newest(formats.moment(now));
  return sourceOf(scene, 'overview').data === undefined ? '' : words.header.nothing;
}

/** In whole seconds, since it is painted again every few of them. */
function retryText({ answers, clock, words, formats }: Scene) {
  const answer = answers.get('overview');
  if (!answer?.failure || answer.nextAt === undefined) return nothing;
  const wait = Math.max(0, answer.nextAt - clock);
  return html`${words.header.retryIn(formats.duration(wait))}`;
}

function switches(scene: Scene): TemplateResult {
  const { words, preferences, act, formats, view, passing } = scene;
  const { zone, theme, language } = preferences;
  const copied = { yes: words.header.copied, no: words.header.notCopied };
  const copyText = passing.copied === undefined ? words.header.copy : copied[passing.copied];
  return html`<div class="switches">
    <button
      type="button"
      class="button"
      lang=${language === 'en' ? 'zh' : 'en'}
      title=${words.header.languageLabel}
      @click=${() => act.prefer({ language: language === 'en' ? 'zh' : 'en' })}
    >${words.header.language}</button>
    <button
      type="button"
      class="button"
      title=${words.header.zoneLabel(`${words.header.zone[zone]}, ${formats.zone}`)}
      @click=${() => act.prefer({ zone: zone === 'viewer' ? 'shop' : 'viewer' })}
    >${words.header.zone[zone]} <small>${formats.zone}</small></button>
    ${iconButton(words.header.theme[theme], THEMES[theme], () => act.prefer({ theme: NEXT_THEME[theme] }))}
    ${iconButton(copyText, passing.copied === 'yes' ? CHECK : LINK, act.copyLink)}
    ${iconButton(view.wall ? words.header.unwall : words.header.wall, WALL, act.toggleWall)}
  </div>`;
}

function iconButton(label: string, icon: unknown, click: () => void): TemplateResult {
  return html`<button type="button" class="icon" aria-label=${label} title=${label} @click=${click}>
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${icon}</svg>
  </button>`;
}

const SUN = svg`<circle cx="8" cy="8" r="2.8"></circle><path d="M8 1.5v1.5M8 13v1.5M1.5 8h1.5M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1"></path>`;
const MOON = svg`<path d="M13 9.5A5.5 5.5 0 1 1 6.5 3a4.5 4.5 0 0 0 6.5 6.5Z"></path>`;
const HALF = svg`<circle cx="8" cy="8" r="5.5"></circle><path class="filled" d="M8 2.5a5.5 5.5 0 0 1 0 11Z"></path>`;
const THEMES = { auto: HALF, light: SUN, dark: MOON };
const LINK = svg`<path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.2 9.1a2.6 2.6 0 0 0 3.7 3.7l.8-.8"></path>`;
const CHECK = svg`<path d="M3 8.5l3.5 3.5L13 4.5"></path>`;
const WALL = svg`<path d="M2 5.5V2.5h3M14 5.5V2.5h-3M2 10.5v3h3M14 10.5v3h-3"></path>`;
