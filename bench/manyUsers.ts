/**
 * Closing a day of profiles: how much memory and CPU it takes a fresh process, in rounds that go on where the one before stopped. As in
 * `manyKeys.ts`, what is stored is built here: logs, and pages of what scheduled runs took in during the day. Rows are counted and thrown away: what a client takes to put one is not closing's.
 */
import { userProfile } from '../functions/userProfile/job.ts';
import { createEngine } from '../shared/engine.ts';
import type { Ports } from '../shared/ports/ports.ts';
import type { Item, Table } from '../shared/ports/table.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { lineOf } from './events.ts';
import { answer, inChild, peakBytes } from './inChild.ts';
import { integerId } from './manyKeys.ts';
import { batchesOf, type Line } from './records.ts';
import { type Row, rowsIn } from './report.ts';
import { Scene } from './scene.ts';
import { addSpent, NOTHING } from './spent.ts';

const row = rowsIn('closing a day of profiles');
const DAY_MS = 86_400_000;
/** Midnight in Shanghai. */
const START_MS = Date.parse('2026-03-01T16:00:00Z');
const BATCH = 9_000;
const MEMORY_MB_MAX = 1_000;
const CPU_SECONDS_MAX = 60;
/** Of each user, spread over the day: of categories that some share, and items that few do. */
const EVENTS_EACH = 5;
const CATEGORIES = 4_000;
const ITEMS = 2_000_000;
const BEHAVIORS = ['pv', 'pv', 'pv', 'cart', 'buy'] as const;

function* eventsOf(users: number): Generator<Line> {
  const total = users * EVENTS_EACH;
  for (let n = 0; n <= total; n += 1) {
    const drawn = Number(integerId(n + users));
    yield lineOf({
      userId: String(1_000_000 + ((n * 7_919) % users)),
      itemId: String(drawn % ITEMS),
      categoryId: String(1_000_000 + (drawn % CATEGORIES) * 997),
      behavior: BEHAVIORS[Math.floor(n / users) % BEHAVIORS.length] ?? 'pv',
      timestamp: START_MS + Math.floor((n / total) * DAY_MS),
    });
  }
}

export async function measureManyUsers(users: number): Promise<Row[]> {
  const scene = new Scene(userProfile.build());
  let events = 0;
  let taken = NOTHING;
  for (const batch of batchesOf(eventsOf(users), BATCH)) {
    await scene.ingest(batch);
    events += batch.length;
    if (batch.length < BATCH) break;
    const { state } = await scene.close('schedule', 'warm');
    taken = addSpent(taken, state);
  }
  const items = [...scene.ports.stored.state.items()];
  const thousands = events / 1_000;
  const rows = [
    row('pages of it, during the day', taken.write / thousands, 'WRU per 1,000 events'),
    row('pages of it, during the day', taken.read / thousands, 'RRU per 1,000 events'),
  ];
  for (const engines of ['warm', 'cold'] as const) {
    const task: Task = { items, engines };
    const report = await inChild<Awaited<ReturnType<typeof close>>>(import.meta.url, task);
    const what = `${users.toLocaleString('en')} users, ${events.toLocaleString('en')} events, ${engines} rounds`;
    const budgets = engines === 'warm' ? { atMost: CPU_SECONDS_MAX } : {};
    rows.push(
      row(what, report.rows, 'rows', { atLeast: users, note: `${report.rounds} rounds` }),
      row(what, report.grownMb, 'MB of RSS at the peak', { atMost: MEMORY_MB_MAX }),
      row(what, report.cpuSeconds, 's of CPU', budgets),
    );
  }
  return rows;
}

/** Somewhat more than ten seconds of puts. */
const ROWS_A_ROUND = 50_000;

interface Task {
  /** The state table's items. */
  readonly items: readonly Item[];
  /** Whether the rounds are one process's, or each another one's. */
  readonly engines: 'warm' | 'cold';
}

/** In the child. */
async function close({ items, engines }: Task) {
  const job = userProfile.build();
  const scene = new Scene(job);
  scene.clock.moveTo(START_MS + DAY_MS);
  await scene.ports.stored.state.batchPut(items);
  let [rows, rowsBefore] = [0, 0];
  const counting = (table: Table): Table => ({
    ...table,
    description: table.description,
    batchGet: async () => [],
    async put() {
      rows += 1;
      return { kind: 'written' };
    },
  });
  const ports: Ports = { ...scene.ports, results: (name) => counting(scene.ports.results(name)) };
  const started = { rss: process.memoryUsage().rss, cpu: process.cpuUsage() };
  let engine = createEngine(job, ports, DEFAULT_SETTINGS);
  let rounds = 0;
  for (let hasMore = true; hasMore; rounds += 1) {
    if (engines === 'cold') engine = createEngine(job, ports, DEFAULT_SETTINGS);
    rowsBefore = rows;
    const hasTime = () => rows - rowsBefore < ROWS_A_ROUND;
    hasMore = (await engine.close?.('schedule', hasTime))?.hasMore ?? false;
  }
  const { user, system } = process.cpuUsage(started.cpu);
  return {
    rows,
    rounds,
    grownMb: (peakBytes() - started.rss) / 1_000_000,
    cpuSeconds: (user + system) / 1_000_000,
  };
}

if (import.meta.main) await answer(close);
