/** What every panel has: a title, how its window and its data stand, and something to see in each state. */
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { printable } from '../../shared/model/printable.ts';
import { marksOf } from '../charts/marks.ts';
import type { Failure } from '../live/ask.ts';
import { type Standing, standingOf } from '../live/standing.ts';
import { nowOf, type Scene, type Source, sourceOf } from '../scene.ts';
import type { PanelName } from '../state/view.ts';

export interface Window {
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly revision: number;
  readonly final: boolean;
}

export interface Panel<T> {
  readonly name: PanelName;
  readonly title: string;
  readonly source: Source<T>;
  readonly tools?: TemplateResult;
  /** The window that is shown, of panels that have one. */
  readonly windowOf?: (data: T) => Window | undefined;
  readonly isEmpty: (data: T) => boolean;
  readonly empty: string;
  readonly body: (data: T) => TemplateResult;
}

/** An age is told from here on; below it is a moment ago. */
const AGE_TOLD_MS = 10_000;

export function panel<T>(scene: Scene, shown: Panel<T>): TemplateResult {
  const { name, title, source, tools } = shown;
  const standing = settledWhilePlaying(scene, standingOf(source.data, source.answer, scene.clock));
  const isBusy = standing.kind === 'loading' || (standing.kind === 'ready' && standing.isChanging);
  return html`<section
    id=${`panel-${name}`}
    class="panel panel-${name} is-${standing.kind} ${isBusy ? 'is-busy' : ''}"
    aria-labelledby=${`title-${name}`}
    aria-busy=${isBusy}
  >
    <header>
      <h2 id=${`title-${name}`}>${title}</h2>
      ${expandButton(scene, name, title)}
    </header>
    ${tools ? html`<div class="tools">${tools}</div>` : nothing}
    <div class="body">${bodyOf(scene, shown, standing)}</div>
    ${standing.kind === 'ready' ? foot(scene, shown, standing) : nothing}
  </section>`;
}

/** In a replay each window is loading for a moment, and that is not worth a word every time. */
const settledWhilePlaying = ({ passing }: Scene, standing: Standing): Standing =>
  standing.kind === 'ready' && passing.isPlaying ? { ...standing, isChanging: false } : standing;

function bodyOf<T>(scene: Scene, shown: Panel<T>, standing: Standing) {
  const { data } = shown.source;
  if (standing.kind === 'failed') return failed(scene, standing.failure);
  if (standing.kind === 'loading' || data === undefined) return skeleton(scene);
  if (shown.isEmpty(data)) return html`<p class="empty">${emptyText(scene, shown)}</p>`;
  return shown.body(data);
}

/** Of a time without a single row nobody knows what happened, and it is not told that nothing did. */
function emptyText<T>(scene: Scene, { empty }: Panel<T>): string {
  const isBeforeAll = scene.view.at !== undefined && sourceOf(scene, 'overview').data?.now === null;
  return isBeforeAll ? scene.words.header.nothingThen : empty;
}

export const skeleton = ({ words }: Scene): TemplateResult =>
  html`<div class="skeleton" role="img" aria-label=${words.panel.loading}><i></i><i></i><i></i><i></i></div>`;

export function failed({ words, act }: Scene, { by, detail }: Failure): TemplateResult {
  return html`<div class="failed">
    <p><strong>${words.panel.failed}.</strong> ${words.failure[by]}</p>
    ${detail === undefined ? nothing : html`<p class="said">${printable(detail)}</p>`}
    <button type="button" class="button" @click=${() => act.retry()}>${words.panel.retry}</button>
  </div>`;
}

function expandButton({ view, words, act }: Scene, name: PanelName, title: string) {
  const isWide = view.panel === name;
  const label = isWide ? words.panel.shrink(title) : words.panel.expand(title);
  return html`<button
    type="button"
    class="icon expand"
    aria-label=${label}
    title=${label}
    @click=${() => act.go({ panel: isWide ? undefined : name })}
  >
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      ${isWide ? SHRINK : EXPAND}
    </svg>
  </button>`;
}

const EXPAND = svg`<path d="M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5l-4.5 4.5M2.5 13.5l4.5-4.5"></path>`;
const SHRINK = svg`<path d="M13 7H9V3M3 9h4v4M9 7l4.5-4.5M7 9l-4.5 4.5"></path>`;

function foot<T>(scene: Scene, shown: Panel<T>, standing: Standing & { kind: 'ready' }) {
  const { data } = shown.source;
  const row = data === undefined ? undefined : shown.windowOf?.(data);
  return html`<footer>
    ${row ? windowLabel(scene, row) : nothing}
    <span class="age ${standing.isStale ? 'is-stale' : ''}">${ageText(scene, standing)}</span>
  </footer>`;
}

function ageText(
  { words, formats }: Scene,
  { ageMs, isStale, isChanging }: Standing & { kind: 'ready' },
) {
  if (isChanging) return words.panel.changing;
  if (ageMs === undefined) return '';
  const time = formats.duration(ageMs);
  if (isStale) return words.panel.stale(time);
  return ageMs < AGE_TOLD_MS ? words.panel.seenNow : words.panel.seen(time);
}

/** Which window, how far behind the newest one of all, and whether it can change or has changed. */
function windowLabel(scene: Scene, row: Window): TemplateResult {
  const { formats, words } = scene;
  const now = nowOf(scene);
  const behind = behindText(scene, row, now);
  return html`<span class="window">
    <span class="window-time">${formats.window(row, now)}</span>
    ${behind === undefined ? nothing : html`<span class="behind">${behind}</span>`} ${badges(scene, row)}
    ${row.final && row.revision === 0 ? html`<span class="unseen">${words.window.final}</span>` : nothing}
  </span>`;
}

export function badges({ words, formats }: Scene, row: Pick<Window, 'revision' | 'final'>) {
  const { isProvisional, corrections } = marksOf(row);
  const { provisional, provisionalWhy, corrected, correctedWhy } = words.window;
  const why = correctedWhy(formats.number(corrections), corrections);
  return html`${
    isProvisional
      ? html`<span class="badge provisional" title=${provisionalWhy}>${provisional}</span>`
      : nothing
  }${
    corrections > 0
      ? html`<span class="badge corrected" title=${why}>${corrected(corrections)}</span>`
      : nothing
  }`;
}

/** More than the window's own length: a window of an hour may well have ended some minutes ago. */
function behindText({ words, formats }: Scene, row: Window, now: string | undefined) {
  if (now === undefined) return undefined;
  const behind = Date.parse(now) - Date.parse(row.windowEnd);
  const length = Date.parse(row.windowEnd) - Date.parse(row.windowStart);
  return behind > length ? words.window.behind(formats.duration(behind)) : undefined;
}
