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
  const well = jobs.every((job) => stateOfJob(job) === 'idle') ? 'idle' : 'ok';
  const state = count === 0 ? well : 'attention';
  const texts = { idle: words.jobs.allIdle, ok: words.jobs.allWell };
  const text =
    state === 'attention' ? words.jobs.attention(formats.number(count), count) : texts[state];
  return html`<p class="jobs-summary state-${state}">${sign(state)} ${text}</p>`;
}

/** What several jobs are told alike, which is said once. */
function alikeIn(jobs: readonly JobAnswer[]): ReadonlyMap<string, readonly Finding[]> {
  const notes = jobs.flatMap(({ findings }) =>
    findings.filter(({ urgency }) => urgency === 'note'),
  );
  const byText = Map.groupBy(notes, textOf);
  return new Map([...byText].filter(([, same]) => same.length > 1));
}

const textOf = ({ what, todo }: Finding): string => JSON.stringify([what, todo]);

const sign = (state: State): TemplateResult =>
  html`<span class="sign sign-${state}" aria-hidden="true">${SIGNS[state]}</span>`;

function table(scene: Scene, { at, jobs }: JobsAnswer): TemplateResult {
  const { job, watermark, lag, rate, accepted, late, dead, expired } = scene.words.jobs;
  const alike = alikeIn(jobs);
  const sorted = jobs
    .toSorted((a, b) => ORDER.indexOf(stateOfJob(a)) - ORDER.indexOf(stateOfJob(b)))
    .map((each) => ({
      ...each,
      shown: each.findings.filter((finding) => !alike.has(textOf(finding))),
    }));
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
    ${alike.size === 0 ? nothing : html`<tbody>${alikeNotes(scene, alike)}</tbody>`}
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
function notes(scene: Scene, job: JobAnswer & { readonly shown: readonly Finding[] }, at: string) {
  const { shown, lastError } = job;
  const past = lastError?.isPast ? lastError : undefined;
  // An error of now is among the findings, with what to do.
  if (shown.length === 0 && !past) return nothing;
  return html`<tr class="notes">
    <td colspan="8">
      <ul>
        ${shown.map((finding) => findingOf(scene, finding))}
        ${past ? pastError(scene, past, at) : nothing}
      </ul>
    </td>
  </tr>`;
}

function alikeNotes(scene: Scene, alike: ReadonlyMap<string, readonly Finding[]>): TemplateResult {
  const { words, formats } = scene;
  return html`<tr class="notes">
    <td colspan="8">
      <ul>
        ${[...alike.values()].map(([first, ...others]) =>
          first
            ? findingOf(scene, first, words.jobs.alike(formats.number(others.length + 1)))
            : nothing,
        )}
      </ul>
    </td>
  </tr>`;
}

/** As somebody types it, who has just cloned the project. */
const commandOf = (todo: string): string =>
  todo.replace(/^tidemark /, 'npm run --silent tidemark -- ');

function findingOf(
  { words, act }: Scene,
  { kind, urgency, what, todo }: Finding,
  whose = '',
): TemplateResult {
  const command = printable(commandOf(todo));
  return html`<li class="finding finding-${urgency}">
    <span class="told">
      ${whose}
      <strong>${words.jobs.finding[kind]}</strong> <span class="what">${printable(what)}</span>
    </span>
    <span class="todo">
      ${words.jobs.todo} <code>${command}</code>
      <button type="button" class="button small" @click=${() => act.copyText(commandOf(todo))}>${words.jobs.copy}</button>
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
