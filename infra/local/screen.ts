/**
 * The picture of a running stack: a progress bar, the jobs and their latest answers, which all fit a terminal of
 * 24 lines; plain lines where there is no terminal.
 */
import cliProgress from 'cli-progress';
import { createLogUpdate } from 'log-update';
import { columnLines } from '../../cli/output/columns.ts';
import { printable, printableLines } from '../../cli/output/printable.ts';
import { watermarkText } from '../../cli/output/times.ts';
import { valueText } from '../../cli/output/valueText.ts';
import { cut } from '../../cli/output/width.ts';
import { addCounts, NO_COUNTS, totalOf } from '../../shared/model/counts.ts';
import { type Phase, paceText, phaseText } from './phase.ts';
import type { JobStatus, Status } from './status.ts';

export interface Picture {
  readonly put: number;
  readonly total: number;
  readonly windowsClosed: number;
  readonly phase: Phase;
  readonly status: Status;
  /** Failed invocations, in a line. */
  readonly failure?: string;
  /** What has been done to it on purpose, in a line. */
  readonly chaos?: string;
  /** Where it listens, and how to put something: what has to stay in sight. */
  readonly places: readonly string[];
}

export interface Screen {
  /** How often to draw, in ms. */
  readonly interval: number;
  draw(picture: Picture): void;
  /** Text that stays, above the picture. */
  say(text: string): void;
  /** A picture with the results, also where others are a single line. */
  summarize(picture: Picture): void;
  /** The last picture: a summary that stays. */
  finish(picture: Picture): void;
}

const DRAW_MS = 1_000;
const LINE_MS = 3_000;
const BAR_SIZE = 20;
const BAR_OPTIONS = {
  format: '{bar} {percentage} %  {stored} of {expected} events put · {windows} windows closed',
  barsize: BAR_SIZE,
  barGlue: '',
  autopaddingChar: ' ',
  barCompleteString: '█'.repeat(BAR_SIZE),
  barIncompleteString: '░'.repeat(BAR_SIZE),
};

export function screenOn(stream: NodeJS.WriteStream): Screen {
  return stream.isTTY ? terminal(stream) : plainLines(stream);
}

function terminal(stream: NodeJS.WriteStream): Screen {
  const update = createLogUpdate(stream);
  const draw = (picture: Picture) =>
    update(pictureLines(picture, stream.columns, stream.rows).join('\n'));
  return {
    interval: DRAW_MS,
    draw,
    summarize: draw,
    say(text) {
      update.clear();
      stream.write(`${printableLines(text)}\n`);
    },
    finish(picture) {
      draw(picture);
      update.done();
    },
  };
}

/** All of a picture; without its empty lines where they do not fit. The last line is the cursor's. */
export function pictureLines(picture: Picture, columns: number, rows: number): string[] {
  const { phase, status, failure, chaos, places } = picture;
  const below = [
    ...(chaos === undefined ? [] : [chaos]),
    ...(failure === undefined ? [] : [printable(failure)]),
    ...places,
  ];
  const lines = [bar(picture), phaseText(phase), '', ...jobLines(status, columns), '', ...below];
  const fitting = lines.length < rows ? lines : lines.filter((line) => line !== '');
  return fitting.map((line) => cut(line, columns));
}

/** A line is written when it says something new. */
function plainLines(stream: NodeJS.WriteStream): Screen {
  const last = new Map<string, string>();
  const draw = (picture: Picture) => {
    for (const [kind, text] of Object.entries(plainTexts(picture))) {
      if (text !== last.get(kind)) stream.write(`${text}\n`);
      last.set(kind, text);
    }
  };
  const summarize = (picture: Picture) => {
    draw(picture);
    stream.write(`\n${jobLines(picture.status, COLUMNS).join('\n')}\n\n`);
  };
  return {
    interval: LINE_MS,
    draw,
    summarize,
    say: (text) => void stream.write(`${printableLines(text)}\n`),
    finish: summarize,
  };
}

function bar({ put, total, windowsClosed }: Picture): string {
  const progress = total === 0 ? 1 : Math.min(1, put / total);
  const params = { progress, value: put, total, eta: 0, startTime: 0, stopTime: 0, maxWidth: 0 };
  const texts = {
    stored: valueText(put),
    expected: valueText(total),
    windows: valueText(windowsClosed),
  };
  return cliProgress.Format.Formatter(BAR_OPTIONS, params, texts);
}

/** By what they are of; each is written when it is another one. */
function plainTexts(picture: Picture): Readonly<Record<string, string>> {
  const { phase, failure, chaos } = picture;
  return {
    progress: progressText(picture),
    ...(phase.kind === 'closing' ? { phase: phaseText(phase) } : {}),
    ...(chaos === undefined ? {} : { chaos }),
    ...(failure === undefined ? {} : { failure: `warning: ${printable(failure)}` }),
  };
}

/** One line; an event counts once for each job that reads it. */
function progressText({ put, total, status, windowsClosed, phase }: Picture): string {
  const counts = status.reduce((sum, job) => addCounts(sum, job.counts), NO_COUNTS);
  return [
    `${valueText(put)} of ${valueText(total)} events put`,
    `${valueText(totalOf(counts))} taken by jobs, ${counts.late} of them late, ${counts.dead} dead`,
    `${valueText(windowsClosed)} windows closed`,
    ...(phase.kind === 'putting' && phase.pace ? [paceText(phase.pace)] : []),
  ].join(' · ');
}

const COLUMNS = 80;
const HEAD = ['job', 'events', 'late', 'dead', 'watermark (UTC)'];
/** Numbers. */
const RIGHT: ReadonlySet<number> = new Set([1, 2, 3]);

/** What the jobs have read, and below what they found. */
function jobLines(status: Status, columns: number): string[] {
  const counts = columnLines([HEAD, ...status.map(countCells)], RIGHT);
  const width = Math.max(...[HEAD[0] ?? '', ...status.map(({ name }) => name)].map(lengthOf));
  const answers = status.map(({ name, headline }) =>
    cut(`${name.padEnd(width)}  ${printable(headline ?? 'no result yet')}`, columns),
  );
  return [...counts, '', ...answers];
}

const lengthOf = (text: string): number => text.length;

const countCells = ({ name, counts, watermark, watermarkBy }: JobStatus): string[] => [
  name,
  ...[totalOf(counts), counts.late, counts.dead].map((count) => valueText(count)),
  `${watermarkText(watermark)}${watermarkBy === 'clock' ? ' by the clock' : ''}`,
];
