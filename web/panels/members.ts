/** The users who have a tag, page by page, each leading to the user's own page. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { AudienceAnswer } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { type Standing, standingOf } from '../live/standing.ts';
import { type Scene, sourceOf } from '../scene.ts';
import type { Further } from '../state/requests.ts';
import { failed, skeleton } from './frame.ts';

/** The pages after the first that belong to what is shown now: those of another tag or day are of before. */
export function furtherShown(scene: Scene): readonly Further[] {
  const day = sourceOf(scene, 'members-0').data?.day;
  const own = scene.passing.further.filter(
    (page) => page.tag === scene.view.tag && page.day === day,
  );
  return own.map(({ day: of, cursor }) => ({ day: of, cursor }));
}

export function memberList(scene: Scene): TemplateResult | typeof nothing {
  const { words, view } = scene;
  if (view.tag === undefined) return nothing;
  const title = words.audience.members(words.audience.tag[view.tag]);
  const why = words.audience.why[view.tag];
  return html`<div class="trail members">
    <h3>${title} <span class="against">${why}</span></h3>
    ${body(scene)}
  </div>`;
}

function body(scene: Scene) {
  const first = sourceOf(scene, 'members-0');
  const standing = standingOf(first.data, first.answer, scene.clock);
  if (standing.kind === 'failed') return failed(scene, standing.failure);
  const { data } = first;
  // Users of another tag would be taken for those of this one.
  if (standing.kind === 'loading' || !data || data.tag !== scene.view.tag) return skeleton(scene);
  const sources = furtherShown(scene).map((_, i) => sourceOf(scene, `members-${i + 1}`));
  const pages = [data, ...sources.flatMap((source) => (source.data ? [source.data] : []))];
  const last = sources.at(-1);
  return list(scene, pages, last && standingOf(last.data, last.answer, scene.clock));
}

function list(
  scene: Scene,
  pages: readonly AudienceAnswer[],
  last: Standing | undefined,
): TemplateResult {
  const { words, formats } = scene;
  const ids = [...new Set(pages.flatMap(({ members }) => members.userIds))];
  const newest = pages.at(-1);
  const users = pages[0]?.users ?? 0;
  // A page may end before it has found anybody.
  if (ids.length === 0 && newest?.members.next === undefined) {
    return html`<p class="empty">${words.audience.noMembers}</p>`;
  }
  return html`
    <ul class="ids">
      ${repeat(
        ids,
        (id) => id,
        (id) => html`<li>${pageButton(scene, id, 'text')}</li>`,
      )}
    </ul>
    ${last?.kind === 'failed' ? failed(scene, last.failure) : nothing}
    <p class="members-more">
      <span class="against">${words.audience.shown(formats.number(ids.length), formats.number(users))}</span>
      ${newest?.members.next === undefined ? nothing : moreButton(scene, newest, last?.kind === 'loading')}
    </p>
  `;
}

function moreButton({ words, act }: Scene, page: AudienceAnswer, isLoading: boolean) {
  const { tag, day, members } = page;
  const { next = '' } = members;
  return html`<button type="button" class="button small" ?disabled=${isLoading} @click=${() => act.more({ tag, day, cursor: next })}>${words.audience.more}</button>`;
}

/** Leads to the page of a user; beside an id that does something else, as a sign. */
export function pageButton({ words, act }: Scene, userId: string, look: 'text' | 'sign') {
  const name = printable(userId);
  const label = words.profile.open(name);
  const go = () => act.go({ profile: userId });
  return look === 'text'
    ? html`<button type="button" class="link id" title=${label} @click=${go}>${name}</button>`
    : html`<button type="button" class="page-sign" aria-label=${label} title=${label} @click=${go}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <circle cx="8" cy="5.2" r="2.7"></circle>
          <path d="M2.8 14c.5-3 2.5-4.4 5.2-4.4s4.7 1.4 5.2 4.4"></path>
        </svg>
      </button>`;
}
