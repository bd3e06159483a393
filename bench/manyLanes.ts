/**
 * Runs of the two scheduled functions over 40 lanes, alone and at the end of a life of 20,000: what a run takes must follow
 * from those that live.
 */

import { hotPages } from '../functions/hotPages/job.ts';
import { orderTimeout } from '../functions/orderTimeout/job.ts';
import { memoryTable } from '../shared/adapters/memory/table.ts';
import { meteredTable, unitMeter } from '../shared/adapters/meteredTable.ts';
import { days, minutes } from '../shared/index.ts';
import { streamsOf } from '../shared/job/head.ts';
import { type Job, tablesOf } from '../shared/job/job.ts';
import { WHOLE_RANGE } from '../shared/model/hashRange.ts';
import { arrivalTime, processingTime, watermarkAt } from '../shared/model/time.ts';
import { resultTables } from '../shared/ports/ports.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { putJobWatermark } from '../shared/state/keyed/jobClock.ts';
import { stateTable } from '../shared/state/keys.ts';
import { putClosing, putDeadLanes, shardNumbered } from './deadLanes.ts';
import { type Row, summarize } from './report.ts';
import {
  BenchClock,
  createCloser,
  createIngest,
  createTimerFirer,
  jobOf,
  NO_UNITS,
  type Units,
  unitsOf,
  unitsSince,
} from './stand.ts';

const SECTION = 'a run over 40 lanes, of a job that has had many more';
const LIVE = 40;
const START_MS = Date.parse('2026-03-02T00:00:00Z');
/** As many lanes as `closing` can hold. */
const MERGED = 19_000;
/** What a long life may cost in proportion to a short one. */
const FLAT_WITHIN = 2;

export interface ManyLanes {
  readonly dead: number;
  readonly rounds: number;
}

const CASES = [
  {
    what: 'closing hot pages',
    job: jobOf(hotPages) as Job,
    event: (n: number, at: number) => ({
      url: `/page/${n % 7}`,
      method: 'GET',
      ip: `10.0.0.${n % 200}`,
      timestamp: at,
    }),
  },
  {
    what: 'firing timers of orders',
    job: jobOf(orderTimeout) as unknown as Job,
    event: (n: number, at: number) => ({ orderId: String(at + n), type: 'create', timestamp: at }),
  },
] as const;

type Case = (typeof CASES)[number];

export async function measureManyLanes({ dead, rounds }: ManyLanes): Promise<Row[]> {
  const rows: Row[] = [];
  for (const each of CASES) {
    const few = await sceneOf(each, 0);
    const many = await sceneOf(each, dead);
    rows.push({
      section: SECTION,
      what: `${each.what}: the slowest run that retires up to 2,000 of ${dead.toLocaleString('en')} lanes`,
      measured: Math.max(...many.retiring),
      unit: 'ms',
    });
    for (const temperature of ['warm', 'cold'] as const) {
      const [alone, after] = [few[temperature], many[temperature]];
      // In turns, so that whatever else the machine does meets both alike.
      for (let round = 0; round < rounds; round += 1) {
        for (const scene of [few, many]) await scene.measure(scene[temperature]);
      }
      rows.push(...rowsOf(`${each.what}, ${temperature}`, alone, after));
    }
  }
  return rows;
}

function rowsOf(what: string, few: Spent, many: Spent): Row[] {
  const [alone, after] = [few, many].map(({ times }) => summarize(times, 'less'));
  const within = (measured: number) => ({ budget: { atMost: measured * FLAT_WITHIN } });
  const common = { section: SECTION };
  const rows: Row[] = [];
  for (const [label, spent, times] of [
    ['alone', few, alone],
    ['after many', many, after],
  ] as const) {
    const isBase = spent === few;
    const per = (units: number) => units / spent.times.length;
    rows.push(
      {
        ...common,
        what: `${what}, ${label}`,
        measured: times?.median ?? 0,
        best: times?.best ?? 0,
        unit: 'ms',
        ...(isBase ? {} : within(alone?.median ?? 0)),
      },
      {
        ...common,
        what: `${what}, ${label}`,
        measured: per(spent.units.read),
        unit: 'RRU',
        ...(isBase ? {} : within(per(few.units.read))),
      },
    );
  }
  return rows;
}

interface Spent {
  readonly run: () => { run(trigger: 'schedule'): Promise<unknown> };
  readonly times: number[];
  units: Units;
}

interface Scene {
  readonly warm: Spent;
  readonly cold: Spent;
  /** How long the runs took that retired what had ended (ms). */
  readonly retiring: readonly number[];
  measure(spent: Spent): Promise<void>;
}

async function sceneOf({ job, event }: Case, dead: number): Promise<Scene> {
  const clock = new BenchClock();
  clock.moveTo(START_MS);
  const meter = unitMeter();
  const stored = memoryTable(stateTable('state'));
  const tables = new Map(tablesOf(job).map((table) => [table.name, memoryTable(table)]));
  const parentsOf = async (_: string, shard: string) => {
    const n = Number(shard.slice(-12));
    return n >= LIVE ? [shardNumbered(n - LIVE)] : [];
  };
  const ports = {
    state: meteredTable(stored, meter),
    results: resultTables(tables),
    clock,
    shards: { parentsOf, rangeOf: async () => WHOLE_RANGE },
    reader: { look: async () => 'drained' as const },
    nudge: { send: async () => {} },
  };
  const silentSince = processingTime(START_MS - days(9));
  const dying = { dead, live: LIVE, silentSince, watermark: silentSince };
  const merged = await putDeadLanes(stored, job, dying);
  if (job.kind === 'status') await putJobWatermark(stored, job.id, watermarkAt(silentSince));
  else if (dead > 0)
    await putClosing(stored, job, new Map([...merged].slice(0, MERGED)), silentSince);
  const ingest = createIngest(job, ports, DEFAULT_SETTINGS);
  const create = () =>
    job.kind === 'window'
      ? createCloser(job, { ...ports, results: ports.results(job.table.name) }, DEFAULT_SETTINGS)
      : createTimerFirer(job, ports, DEFAULT_SETTINGS);
  let round = 0;
  const feed = async () => {
    round += 1;
    const at = START_MS + round * minutes(1);
    clock.moveTo(at);
    for (let i = 0; i < LIVE; i += 1) {
      const lines = [0, 1, 2].map((n) => JSON.stringify(event(10 * i + n, at)));
      const record = {
        sequence: String(10n ** 55n + BigInt(round)),
        arrival: arrivalTime(at),
        partitionKey: 'key',
        data: Buffer.from(lines.join('\n')),
      };
      const [stream = ''] = streamsOf(job);
      await ingest.ingest({ stream, shard: shardNumbered(dead + i), records: [record] });
    }
  };
  const warmed = create();
  const scene = {
    warm: { run: () => warmed, times: [], units: NO_UNITS },
    cold: { run: create, times: [], units: NO_UNITS },
    retiring: [] as number[],
    async measure(spent: Spent) {
      await feed();
      const before = unitsOf(meter);
      const start = performance.now();
      await spent.run().run('schedule');
      spent.times.push(performance.now() - start);
      const { read, write } = unitsSince(meter, before);
      spent.units = { read: spent.units.read + read, write: spent.units.write + write };
    },
  };
  for (let run = 0; run < Math.ceil(dead / 2_000) + 5; run += 1) {
    const start = performance.now();
    await feed();
    await warmed.run('schedule').catch(() => {});
    scene.retiring.push(performance.now() - start);
  }
  return scene;
}
