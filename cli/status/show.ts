/** How jobs are, as people and as programs read it. */

import { type JobFacts, RECENT } from '../../shared/health/facts.ts';
import {
  type Finding,
  failureText,
  isPast,
  type Look,
  lagOf,
  needsAttention,
} from '../../shared/health/findings.ts';
import { durationText } from '../../shared/model/durationText.ts';
import { type Duration, isoTime, NO_WATERMARK } from '../../shared/model/time.ts';
import { listedLanes } from '../../shared/state/jobProgress.ts';
import { columnLines } from '../output/columns.ts';
import { printable } from '../output/printable.ts';
import type { TerminalSize } from '../output/terminal.ts';
import { secondText, watermarkText } from '../output/times.ts';
import { valueText } from '../output/valueText.ts';
import { cut } from '../output/width.ts';
import { fitted } from './fitted.ts';

/** A job, and what was found of it. */
export interface AssessedJob {
  readonly facts: JobFacts;
  readonly findings: readonly Finding[];
}

/** The most of an error that is shown; `--format json` has all that is kept. */
const ERROR_LENGTH_MAX = 300;
const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
const ATTENTION = '!';
const NOTE = 'i';

/** All of it in lines; tables are cut at so many columns, and what needs attention is whole. */
export function statusLines(
  jobs: readonly AssessedJob[],
  look: Look,
  columns = Number.POSITIVE_INFINITY,
): string[] {
  return [
    headLine(look),
    '',
    ...tableLines(jobs, look, columns),
    '',
    ...attentionLines(jobs),
    ...noteLines(jobs),
    ...pastErrors(jobs, look),
  ];
}

/**
 * The same for a terminal that is drawn again in place: what needs attention comes first, and what there are no rows for is counted.
 *
 * @param failure why the last reading failed, if it did
 */
export function statusPicture(
  jobs: readonly AssessedJob[],
  look: Look,
  { columns, rows }: TerminalSize,
  failure?: string,
): string[] {
  const notes = noteLines(jobs);
  const lines = [
    headLine(look),
    ...(failure === undefined ? [] : [`${ATTENTION} not read: ${printable(failure)}`]),
    '',
    ...attentionLines(jobs),
    '',
    ...tableLines(jobs, look, columns),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    ...pastErrors(jobs, look),
  ];
  return fitted(lines, { columns, rows: rows - CURSOR_ROWS });
}

/** The cursor stands below a picture. */
const CURSOR_ROWS = 1;

const headLine = ({ stage, now }: Look): string => `stage ${stage}, ${secondText(now)} UTC`;

const tableLines = (jobs: readonly AssessedJob[], look: Look, columns: number): string[] =>
  [...progressLines(jobs, look), '', ...countLines(jobs)].map((line) => cut(line, columns));

const PROGRESS_HEAD = [markedName('job', []), 'events/s', 'watermark (UTC)', 'behind', 'lanes'];
const PROGRESS_RIGHT: ReadonlySet<number> = new Set([1]);

const progressLines = (jobs: readonly AssessedJob[], look: Look): string[] =>
  columnLines([PROGRESS_HEAD, ...jobs.map((each) => progressCells(each, look))], PROGRESS_RIGHT);

function progressCells({ facts, findings }: AssessedJob, { now }: Look): string[] {
  const { name, progress, lanes } = facts;
  if (progress.lanes.length === 0) return [markedName(name, findings), '', 'no event yet'];
  return [
    markedName(name, findings),
    rateText(lanes.eventsPerSecond),
    watermarkText(progress.watermark),
    behindText(lagOf(facts, now), progress.watermarkBy),
    lanesText(facts),
  ];
}

function markedName(name: string, findings: readonly Finding[]): string {
  return `${needsAttention(findings) ? ATTENTION : ' '} ${name}`;
}

const behindText = (lag: Duration | undefined, by: 'events' | 'clock'): string => {
  if (lag === undefined) return '';
  return by === 'clock' ? `${durationText(lag)} by the clock` : durationText(lag);
};

const rateText = (rate: number): string =>
  valueText(rate < 10 ? Number(rate.toFixed(1)) : Math.round(rate));

function lanesText({ progress: { lanes } }: JobFacts): string {
  const listed = listedLanes(lanes).length;
  const retired = lanes.length - listed;
  return retired === 0 ? `${listed}` : `${listed}, ${retired} retired`;
}

/** Short, so that all fits 80 columns. */
const RECENT_TEXT = `${RECENT / MS_PER_MINUTE}m`;
const COUNTS_HEAD = [markedName('job', []), 'accepted', 'filtered', 'late', 'dead', 'expired'];
/** What there seldom is: in the table where some job has any. */
const SELDOM = ['repeated', 'unremembered'] as const;
const RECENT_HEAD = [`late ${RECENT_TEXT}`, `dead ${RECENT_TEXT}`];
const COUNTS_RIGHT: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]);

function countLines(jobs: readonly AssessedJob[]): string[] {
  const seldom = SELDOM.filter((name) =>
    jobs.some(({ facts }) => (facts.progress.counts[name] ?? 0) > 0),
  );
  const head = [...COUNTS_HEAD, ...RECENT_HEAD, ...seldom];
  return columnLines([head, ...jobs.map((each) => countCells(each, seldom))], COUNTS_RIGHT);
}

function countCells(
  { facts: { name, progress, lanes }, findings }: AssessedJob,
  seldom: readonly (typeof SELDOM)[number][],
): string[] {
  const { counts, expired } = progress;
  const numbers = [
    counts.accepted,
    counts.filtered,
    counts.late,
    counts.dead,
    expired,
    lanes.counts.late,
    lanes.counts.dead,
    ...seldom.map((each) => counts[each] ?? 0),
  ];
  return [markedName(name, findings), ...numbers.map((each) => valueText(each))];
}

function attentionLines(jobs: readonly AssessedJob[]): string[] {
  const lines = findingLines(jobs, 'attention', ATTENTION);
  return lines.length > 0 ? lines : ['nothing needs attention'];
}

const noteLines = (jobs: readonly AssessedJob[]): string[] => findingLines(jobs, 'note', NOTE);

/** What is found of several jobs alike is said once. */
function findingLines(
  jobs: readonly AssessedJob[],
  wanted: Finding['urgency'],
  sign: string,
): string[] {
  const found = jobs.flatMap(({ facts: { name }, findings }) =>
    findings
      .filter(({ urgency }) => urgency === wanted)
      .map(({ what, todo }) => ({ name, text: `${shortened(what)}; see ${todo}` })),
  );
  const alike = Map.groupBy(found, ({ text }) => text);
  return [...alike].map(
    ([text, those]) => `${sign} ${those.map(({ name }) => name).join(', ')}: ${text}`,
  );
}

function pastErrors(jobs: readonly AssessedJob[], { now }: Look): string[] {
  const lines = jobs.flatMap(({ facts }) =>
    facts.failures
      .filter((failure) => isPast(failure, facts, now))
      .map((failure) => `  ${facts.name}: ${shortened(failureText(failure, now))}`),
  );
  return lines.length === 0 ? [] : ['', 'past errors:', ...lines];
}

function shortened(text: string): string {
  return cut(printable(text), ERROR_LENGTH_MAX);
}

/** One line of JSON. Texts of errors are as they are kept. */
export function statusJson({ facts, findings }: AssessedJob, { now, stage }: Look): string {
  const { progress, lanes, failures } = facts;
  const lag = lagOf(facts, now);
  const listed = listedLanes(progress.lanes).length;
  return JSON.stringify({
    at: isoTime(now),
    stage,
    job: facts.job.id,
    state: stateOf(facts, findings),
    ...(progress.watermark === NO_WATERMARK
      ? {}
      : { watermark: isoTime(progress.watermark), watermarkBy: progress.watermarkBy }),
    ...(lag === undefined ? {} : { lagSeconds: Math.round(lag / MS_PER_SECOND) }),
    lanes: { listed, retired: progress.lanes.length - listed },
    counts: { ...progress.counts, expired: progress.expired },
    eventsPerSecond: Number(lanes.eventsPerSecond.toFixed(2)),
    recent: { seconds: RECENT / MS_PER_SECOND, ...lanes.counts },
    errors: failures.map(({ at, ...failure }) => ({
      at: isoTime(at),
      ...failure,
      isPast: isPast({ at, ...failure }, facts, now),
    })),
    findings,
  });
}

function stateOf({ progress }: JobFacts, findings: readonly Finding[]): string {
  if (needsAttention(findings)) return 'attention';
  return progress.lanes.length === 0 ? 'noEvents' : 'well';
}
