/** What kind of visitors there were on the newest day, and who is one of a kind. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { type Audience, audiencesOf, dayBefore, type KindPages } from '../charts/audience.ts';
import { vars } from '../dom/vars.ts';
import { nowOf, type Scene, type Source, sourceOf } from '../scene.ts';
import { dateOf, dayEndAfter } from '../state/firstEnds.ts';
import { KINDS_OF_VISITOR, TAG_GROUPS, type Tag, type TagGroup } from '../state/tags.ts';
import { toggled } from '../state/view.ts';
import { panel } from './frame.ts';
import { memberList } from './members.ts';

export function audiencePanel(scene: Scene): TemplateResult {
  const { words } = scene;
  return panel(scene, {
    name: 'audience',
    title: words.audience.title,
    source: audienceSource(scene),
    windowOf: ([newest]) => newest,
    isEmpty: (days) => days.length === 0,
    empty: emptyText(scene),
    body: (days) => html`${tags(scene, days)} ${memberList(scene)}`,
  });
}

/** The day that is shown, as the API names it. */
export function dayShown(scene: Scene): string | undefined {
  const [newest] = audienceSource(scene).data ?? [];
  return newest && dateOf(newest);
}

/** Of three answers: as failed, as late and as old as the worst of them is. */
function audienceSource(scene: Scene): Source<readonly Audience[]> {
  const sources = KINDS_OF_VISITOR.map((kind) => sourceOf(scene, kind));
  const answers = sources.map(({ answer }) => answer);
  const worst =
    answers.find((answer) => answer?.failure !== undefined) ??
    answers.find((answer) => answer?.of !== answer?.wanted) ??
    answers.toSorted((a, b) => (a?.seenAt ?? 0) - (b?.seenAt ?? 0))[0];
  const pages = Object.fromEntries(KINDS_OF_VISITOR.map((kind, i) => [kind, sources[i]?.data]));
  const isThere = sources.every(({ data }) => data !== undefined);
  return { data: isThere ? audiencesOf(pages as KindPages) : undefined, answer: worst };
}

function emptyText(scene: Scene): string {
  const { words, formats } = scene;
  const now = nowOf(scene);
  if (now === undefined) return words.audience.empty;
  const end = formats.time(dayEndAfter(now), now);
  return `${words.audience.empty} ${words.audience.first(end)}`;
}

function tags(scene: Scene, days: readonly Audience[]): TemplateResult {
  const { words, formats } = scene;
  const [newest] = days;
  if (!newest) return html``;
  const before = dayBefore(days);
  const { day, noBefore } = words.audience;
  return html`
    <p class="audience-day">
      ${day(formats.number(newest.users), formats.day(newest.windowStart))}
      ${before ? nothing : html`<span class="against">${noBefore}</span>`}
    </p>
    <div class="tag-groups ${newest.final ? '' : 'is-provisional'}">
      ${Object.entries(TAG_GROUPS).map(
        ([group, own]) => html`<section>
          <h3>${words.audience.group[group as TagGroup]}</h3>
          <ul class="bars tags">
            ${own.map((tag) => html`<li class=${scene.view.tag === tag ? 'is-chosen' : ''}>${tagBar(scene, tag, newest, before)}</li>`)}
          </ul>
        </section>`,
      )}
    </div>
  `;
}

/** Its bar is a part of all users; a mark on it is where the day before ended. */
function tagBar(scene: Scene, tag: Tag, day: Audience, before: Audience | undefined) {
  const { words, formats, view, act } = scene;
  const { users, share } = day.tags[tag];
  const past = before?.tags[tag].share;
  return html`<button
    type="button"
    aria-pressed=${view.tag === tag}
    title=${words.audience.why[tag]}
    @click=${() => act.go(toggled(view, 'tag', tag))}
  >
    <span class="bar-name">${words.audience.tag[tag]}</span>
    <span class="bar-count">${formats.number(users)}</span>
    <span class="bar-note">${formats.rate(share)}</span>
    <span class="tag-before">${past === undefined ? nothing : words.audience.before(formats.rate(past))}</span>
    <span class="bar-track" aria-hidden="true"
      ><i ${vars({ '--share': share })}></i>${past === undefined ? nothing : html`<b ${vars({ '--share': past })}></b>`}</span
    >
  </button>`;
}
