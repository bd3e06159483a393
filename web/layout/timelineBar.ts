/** One slider for all panels: back to the first window that is stored, and to live again. */
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { vars } from '../dom/vars.ts';
import { nowOf, type Scene, sourceOf } from '../scene.ts';
import { placeOf, type Timeline, timeAt, timelineOf } from '../state/timeline.ts';

/** Of what is asked for now, or of before, so that the slider stands while a time is loading. */
export function timelineShown(scene: Pick<Scene, 'answers'>): Timeline | undefined {
  const span = sourceOf(scene as Scene, 'overview').data?.span;
  return span ? timelineOf(span) : undefined;
}

export function timelineBar(scene: Scene): TemplateResult {
  const { words, view, act, passing, formats } = scene;
  const timeline = timelineShown(scene);
  const { first, step, last } = timeline ?? { first: 0, step: 1, last: 0 };
  const place = timeline ? placeOf(timeline, view.at) : 0;
  const time = view.at === undefined ? words.header.live : formats.moment(view.at);
  const isOff = last === 0;
  const go = (to: number) =>
    timeline && act.go({ at: timeAt(timeline, Math.max(0, Math.min(last, to))) });
  const { play, pause, earlier, later, live, label, empty } = words.timeline;
  return html`<div class="timeline-bar" role="group" aria-label=${label} data-step=${step} data-first=${first}>
    ${control(passing.isPlaying ? pause : play, passing.isPlaying ? PAUSE : PLAY, isOff, passing.isPlaying ? act.pause : act.play)}
    ${control(earlier, EARLIER, isOff || place <= 0, () => go(place - 1))}
    <span class="rail"><input
      type="range"
      min="0"
      max=${last}
      step="1"
      .value=${String(place)}
      ?disabled=${isOff}
      aria-label=${label}
      aria-valuetext=${isOff ? empty : time}
      ${vars({ '--done': last === 0 ? 1 : place / last })}
      @input=${(event: Event) => timeline && act.slide({ at: timeAt(timeline, Number((event.target as HTMLInputElement).value)) })}
      />${timeline ? html`<span aria-hidden="true">${formats.time(first, nowOf(scene))}</span><span aria-hidden="true">${formats.time(first + last * step)}</span>` : nothing}</span>
    ${control(later, LATER, isOff || place >= last, () => go(place + 1))}
    <button type="button" class="button live" ?disabled=${view.at === undefined} @click=${() => act.go({ at: undefined })}>
      ${view.at === undefined ? words.header.live : live}
    </button>
  </div>`;
}

function control(label: string, icon: unknown, isOff: boolean, click: () => void): TemplateResult {
  return html`<button type="button" class="icon" aria-label=${label} title=${label} ?disabled=${isOff} @click=${click}>
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${icon}</svg>
  </button>`;
}

const PLAY = svg`<path class="filled" d="M5 3v10l8-5Z"></path>`;
const PAUSE = svg`<path class="filled" d="M4 3h3v10H4ZM9 3h3v10H9Z"></path>`;
const EARLIER = svg`<path d="M10 3.5L5.5 8l4.5 4.5"></path>`;
const LATER = svg`<path d="M6 3.5L10.5 8L6 12.5"></path>`;
