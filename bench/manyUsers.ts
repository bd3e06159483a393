/**
 * Closing a day of profiles: how much memory and CPU it takes a fresh process, in rounds that go on where the one before stopped;
 * and correcting it. As in `manyKeys.ts`, what is stored is built here: logs, and pages of what scheduled runs took in during the day. Rows are counted and thrown away: what a client takes to put one is not closing's.
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
/** What comes late, of as many users. */
const LATE = 1_000;
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

/** Of the last moment of the day. */
const lateEvents = (users: number): Line[] =>
  Array.from({ length: LATE }, (_, n) =>
    lineOf({
      userId: String(1_000_000 + ((n * 7_919) % users)),
      itemId: String(n),
      categoryId: String(1_000_000 + (n % CATEGORIES) * 997),
      behavior: 'pv',
      timestamp: START_MS + DAY_MS - 1,
    }),
  );

const nameOf = ({ pk, sk }: Item): string => `${pk}/${sk}`;

export async function measureManyUsers(users: number): Promise<Row[]> {
  const scene = new Scene(correctable());
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
  await scene.ingest(lateEvents(users));
  const known = new Set(items.map(nameOf));
  const late = [...scene.ports.stored.state.items()].filter((item) => !known.has(nameOf(item)));
  const thousands = events / 1_000;
  const rows = [
    row('pages of it, during the day', taken.write / thousands, 'WRU per 1,000 events'),
    row('pages of it, during the day', taken.read / thousands, 'RRU per 1,000 events'),
  ];
  for (const engines of ['warm', 'cold'] as const) {
    const task: Task = { items, late, engines };
    const report = await inChild<Awaited<ReturnType<typeof close>>>(import.meta.url, task);
    const what = `${users.toLocaleString('en')} users, ${events.toLocaleString('en')} events, ${engines} rounds`;
    const budgets = engines === 'warm' ? { atMost: CPU_SECONDS_MAX } : {};
    rows.push(
      row(what, report.rows, 'rows', { atLeast: users, note: `${report.rounds} rounds` }),
      row(what, report.grownMb, 'MB of RSS at the peak', { atMost: MEMORY_MB_MAX }),
      row(what, report.cpuSeconds, 's of CPU', budgets),
    );
    if (engines === 'cold') continue;
    const { looked, cpuSeconds } = report.correction;
    const correction = `${LATE.toLocaleString('en')} late events of such a day`;
    rows.push(
      // The tags' rows are among them.
      row(correction, looked / LATE, 'rows looked at an event', { atMost: 1.1 }),
      row(correction, cpuSeconds, 's of CPU'),
    );
  }
  return rows;
}

/** Somewhat more than ten seconds of puts. */
const ROWS_A_ROUND = 50_000;

/** The job as it is, but for late events, which it takes. */
const correctable = () => userProfile.build({ lateness: '1h' });

interface Task {
  /** The state table's items. */
  readonly items: readonly Item[];
  /** What late events add to them. */
  readonly late: readonly Item[];
  /** Whether the rounds are one process's, or each another one's. */
  readonly engines: 'warm' | 'cold';
}

/** In the child. */
async function close({ items, late, engines }: Task) {
  const job = correctable();
  const scene = new Scene(job);
  scene.clock.moveTo(START_MS + DAY_MS);
  await scene.ports.stored.state.batchPut(items);
  let [rows, rowsBefore, looked] = [0, 0, 0];
  const counting = (table: Table): Table => ({
    ...table,
    description: table.description,
    async batchGet(keys) {
      looked += keys.length;
      return [];
    },
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
  const closed = {
    rows,
    rounds,
    grownMb: (peakBytes() - started.rss) / 1_000_000,
    cpuSeconds: secondsSince(started.cpu),
  };
  await scene.ports.stored.state.batchPut(late);
  looked = 0;
  const before = process.cpuUsage();
  await engine.close?.('schedule');
  return { ...closed, correction: { looked, cpuSeconds: secondsSince(before) } };
}

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

if (import.meta.main) await answer(close);
