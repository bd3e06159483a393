/** How long closing takes: a window of 12 slices with 36,000 keys each, and windows of 720 slices. */

import { hotItems } from '../functions/hotItems/job.ts';
import { eventTime } from '../shared/model/time.ts';
import { windowEndingAt } from '../shared/model/window.ts';
import { PageIndex } from '../shared/operators/closing/pageIndex.ts';
import { IndexBlocks } from '../shared/runtime/closing/indexBlocks.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { pageName } from '../shared/state/closing/pages.ts';
import { readClosingState } from '../shared/state/inspect.ts';
import type { BenchEvent } from './events.ts';
import { batchesOf, PACKED, recordsOf, STREAM } from './records.ts';
import { type Row, summarize } from './report.ts';
import { createCloser, ingestInto, jobOf, type Stand, standFor } from './stand.ts';

const SHARD = 'shardId-000000000000';
const SLICE_MS = 300_000;
const START_MS = Date.parse('2026-03-02T10:00:00Z');
const KEYS = 36_000;
const SLICES = 12;

/** Slices of 36,000 items each, out of 72,000, one window's worth of them first. */
export async function measureWideWindow(rounds: number): Promise<Row[]> {
  const stand = standFor(jobOf(hotItems));
  const ingest = ingestInto(stand, stand.state);
  const times: number[] = [];
  for (let slice = 0; slice < SLICES + rounds; slice += 1) {
    for (const batch of batchesOf(viewsOf(slice), 9_000)) {
      stand.clock.moveTo(batch.at(-1)?.timestamp ?? 0);
      await ingest.ingest({ stream: STREAM, shard: SHARD, records: recordsOf(batch, PACKED) });
    }
    const start = performance.now();
    await createCloser(stand.job, stand, DEFAULT_SETTINGS).run('nudge');
    if (slice >= SLICES) times.push(performance.now() - start);
  }
  const { median, best } = summarize(times, 'less');
  const what = `a run that closes a window of ${SLICES} x ${KEYS.toLocaleString('en')} keys`;
  return [
    { section: 'closing time', what, measured: median, best, unit: 'ms', note: 'cold closer' },
  ];
}

function* viewsOf(slice: number): Generator<BenchEvent> {
  for (let n = 0; n < KEYS; n += 1) {
    yield {
      userId: String(100_000 + n),
      itemId: String(2_000_000 + ((n * 7_919 + slice * 3_001) % (2 * KEYS))),
      categoryId: String(n % 4_000),
      behavior: 'pv',
      timestamp: START_MS + slice * SLICE_MS + Math.floor((n / KEYS) * SLICE_MS),
    };
  }
}

const ROLLED = { size: '1h', slide: '5s' };
const ROLL_UP = 'roll-up of a window of 1 h every 5 s';
/** A run of many new slices may cost no more for each than a run of few does. */
const LINEAR_WITHIN = 1.1;
const PAGES_PER_WINDOW_MAX = 40;

/** A slide of 5 s in a window of 1 h: 720 slices a window, rolled up to 1 and 5 minutes. */
export async function measureRollUp(events: readonly BenchEvent[]): Promise<Row[]> {
  const stand = standFor(jobOf(hotItems, ROLLED));
  const ingest = ingestInto(stand, stand.state);
  const runs: Run[] = [];
  const first = events[0]?.timestamp ?? 0;
  let sinceRun = 0;
  let length = 0;
  for (const batch of batchesOf(events, 100)) {
    const now = batch.at(-1)?.timestamp ?? 0;
    stand.clock.moveTo(now);
    await ingest.ingest({ stream: STREAM, shard: SHARD, records: recordsOf(batch, PACKED) });
    sinceRun += 1;
    if (sinceRun < (LENGTHS[length % LENGTHS.length] as number)) continue;
    sinceRun = 0;
    length += 1;
    const run = await measuredRun(stand);
    if (now >= first + 3_700_000) runs.push(run);
  }
  return rollUpRows(runs);
}

/** Batches between runs, so that runs of many and of few new slices are compared. */
const LENGTHS = [1, 4, 16, 48] as const;

interface Run {
  readonly windows: number;
  readonly ms: number;
  readonly reads: number;
  /** Pages of the latest closed window. */
  readonly pages: number;
}

async function measuredRun(stand: Stand): Promise<Run> {
  const { job, meter, state } = stand;
  const before = meter.read;
  const start = performance.now();
  const report = await createCloser(job, stand, DEFAULT_SETTINGS).run('schedule');
  const ms = performance.now() - start;
  const reads = meter.read - before;
  const stored = await readClosingState(job.id, state);
  const index = new PageIndex(job.assign, stored);
  const end = eventTime(Math.floor(stored.watermark / 5_000) * 5_000);
  const blocks = new IndexBlocks(job.id, stand.stored);
  const window = windowEndingAt(end, job.assign);
  const entries = await blocks.answer(index, () => index.ofWindow(window));
  const pages = new Set(entries.map(({ page }) => pageName(page))).size;
  return { windows: report.windowsClosed, ms, reads, pages };
}

function rollUpRows(runs: readonly Run[]): Row[] {
  const closing = runs.filter(({ windows }) => windows > 0).sort((a, b) => a.windows - b.windows);
  const few = closing.slice(0, Math.floor(closing.length / 2));
  const many = closing.slice(-Math.ceil(closing.length / 4));
  const most = Math.max(...closing.map(({ pages }) => pages));
  const perWindow = (of: readonly Run[], figure: (run: Run) => number): number =>
    sum(of.map(figure)) / sum(of.map(({ windows }) => windows));
  const sizes = (of: readonly Run[]) => `${of[0]?.windows} to ${of.at(-1)?.windows} windows a run`;
  return [
    {
      section: ROLL_UP,
      what: 'pages of a window of 720 slices, at most',
      measured: most,
      unit: 'pages',
      budget: { atMost: PAGES_PER_WINDOW_MAX },
    },
    ...[few, many].flatMap((of): Row[] => [
      {
        section: ROLL_UP,
        what: 'time for each new slice, cold closer',
        measured: perWindow(of, ({ ms }) => ms),
        unit: 'ms',
        note: sizes(of),
        ...(of === many
          ? { budget: { atMost: LINEAR_WITHIN * perWindow(few, ({ ms }) => ms) } }
          : {}),
      },
      {
        section: ROLL_UP,
        what: 'reads for each new slice, cold closer',
        measured: perWindow(of, ({ reads }) => reads),
        unit: 'RRU',
        note: sizes(of),
        ...(of === many
          ? { budget: { atMost: LINEAR_WITHIN * perWindow(few, ({ reads }) => reads) } }
          : {}),
      },
    ]),
  ];
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
