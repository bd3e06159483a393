/**
 * Closing one window with millions of distinct keys: how much memory and time it takes a fresh process. The logs are
 * built here and handed over in a file, so that the child's memory is closing's alone.
 */
import { hotItems } from '../functions/hotItems/job.ts';
import { JOBS } from '../functions/jobs.ts';
import { pvuv } from '../functions/pvuv/job.ts';
import type { ParameterTexts } from '../shared/job/parameters.ts';
import { eventTime, isoTime } from '../shared/model/time.ts';
import type { Item } from '../shared/ports/table.ts';
import { readClosingState } from '../shared/state/inspect.ts';
import { lineOf } from './events.ts';
import { answer, inChild, peakBytes } from './inChild.ts';
import { batchesOf, type Line } from './records.ts';
import { type Row, rowsIn } from './report.ts';
import { Scene } from './scene.ts';

const row = rowsIn('closing a window of many keys');
const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-03-02T10:00:00Z');
const BATCH = 9_000;
const MEMORY_MB_MAX = 512;
/** V8 collects late when it may grow: limited to this, the process takes what it needs. */
const HEAP_MB_MAX = 400;

/** Different for every n below 2^32, and spread like chance, so that no codec profits: a mixer that is a bijection. */
export function integerId(n: number): string {
  const mixed = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  const more = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return String((more ^ (more >>> 16)) >>> 0);
}

const CASES = [
  { what: 'hot items, one window due', family: hotItems, texts: { slide: '1h' }, idOf: integerId },
  { what: 'hot items, 12 windows due at once', family: hotItems, texts: {}, idOf: integerId },
  { what: 'exact uv of string ids', family: pvuv, texts: {}, idOf: (n: number) => `user-${n}` },
] as const;

/** One view of each of so many items by as many users, spread over one hour; then the next hour's first view. */
function* viewsOf(keys: number, idOf: (n: number) => string): Generator<Line> {
  for (let n = 0; n <= keys; n += 1) {
    yield lineOf({
      userId: idOf(n),
      itemId: integerId(n),
      categoryId: String(n % 4_000),
      behavior: 'pv',
      timestamp: START_MS + Math.floor((n / keys) * HOUR_MS),
    });
  }
}

export async function measureManyKeys(keys: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { what, family, texts, idOf } of CASES) {
    const scene = new Scene(family.build(texts));
    for (const batch of batchesOf(viewsOf(keys, idOf), BATCH)) await scene.ingest(batch);
    const items = [...scene.ports.stored.state.items()];
    const task: Task = { job: family.name, texts, items, windowEnd: START_MS + HOUR_MS };
    const flags = [`--max-old-space-size=${HEAP_MB_MAX}`];
    const report = await inChild<Awaited<ReturnType<typeof close>>>(import.meta.url, task, flags);
    const name = `${what}, ${keys.toLocaleString('en')} keys`;
    const note = `heap limited to ${HEAP_MB_MAX} MB; pages of up to ${report.pageParts} items`;
    rows.push(
      row(name, report.keysFound, 'keys in the row', { atLeast: keys }),
      row(name, report.grownMb, 'MB of RSS at the peak', { atMost: MEMORY_MB_MAX, note }),
      row(name, report.seconds, 's'),
    );
  }
  return rows;
}

interface Task {
  /** A job's name. */
  readonly job: string;
  readonly texts: ParameterTexts;
  /** The state table's items. */
  readonly items: readonly Item[];
  readonly windowEnd: number;
}

/** In the child. */
async function close(task: Task) {
  const family = JOBS.find(({ name }) => name === task.job);
  if (!family) throw new Error(`there is no job ${task.job}`);
  const scene = new Scene(family.build(task.texts));
  const { state } = scene.ports.stored;
  scene.clock.moveTo(task.windowEnd);
  await state.batchPut(task.items);
  const before = process.memoryUsage().rss;
  const { ms } = await scene.close('nudge', 'cold');
  const peak = peakBytes();
  const { pages } = await readClosingState(scene.job.id, state);
  return {
    grownMb: (peak - before) / 1_000_000,
    seconds: ms / 1_000,
    /** Distinct keys in the closed window's row. */
    keysFound: keysIn(scene, isoTime(eventTime(task.windowEnd))),
    /** Items of the largest page. */
    pageParts: Math.max(...pages.map(({ page }) => page.parts)),
  };
}

function keysIn(scene: Scene, windowEnd: string): number {
  for (const item of scene.answers()) {
    if (item['windowEnd'] !== windowEnd) continue;
    if (item['board'] === 'items:pv') return item['keys'] as number;
    if (item['site'] === 'all') return item['uv'] as number;
  }
  return 0;
}

if (import.meta.main) await answer(close);
