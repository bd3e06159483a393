/** How the pipeline is, in words that say what to do. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { JobAnswer, JobsAnswer } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { type Scene, sourceOf } from '../scene.ts';
import { panel } from './frame.ts';

type Finding = JobAnswer['findings'][number];
type State = 'attention' | 'note' | 'ok' | 'idle';

const ORDER: readonly State[] = ['attention', 'note', 'ok', 'idle'];
const SIGNS: Readonly<Record<State, string>> = { attention: '!', note: 'i', ok: '✓', idle: '·' };
/** Below it a watermark is where the clock is, as people see it. */
const LAG_TOLD_SECONDS = 2;

export function jobsPanel(scene: Scene): TemplateResult {
  const { words } = scene;
  return panel(scene, {
    name: 'jobs',
    title: words.jobs.title,
    source: sourceOf(scene, 'jobs'),
    isEmpty: ({ jobs }) => jobs.length === 0,
    empty: words.jobs.empty,
    body: (data) => html`${summary(scene, data)} ${table(scene, data)}`,
  });
}

function stateOfJob({ findings, lanes }: Pick<JobAnswer, 'findings' | 'lanes'>): State {
  if (findings.some(({ urgency }) => urgency === 'attention')) return 'attention';
  if (lanes.listed + lanes.retired === 0) return 'idle';
  return findings.length > 0 ? 'note' : 'ok';
}

function summary({ words, formats }: Scene, { jobs }: JobsAnswer): TemplateResult {
  const count = jobs.filter((job) => stateOfJob(job) === 'attention').length;
  const text =
    count === 0 ? words.jobs.allWell : words.jobs.attention(formats.number(count), count);
  return html`<p class="jobs-summary state-${count === 0 ? 'ok' : 'attention'}">${sign(count === 0 ? 'ok' : 'attention')} ${text}</p>`;
}

const sign = (state: State): TemplateResult =>
  html`<span class="sign sign-${state}" aria-hidden="true">${SIGNS[state]}</span>`;

function table(scene: Scene, { at, jobs }: JobsAnswer): TemplateResult {
  const { job, watermark, lag, rate, accepted, late, dead, expired } = scene.words.jobs;
  const sorted = [...jobs].sort(
    (a, b) => ORDER.indexOf(stateOfJob(a)) - ORDER.indexOf(stateOfJob(b)),
  );
  const numbers = [rate, accepted, late, dead, expired];
  return html`<table class="jobs">
    <thead>
      <tr>
        <th scope="col">${job}</th>
        <th scope="col">${watermark}</th>
        <th scope="col">${lag}</th>
        ${numbers.map((name) => html`<th scope="col" class="number">${name}</th>`)}
      </tr>
    </thead>
    ${sorted.map((each) => html`<tbody>${row(scene, each, at)}${notes(scene, each, at)}</tbody>`)}
  </table>`;
}

function row(scene: Scene, job: JobAnswer, at: string): TemplateResult {
  const { words, formats } = scene;
  const { counts, recent } = job;
  const state = stateOfJob(job);
  const count = (
    name: 'accepted' | 'late' | 'dead',
  ) => html`<td class="number" data-label=${words.jobs[name]}>
    ${formats.number(counts[name])}
    ${recent[name] > 0 && name !== 'accepted' ? html`<small>${words.jobs.recent(formats.number(recent[name]))}</small>` : nothing}
  </td>`;
  return html`<tr class="state-${state}">
    <th scope="row">
      ${sign(state)} <span class="job-name">${printable(job.name)}</span>
      <small>${words.jobs.state[state]}</small>
    </th>
    <td class="time" data-label=${words.jobs.watermark}>${job.watermark === null ? '–' : formats.time(job.watermark, at)}</td>
    <td data-label=${words.jobs.lag}>${lagText(scene, job)}</td>
    <td class="number" data-label=${words.jobs.rate}>${formats.number(Math.round(job.eventsPerSecond * 10) / 10)}</td>
    ${count('accepted')} ${count('late')} ${count('dead')}
    <td class="number" data-label=${words.jobs.expired}>${formats.number(job.expired)}</td>
  </tr>`;
}

function lagText({ words, formats }: Scene, { lagSeconds, watermarkBy }: JobAnswer) {
  if (lagSeconds === null) return '–';
  const text =
    lagSeconds < LAG_TOLD_SECONDS
      ? words.jobs.ahead
      : words.jobs.behind(formats.duration(lagSeconds * 1_000));
  return html`${text}${watermarkBy === 'clock' ? html`<small>${words.jobs.byClock}</small>` : nothing}`;
}

/** A row of its own beneath a job's, so that what to do has the whole width. */
function notes(scene: Scene, job: JobAnswer, at: string) {
  const { findings, lastError } = job;
  const past = lastError?.isPast ? lastError : undefined;
  // An error of now is among the findings, with what to do.
  if (findings.length === 0 && !past) return nothing;
  return html`<tr class="notes">
    <td colspan="8">
      <ul>
        ${findings.map((finding) => findingOf(scene, finding))}
        ${past ? pastError(scene, past, at) : nothing}
      </ul>
    </td>
  </tr>`;
}

function findingOf({ words, act }: Scene, { kind, urgency, what, todo }: Finding): TemplateResult {
  const command = printable(todo);
  return html`<li class="finding finding-${urgency}">
    <span class="told">
      <strong>${words.jobs.finding[kind]}</strong> <span class="what">${printable(what)}</span>
    </span>
    <span class="todo">
      ${words.jobs.todo} <code>${command}</code>
      <button type="button" class="button small" @click=${() => act.copyText(todo)}>${words.jobs.copy}</button>
    </span>
  </li>`;
}

function pastError(
  { words, formats }: Scene,
  { by, at, error, message }: NonNullable<JobAnswer['lastError']>,
  now: string,
): TemplateResult {
  const ago = formats.duration(Date.parse(now) - Date.parse(at));
  return html`<li class="finding">
    <span class="told">
      ${words.jobs.lastError(printable(by), ago)} (${words.jobs.past}):
      <span class="what">${printable(`${error}: ${message}`)}</span>
    </span>
  </li>`;
}
