/** The picture of a running stack: a progress bar and the latest results; plain lines where there is no terminal. */
import cliProgress from 'cli-progress';
import { createLogUpdate } from 'log-update';
import { textTable, valueText } from '../../cli/output/table.ts';
import { totalOf } from '../../shared/model/counts.ts';
import { isoTime, NO_WATERMARK } from '../../shared/model/time.ts';
import type { Item } from '../../shared/ports/table.ts';
import type { Status } from './status.ts';

export interface Picture {
  readonly put: number;
  readonly total: number;
  readonly windowsClosed: number;
  readonly status: Status;
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

const DRAW_MS = 500;
const LINE_MS = 3_000;
const BAR_SIZE = 30;
const BAR_OPTIONS = {
  format: '{bar} {percentage} %  {value} of {total} events put',
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
    update([bar(picture), progressText(picture), results(picture.status)].join('\n'));
  return {
    interval: DRAW_MS,
    draw,
    summarize: draw,
    say(text) {
      update.clear();
      stream.write(`${text}\n`);
    },
    finish(picture) {
      draw(picture);
      update.done();
    },
  };
}

/** A line is written when it says something new. */
function plainLines(stream: NodeJS.WriteStream): Screen {
  let last = '';
  const draw = (picture: Picture) => {
    const line = `${picture.put} of ${picture.total} put · ${progressText(picture)}\n`;
    if (line !== last) stream.write(line);
    last = line;
  };
  const summarize = (picture: Picture) => {
    draw(picture);
    stream.write(`${results(picture.status)}\n\n`);
  };
  return {
    interval: LINE_MS,
    draw,
    summarize,
    say: (text) => void stream.write(`${text}\n`),
    finish: summarize,
  };
}

function bar({ put, total }: Picture): string {
  const progress = total === 0 ? 1 : Math.min(1, put / total);
  const params = {
    progress,
    value: put,
    total,
    eta: 0,
    startTime: 0,
    stopTime: 0,
    maxWidth: 0,
  };
  return cliProgress.Format.Formatter(BAR_OPTIONS, params, {});
}

/** One line: events committed and problems by job, watermark, windows. */
function progressText({ status, windowsClosed }: Picture): string {
  const committed = status.jobs.map(({ job, counts }) => {
    const { late, dead } = counts;
    return `${job} ${totalOf(counts)} (${late} late, ${dead} dead)`;
  });
  const watermark = Math.min(...status.jobs.map((job) => job.watermark));
  return [
    `committed ${committed.join(', ')}`,
    `watermark ${watermark === NO_WATERMARK ? 'none yet' : isoTime(watermark)}`,
    `windows closed ${windowsClosed}`,
  ].join(' · ');
}

function results({ hotItems, traffic }: Status): string {
  const parts = [];
  if (hotItems) {
    parts.push(
      `Hot items: most viewed in the hour to ${hotItems['windowEnd']}`,
      textTable(['rank', 'item', 'views'], rankingRows(hotItems)),
    );
  }
  if (traffic.length > 0) {
    const rows = traffic.map((row) =>
      ['windowStart', 'windowEnd', 'pv', 'uv', 'final'].map((name) => valueText(row[name])),
    );
    parts.push('Traffic', textTable(['from', 'to', 'page views', 'viewers', 'final'], rows));
  }
  return parts.length > 0 ? parts.join('\n') : 'no window has closed yet';
}

function rankingRows(row: Item): string[][] {
  const ranking = row['ranking'] as readonly Item[];
  return ranking.map((each) => ['rank', 'id', 'count'].map((name) => String(each[name])));
}
