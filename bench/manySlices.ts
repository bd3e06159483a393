/**
 * Closing one window a nudge, with a slide of 5 s and ever more slices to a window, while all slices of six hours stay open
 * to corrections. What a window costs must follow from neither.
 */

import * as z from 'zod';
import { countBy, epochMilliseconds, job, seconds, sliding, source } from '../shared/index.ts';
import type { WindowJob } from '../shared/job/windowJob.ts';
import { arrivalTime, type Duration } from '../shared/model/time.ts';
import type { StreamRecord } from '../shared/records/entry.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { type Row, summarize } from './report.ts';
import {
  addUnits,
  type Closer,
  createCloser,
  type Ingest,
  ingestInto,
  NO_UNITS,
  type Stand,
  standFor,
  type Units,
  unitsOf,
  unitsSince,
} from './stand.ts';

const SECTION = 'one window a nudge, slide 5 s, six hours of slices stored';
const SHARD = 'shardId-000000000000';
const START_MS = Date.parse('2026-03-02T00:00:00Z');
const SLIDE_MS = 5_000;
const VISITS_A_SLICE = 20;
const PAGES = 50;
/** While what is stored is built up. */
const SLICES_A_RUN = 180;
/** What many slices may cost in proportion to the first. */
const FLAT_WITHIN = 2;

const visit = z.object({ page: z.string(), time: epochMilliseconds() });
type Visit = z.output<typeof visit>;
const visits = source({
  stream: 'visits',
  schema: visit,
  eventTime: (event) => event.time,
  partitionKey: (event) => event.page,
});

function visitsJob(slices: number): WindowJob {
  const declared = job({
    name: 'many-slices',
    version: 1,
    source: visits,
    maxOutOfOrderness: seconds(0),
    maxFutureSkew: seconds(60),
  }).window({
    assign: sliding({ size: (slices * SLIDE_MS) as Duration, slide: SLIDE_MS as Duration }),
    allowedLateness: seconds(60),
    late: 'sideOutput',
    aggregate: countBy((event: Visit) => event.page),
    table: { name: 'many-slices', partitionKey: 'site' },
    result: (counts) => [{ site: 'all', keys: counts.size }],
  });
  return declared as unknown as WindowJob;
}

export interface ManySlices {
  /** Slices to a window. The first is what the others are held against. */
  readonly slices: readonly number[];
  /** How much is stored when the measuring begins. */
  readonly stored: Duration;
  readonly rounds: number;
}

export async function measureManySlices(options: ManySlices): Promise<Row[]> {
  const rows: Row[] = [];
  for (const temperature of ['warm', 'cold'] as const) {
    const scenes: Scene[] = [];
    for (const slices of options.slices) scenes.push(await sceneOf(slices, options.stored));
    // In turns, so that whatever else the machine does meets all alike.
    for (let round = 0; round < options.rounds; round += 1) {
      for (const scene of scenes) await closeOne(scene, temperature);
    }
    rows.push(...scenes.flatMap((scene) => rowsOf(scene, temperature, scenes[0] ?? scene)));
  }
  return rows;
}

function rowsOf(scene: Scene, temperature: 'warm' | 'cold', first: Scene): Row[] {
  const what = `${scene.slices.toLocaleString('en')} slices to a window, ${temperature} closer`;
  const [cost, few] = [costOf(scene), costOf(first)];
  const common = { section: SECTION, what };
  const budgetOf = (least: number) =>
    scene === first ? {} : { budget: { atMost: least * FLAT_WITHIN } };
  return [
    { ...common, measured: cost.ms, best: cost.best, unit: 'ms', ...budgetOf(few.ms) },
    { ...common, measured: cost.write, unit: 'WRU', ...budgetOf(few.write) },
    { ...common, measured: cost.read, unit: 'RRU', ...budgetOf(few.read) },
  ];
}

/** Of one window, its row apart: the median and the best of its time, the means of its units. */
function costOf({ times, spent, windows }: Scene) {
  const { median, best } = summarize(times, 'less');
  return { ms: median, best, write: spent.write / windows, read: spent.read / windows };
}

interface Scene {
  readonly slices: number;
  readonly stand: Stand;
  readonly ingest: Ingest;
  readonly warm: Closer;
  readonly newCloser: () => Closer;
  readonly times: number[];
  spent: Units;
  windows: number;
  nextSlice: number;
}

/** With so much stored, all of it merged. */
async function sceneOf(slices: number, stored: Duration): Promise<Scene> {
  const stand = standFor(visitsJob(slices));
  const ingest = ingestInto(stand, stand.state);
  const settings = { ...DEFAULT_SETTINGS, correctionRetention: stored };
  const newCloser = () => createCloser(stand.job, stand, settings);
  const warm = newCloser();
  const nextSlice = stored / SLIDE_MS + slices;
  for (let slice = 0; slice < nextSlice; slice += 1) {
    await deliver(stand, ingest, slice);
    if (slice % SLICES_A_RUN === 0) await warm.run('schedule');
  }
  await warm.run('schedule');
  const nothing = { times: [], spent: NO_UNITS, windows: 0 };
  return { slices, stand, ingest, warm, newCloser, nextSlice, ...nothing };
}

async function closeOne(scene: Scene, temperature: 'warm' | 'cold'): Promise<void> {
  const { stand, ingest, warm, newCloser, times } = scene;
  await deliver(stand, ingest, scene.nextSlice);
  scene.nextSlice += 1;
  const closer = temperature === 'warm' ? warm : newCloser();
  const before = unitsOf(stand.meter);
  const start = performance.now();
  const { windowsClosed } = await closer.run('nudge');
  times.push(performance.now() - start);
  scene.spent = addUnits(scene.spent, unitsSince(stand.meter, before));
  scene.windows += windowsClosed;
}

async function deliver(stand: Stand, ingest: Ingest, slice: number): Promise<void> {
  const start = START_MS + slice * SLIDE_MS;
  stand.clock.moveTo(start);
  const lines = Array.from({ length: VISITS_A_SLICE }, (_, n) =>
    JSON.stringify({ page: `/page/${(slice * 7 + n * n) % PAGES}`, time: timeOf(start, slice, n) }),
  );
  const record: StreamRecord = {
    sequence: String(10n ** 55n + BigInt(slice)),
    arrival: arrivalTime(start),
    partitionKey: 'visits',
    data: Buffer.from(lines.join('\n')),
  };
  await ingest.ingest({ stream: visits.stream, shard: SHARD, records: [record] });
}

/** Most visits in their slice; some up to 40 s behind, in no regular pattern, so that slices are corrected. */
function timeOf(start: number, slice: number, n: number): number {
  const chance = Math.imul(slice * VISITS_A_SLICE + n + 1, 0x9e3779b1) >>> 8;
  const behind = n < VISITS_A_SLICE - 1 && chance % 20 === 0 ? (chance >>> 6) % 40_000 : 0;
  return start + n * 200 - behind;
}
