/**
 * Closing one window a nudge, with a slide of 5 s and ever more slices to a window, while all slices of six hours stay open
 * to corrections. What a window costs must follow from neither.
 */
import { seconds, sliding } from '../shared/index.ts';
import type { Duration } from '../shared/model/time.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { type Cost, costRows, msOf, type Row, rowsIn } from './report.ts';
import { type Invocation, Scene, type Temperature } from './scene.ts';
import { addSpent } from './spent.ts';
import { visitLine, visitsJob } from './visits.ts';

const row = rowsIn('one window a nudge, slide 5 s, six hours of slices stored');
const START_MS = Date.parse('2026-03-02T00:00:00Z');
const SLIDE_MS = 5_000;
const VISITS_A_SLICE = 20;
const PAGES = 50;
/** While what is stored is built up. */
const SLICES_A_RUN = 180;
/** What many slices may cost in proportion to the first. */
const FLAT_WITHIN = 2;

/**
 * @param sliceCounts slices to a window; the first is what the others are held against
 * @param stored how much is stored when the measuring begins
 */
export async function measureManySlices(
  sliceCounts: readonly number[],
  stored: Duration,
  rounds: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const temperature of ['warm', 'cold'] as const) {
    const closings: Closing[] = [];
    for (const slices of sliceCounts) closings.push(await closingOf(slices, stored));
    // In turns, so that whatever else the machine does meets all alike.
    for (let round = 0; round < rounds; round += 1) {
      for (const closing of closings) await closeOne(closing, temperature);
    }
    const costs = closings.map(costOf);
    for (const [i, slices] of sliceCounts.entries()) {
      const what = `${slices.toLocaleString('en')} slices to a window, ${temperature} closer`;
      rows.push(...costRows(row, what, costs[i] ?? {}, costs[0], FLAT_WITHIN));
    }
  }
  return rows;
}

/** Of one window, its row apart: the median and the best of its time, the means of its units. */
function costOf({ runs, windows }: Closing): Cost {
  const { read, write } = addSpent(...runs.map(({ state }) => state));
  return { ms: msOf(runs), WRU: write / windows, RRU: read / windows };
}

interface Closing {
  readonly scene: Scene;
  readonly runs: Invocation<unknown>[];
  windows: number;
  nextSlice: number;
}

/** With so much stored, all of it merged. */
async function closingOf(slices: number, stored: Duration): Promise<Closing> {
  const size = (slices * SLIDE_MS) as Duration;
  const assign = sliding({ size, slide: SLIDE_MS as Duration });
  const job = visitsJob('many-slices', { assign, allowedLateness: seconds(60) });
  const scene = new Scene(job, { settings: { ...DEFAULT_SETTINGS, correctionRetention: stored } });
  const nextSlice = stored / SLIDE_MS + slices;
  for (let slice = 0; slice < nextSlice; slice += 1) {
    await deliver(scene, slice);
    if (slice % SLICES_A_RUN === 0) await scene.close('schedule', 'warm');
  }
  await scene.close('schedule', 'warm');
  return { scene, nextSlice, runs: [], windows: 0 };
}

async function closeOne(closing: Closing, temperature: Temperature): Promise<void> {
  await deliver(closing.scene, closing.nextSlice);
  closing.nextSlice += 1;
  const run = await closing.scene.close('nudge', temperature);
  closing.runs.push(run);
  closing.windows += run.report.windowsClosed;
}

async function deliver(scene: Scene, slice: number): Promise<void> {
  const start = START_MS + slice * SLIDE_MS;
  const lines = Array.from({ length: VISITS_A_SLICE }, (_, n) => {
    const page = `/page/${(slice * 7 + n * n) % PAGES}`;
    return visitLine({ page, time: timeOf(start, slice, n) }, start);
  });
  await scene.ingest(lines);
}

/** Most visits in their slice; some up to 40 s behind, in no regular pattern, so that slices are corrected. */
function timeOf(start: number, slice: number, n: number): number {
  const chance = Math.imul(slice * VISITS_A_SLICE + n + 1, 0x9e3779b1) >>> 8;
  const behind = n < VISITS_A_SLICE - 1 && chance % 20 === 0 ? (chance >>> 6) % 40_000 : 0;
  return start + n * 200 - behind;
}
