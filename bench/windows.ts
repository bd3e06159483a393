/** How long closing takes: a window of 12 slices with 36,000 keys each, and windows of 720 slices. */
import { hotItems } from '../functions/hotItems/job.ts';
import { eventTime } from '../shared/model/time.ts';
import { windowEndingAt } from '../shared/model/window.ts';
import { PageIndex } from '../shared/operators/closing/pageIndex.ts';
import { IndexBlocks } from '../shared/runtime/closing/indexBlocks.ts';
import { pageName } from '../shared/state/closing/pages.ts';
import { readClosingState } from '../shared/state/inspect.ts';
import { type BenchEvent, lineOf } from './events.ts';
import { batchesOf, type Line } from './records.ts';
import { type Row, rowsIn, summarize } from './report.ts';
import { Scene } from './scene.ts';
import { sumOf } from './spent.ts';

const SLICE_MS = 300_000;
const START_MS = Date.parse('2026-03-02T10:00:00Z');
const KEYS = 36_000;
const SLICES = 12;

/** Slices of 36,000 items each, out of 72,000, one window's worth of them first. */
export async function measureWideWindow(rounds: number): Promise<Row[]> {
  const scene = new Scene(hotItems.build());
  const times: number[] = [];
  for (let slice = 0; slice < SLICES + rounds; slice += 1) {
    for (const batch of batchesOf(viewsOf(slice), 9_000)) await scene.ingest(batch);
    const { ms } = await scene.close('nudge', 'cold');
    if (slice >= SLICES) times.push(ms);
  }
  const what = `a run that closes a window of ${SLICES} x ${KEYS.toLocaleString('en')} keys`;
  return [rowsIn('closing time')(what, summarize(times, 'less'), 'ms', { note: 'cold closer' })];
}

function* viewsOf(slice: number): Generator<Line> {
  for (let n = 0; n < KEYS; n += 1) {
    yield lineOf({
      userId: String(100_000 + n),
      itemId: String(2_000_000 + ((n * 7_919 + slice * 3_001) % (2 * KEYS))),
      categoryId: String(n % 4_000),
      behavior: 'pv',
      timestamp: START_MS + slice * SLICE_MS + Math.floor((n / KEYS) * SLICE_MS),
    });
  }
}

const ROLLED = hotItems.build({ size: '1h', slide: '5s' });
const SLIDE_MS = 5_000;
/** Until a window's worth of slices is there. */
const WARM_UP_MS = 3_700_000;
/** A run of many new slices may cost no more for each than a run of few does. */
const LINEAR_WITHIN = 1.1;
const PAGES_PER_WINDOW_MAX = 40;
/** Batches between runs, so that runs of many and of few new slices are compared. */
const LENGTHS = [1, 4, 16, 48] as const;

/** A slide of 5 s in a window of 1 h: 720 slices a window, rolled up to 1 and 5 minutes. */
export async function measureRollUp(events: readonly BenchEvent[]): Promise<Row[]> {
  const scene = new Scene(ROLLED);
  const runs: Run[] = [];
  const first = events[0]?.timestamp ?? 0;
  let sinceRun = 0;
  let length = 0;
  for (const batch of batchesOf(events.map(lineOf), 100)) {
    await scene.ingest(batch);
    sinceRun += 1;
    if (sinceRun < (LENGTHS[length % LENGTHS.length] as number)) continue;
    sinceRun = 0;
    length += 1;
    const { report, ms, state } = await scene.close('schedule', 'cold');
    if (scene.clock.now() < first + WARM_UP_MS || report.windowsClosed === 0) continue;
    const pages = await pagesOfLatestWindow(scene);
    runs.push({ windows: report.windowsClosed, ms, reads: state.read, pages });
  }
  return rollUpRows(runs.sort((a, b) => a.windows - b.windows));
}

interface Run {
  readonly windows: number;
  readonly ms: number;
  readonly reads: number;
  /** Pages of the latest closed window. */
  readonly pages: number;
}

async function pagesOfLatestWindow({ ports }: Scene): Promise<number> {
  const { state } = ports.stored;
  const stored = await readClosingState(ROLLED.id, state);
  const index = new PageIndex(ROLLED.assign, stored);
  const end = eventTime(Math.floor(stored.watermark / SLIDE_MS) * SLIDE_MS);
  const window = windowEndingAt(end, ROLLED.assign);
  const blocks = new IndexBlocks(ROLLED.id, state);
  const entries = await blocks.answer(index, () => index.ofWindow(window));
  return new Set(entries.map(({ page }) => pageName(page))).size;
}

/** @param runs those of the fewest windows first */
function rollUpRows(runs: readonly Run[]): Row[] {
  const row = rowsIn('roll-up of a window of 1 h every 5 s');
  const few = runs.slice(0, Math.floor(runs.length / 2));
  const many = runs.slice(-Math.ceil(runs.length / 4));
  const most = Math.max(...runs.map(({ pages }) => pages));
  const perWindow = (of: readonly Run[], figure: 'ms' | 'reads'): number =>
    sumOf(of.map((run) => run[figure])) / sumOf(of.map(({ windows }) => windows));
  const rowOf = (of: readonly Run[], what: string, figure: 'ms' | 'reads', unit: string) => {
    const note = `${of[0]?.windows} to ${of.at(-1)?.windows} windows a run`;
    const atMost = of === many ? LINEAR_WITHIN * perWindow(few, figure) : undefined;
    return row(`${what} for each new slice, cold closer`, perWindow(of, figure), unit, {
      atMost,
      note,
    });
  };
  return [
    row('pages of a window of 720 slices, at most', most, 'pages', {
      atMost: PAGES_PER_WINDOW_MAX,
    }),
    ...[few, many].flatMap((of) => [
      rowOf(of, 'time', 'ms', 'ms'),
      rowOf(of, 'reads', 'reads', 'RRU'),
    ]),
  ];
}
