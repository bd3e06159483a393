/** Units of ingest per 1,000 events, beside the naive design over the same metered table. */

import { userBehavior } from '../functions/hotItems/events.ts';
import { hotItems } from '../functions/hotItems/job.ts';
import { pvuv } from '../functions/pvuv/job.ts';
import { memoryTable } from '../shared/adapters/memory/table.ts';
import { meteredTable, unitMeter } from '../shared/adapters/meteredTable.ts';
import { count, hours, job, minutes, seconds, tumbling } from '../shared/index.ts';
import type { WindowJob } from '../shared/job/windowJob.ts';
import { shardIdOf } from '../shared/model/shardRanges.ts';
import { stateTable } from '../shared/state/keys.ts';
import { type BenchEvent, withTextUserId } from './events.ts';
import { type NaiveKeys, naiveHotItems, naivePv, naivePvUv, runNaive } from './naive.ts';
import { batchesOf, recordsOf, STREAM } from './records.ts';
import type { Row } from './report.ts';
import { ingestInto, jobOf, standFor, type Units } from './stand.ts';

const SECTION = 'ingest units per 1,000 events';

/** Page views alone, which is less than any of the project's jobs does. */
const pvJob = job({
  name: 'pv',
  version: 1,
  source: userBehavior,
  maxOutOfOrderness: seconds(0),
  maxFutureSkew: minutes(10),
  filter: (event) => event.behavior === 'pv',
}).window({
  assign: tumbling({ size: hours(1) }),
  allowedLateness: seconds(0),
  late: 'sideOutput',
  aggregate: count(),
  table: { name: 'pv', partitionKey: 'site' },
  result: (pv) => [{ site: 'all', pv }],
}) as WindowJob;

interface Case {
  readonly what: string;
  readonly job: WindowJob;
  readonly naive: NaiveKeys;
  readonly events: readonly BenchEvent[];
  /** Write units at batches of 9,000 and 1,000. */
  readonly budgets: Readonly<Record<number, number>>;
  readonly readBudget?: number;
}

export async function measureIngestUnits(events: readonly BenchEvent[]): Promise<Row[]> {
  const cases: readonly Case[] = [
    {
      what: 'hot items, eight boards',
      job: jobOf(hotItems),
      naive: naiveHotItems,
      events,
      budgets: { 9000: 3.5, 1000: 4.5 },
      readBudget: 1,
    },
    { what: 'pv alone', job: pvJob, naive: naivePv, events, budgets: { 9000: 0.2, 1000: 1.1 } },
    {
      what: 'pv and exact uv, integer ids',
      job: jobOf(pvuv),
      naive: naivePvUv,
      events,
      budgets: { 9000: 1.5, 1000: 2.2 },
    },
    {
      what: 'pv and exact uv, string ids',
      job: jobOf(pvuv),
      naive: naivePvUv,
      events: events.map(withTextUserId),
      budgets: { 9000: 8, 1000: 8 },
    },
  ];
  const rows: Row[] = [];
  for (const each of cases) rows.push(...(await rowsOf(each)));
  return rows;
}

async function rowsOf(each: Case): Promise<Row[]> {
  const { what, job: measured, events, budgets, readBudget } = each;
  const rows: Row[] = [];
  for (const [size, budget] of Object.entries(budgets).reverse()) {
    const { units, bytes } = await ingestUnits(measured, events, Number(size));
    const common = {
      section: SECTION,
      what: `${what}, batches of ${Number(size).toLocaleString('en')}`,
    };
    rows.push({
      ...common,
      measured: units.write,
      unit: 'WRU',
      budget: { atMost: budget },
      note: `${(bytes / 1_000).toFixed(2)} kB of slices`,
    });
    if (readBudget !== undefined && Number(size) >= 9_000) {
      const note = 'every batch a cold start';
      rows.push({
        ...common,
        measured: units.read,
        unit: 'RRU',
        budget: { atMost: readBudget },
        note,
      });
    }
  }
  const naive = await naiveUnits(each);
  return [...rows, { section: SECTION, what: `${what}, naive`, measured: naive, unit: 'WRU' }];
}

/** Per 1,000 events. Every batch meets a cold function, which has to read its lane's head. */
async function ingestUnits(
  measured: WindowJob,
  events: readonly BenchEvent[],
  size: number,
): Promise<{ units: Units; bytes: number }> {
  const stand = standFor(measured);
  let bytes = 0;
  for (const batch of batchesOf(events, size)) {
    stand.clock.moveTo(batch.at(-1)?.timestamp ?? 0);
    const ingest = ingestInto(stand, stand.state);
    const records = recordsOf(batch, 1);
    bytes += (await ingest.ingest({ stream: STREAM, shard: shardIdOf(0), records })).commitBytes;
  }
  const thousands = events.length / 1_000;
  const { read, write } = stand.meter;
  return { units: { read: read / thousands, write: write / thousands }, bytes: bytes / thousands };
}

async function naiveUnits({ naive, events }: Case): Promise<number> {
  const meter = unitMeter();
  await runNaive(meteredTable(memoryTable(stateTable('state')), meter), naive, events);
  return meter.write / (events.length / 1_000);
}
