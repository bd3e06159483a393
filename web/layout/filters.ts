/** What is filtered, as chips that can be taken away. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { printable } from '../../shared/model/printable.ts';
import type { Scene } from '../scene.ts';
import { FILTERS, type FilterName, type View } from '../state/view.ts';

const NONE = Object.fromEntries(FILTERS.map((name) => [name, undefined])) as Partial<View>;

export function filterChips(scene: Scene): TemplateResult | typeof nothing {
  const { view, words, act } = scene;
  const set = FILTERS.filter((name) => view[name] !== undefined);
  if (set.length === 0) return nothing;
  return html`<div class="filters" role="group" aria-label=${words.filters.label}>
    ${repeat(
      set,
      (name) => name,
      (name) => chip(scene, name),
    )}
    ${set.length > 1 ? html`<button type="button" class="link" @click=${() => act.go(NONE)}>${words.filters.clear}</button>` : nothing}
  </div>`;
}

function chip(scene: Scene, filter: FilterName): TemplateResult {
  const { view, words, act } = scene;
  const name = nameOf(scene, filter);
  const value = shownValue(scene, filter, view[filter] ?? '');
  return html`<button
    type="button"
    class="chip"
    aria-label=${words.filters.remove(name, value)}
    title=${words.filters.remove(name, value)}
    @click=${() => act.go({ [filter]: undefined })}
  ><span>${name}</span> <b>${value}</b> <span aria-hidden="true">×</span></button>`;
}

function nameOf({ view, words }: Scene, filter: FilterName): string {
  return filter === 'item' && view.kind === 'categories'
    ? words.filters.category
    : words.filters[filter];
}

function shownValue({ words }: Scene, filter: FilterName, value: string): string {
  const said: Partial<Record<FilterName, Readonly<Record<string, string>>>> = {
    problem: words.orders.statuses,
    tag: words.audience.tag,
  };
  return said[filter]?.[value] ?? printable(value);
}
