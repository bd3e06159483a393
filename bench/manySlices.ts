/**
 * Closing one window a nudge, with a slide of 5 s and ever more slices to a window, while all slices of a day stay open
 * to corrections. What a window costs must follow from neither.
 */
import * as z from 'zod';
import { countBy, epochMilliseconds, job, seconds, sliding, source } from '../shared/index.ts';
import type { WindowJob } from '../shared/job/windowJob.ts';
import { arrivalTime, type Duration } from '../shared/model/time.ts';
import type { StreamRecord } from '../shared/records/entry.ts';
import { type Closer, createCloser } from '../shared/runtime/closeWindows.ts';
import type { Ingest } from '../shared/runtime/ingest.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { type Row, summarize } from './report.ts';
import {
  addUnits,
  ingestInto,
  NO_UNITS,
  type Stand,
  standFor,
  type Units,
  unitsOf,
  unitsSince,
} from './stand.ts';

const SECTION = 'one window a nudge, slide 5 s, a day of slices stored';
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
    let few: Cost | undefined;
    for (const slices of options.slices) {
      const cost = await costOf(slices, temperature, options);
      const what = `${slices.toLocaleString('en')} slices to a window, ${temperature} closer`;
      rows.push(...rowsOf(what, cost, few));
      few ??= cost;
    }
  }
  return rows;
}

function rowsOf(what: string, cost: Cost, few: Cost | undefined): Row[] {
  const { ms, write, read } = cost;
  const budgetOf = (least: number | undefined) =>
    least === undefined ? {} : { budget: { atMost: least * FLAT_WITHIN } };
  return [
    { section: SECTION, what, measured: ms, unit: 'ms', ...budgetOf(few?.ms) },
    { section: SECTION, what, measured: write, unit: 'WRU', ...budgetOf(few?.write) },
    { section: SECTION, what, measured: read, unit: 'RRU', ...budgetOf(few?.read) },
  ];
}

/** Of one window, its row apart: the median of its time, the means of its units. */
interface Cost extends Units {
  readonly ms: number;
}

async function costOf(
  slices: number,
  temperature: 'warm' | 'cold',
  { stored, rounds }: ManySlices,
): Promise<Cost> {
  const stand = standFor(visitsJob(slices));
  const ingest = ingestInto(stand, stand.state);
  const newCloser = (): Closer =>
    createCloser(stand.job, stand, { ...DEFAULT_SETTINGS, correctionRetention: stored });
  const warm = newCloser();
  const before = stored / SLIDE_MS + slices;
  for (let slice = 0; slice < before; slice += 1) {
    await deliver(stand, ingest, slice);
    if (slice % SLICES_A_RUN === 0) await warm.run('schedule');
  }
  await warm.run('schedule');
  const times: number[] = [];
  let spent = NO_UNITS;
  for (let round = 0; round < rounds; round += 1) {
    await deliver(stand, ingest, before + round);
    const closer = temperature === 'warm' ? warm : newCloser();
    const unitsBefore = unitsOf(stand.meter);
    const start = performance.now();
    await closer.run('nudge');
    times.push(performance.now() - start);
    spent = addUnits(spent, unitsSince(stand.meter, unitsBefore));
  }
  const { median } = summarize(times, 'less');
  return { ms: median, write: spent.write / rounds, read: spent.read / rounds };
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
