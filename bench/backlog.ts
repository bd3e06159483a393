/**
 * Closing that is far behind: more rows than one run can write, in simulated time; and windows that lie an hour apart, beside as
 * many in a row.
 */

import * as z from 'zod';
import { appPromotion } from '../functions/appPromotion/job.ts';
import {
  countBy,
  epochMilliseconds,
  hours,
  job,
  minutes,
  seconds,
  source,
  tumbling,
} from '../shared/index.ts';
import type { WindowJob } from '../shared/job/windowJob.ts';
import { arrivalTime, type Duration } from '../shared/model/time.ts';
import type { Table } from '../shared/ports/table.ts';
import type { StreamRecord } from '../shared/records/entry.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import type { Row } from './report.ts';
import {
  addUnits,
  type BenchClock,
  createCloser,
  ingestInto,
  jobOf,
  NO_UNITS,
  type Stand,
  standFor,
  type Units,
  unitsOf,
  unitsSince,
} from './stand.ts';

const SHARD = 'shardId-000000000000';
const START_MS = Date.parse('2010-03-02T00:00:00Z');
const REQUEST_MS = 5;
const INVOCATION_MS = 60_000;

/** So many channels in all the windows of a time, which close at once after a silence. */
export async function measureBacklog(channels: number, size: string): Promise<Row[]> {
  const stand = standFor(jobOf(appPromotion, { size }));
  const events = Array.from({ length: channels }, (_, n) => ({
    userId: String(n),
    channel: `channel-${n}`,
    behavior: 'CLICK',
    timestamp: START_MS,
  }));
  stand.clock.moveTo(START_MS);
  await deliver(stand, 0, events);
  stand.clock.moveTo(START_MS + hours(1) + minutes(6));
  const start = stand.clock.now();
  const slow = new SlowTables(stand.clock);
  let rows = 0;
  let invocations = 0;
  for (let hasMore = true; hasMore; invocations += 1) {
    const began = stand.clock.now();
    const hasTime = () => stand.clock.now() - began < INVOCATION_MS / 2;
    const ports = { ...stand, state: slow.table(stand.state), results: slow.table(stand.results) };
    const report = await createCloser(stand.job, ports, DEFAULT_SETTINGS).run('schedule', hasTime);
    rows += report.rowsWritten;
    hasMore = report.hasMore;
  }
  const took = (stand.clock.now() - start) / 1_000;
  const section = `app-promotion, ${channels} channels in a window of ${size} every 5 s, all closed at once; ${REQUEST_MS} ms a request`;
  const note = `${rows.toLocaleString('en')} rows, ${invocations} invocations of 60 s`;
  return [{ section, what: 'rows written', measured: rows / took, unit: 'rows/s', note }];
}

/** Lets operations take time: those that are under way together as long as one. */
class SlowTables {
  readonly #clock: BenchClock;
  #waiting: (() => void)[] = [];

  constructor(clock: BenchClock) {
    this.#clock = clock;
  }

  table(inner: Table): Table {
    const after = async <T>(work: () => Promise<T>): Promise<T> => {
      await this.#wait();
      return work();
    };
    const wait = () => this.#wait();
    return {
      description: inner.description,
      get: (key, consistency) => after(() => inner.get(key, consistency)),
      async *query(request) {
        await wait();
        yield* inner.query(request);
      },
      batchGet: (keys, consistency) => after(() => inner.batchGet(keys, consistency)),
      put: (item, condition) => after(() => inner.put(item, condition)),
      batchPut: (items) => after(() => inner.batchPut(items)),
      batchRemove: (keys) => after(() => inner.batchRemove(keys)),
      update: (key, set, condition) => after(() => inner.update(key, set, condition)),
    };
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length > 1) return;
      setImmediate(() => {
        const waiting = this.#waiting;
        this.#waiting = [];
        this.#clock.moveTo(this.#clock.now() + REQUEST_MS);
        for (const each of waiting) each();
      });
    });
  }
}

const visit = z.object({ page: z.string(), time: epochMilliseconds() });
type Visit = z.output<typeof visit>;
const visits = source({
  stream: 'visits',
  schema: visit,
  eventTime: (event) => event.time,
  partitionKey: (event) => event.page,
});

const WIDE = tumbling({ size: minutes(65) });

function visitsJob(): WindowJob {
  const declared = job({
    name: 'isolated',
    version: 1,
    source: visits,
    maxOutOfOrderness: seconds(0),
    maxFutureSkew: seconds(60),
  }).window({
    assign: WIDE,
    allowedLateness: seconds(0),
    late: 'sideOutput',
    aggregate: countBy((event: Visit) => event.page),
    table: { name: 'isolated', partitionKey: 'site' },
    result: (counts) => [{ site: 'all', keys: counts.size }],
  });
  return declared as unknown as WindowJob;
}

const BATCH = 10_000;
/** What windows far apart may cost in proportion to those in a row. */
const WITHIN = 2;

/** Closing so many windows of one event each, side by side and with gaps between them. */
export async function measureIsolated(windows: number): Promise<Row[]> {
  const inRow = await closingOf(windows, WIDE.size);
  const apart = await closingOf(windows, (3 * WIDE.size) as Duration);
  const section = `closing ${windows.toLocaleString('en')} windows of one event, each 1,000 of them`;
  return (['ms', 'WRU', 'RRU'] as const).flatMap((unit): Row[] => [
    { section, what: 'in a row', measured: inRow[unit], unit },
    {
      section,
      what: 'with two empty ones between each',
      measured: apart[unit],
      unit,
      budget: { atMost: WITHIN * inRow[unit] },
    },
  ]);
}

async function closingOf(windows: number, gap: Duration) {
  const stand = standFor(visitsJob());
  const closer = createCloser(stand.job, stand, DEFAULT_SETTINGS);
  stand.clock.moveTo(START_MS + windows * gap);
  let ms = 0;
  let spent: Units = NO_UNITS;
  for (let from = 0; from < windows; from += BATCH) {
    const events = Array.from({ length: Math.min(BATCH, windows - from) }, (_, n) => ({
      page: '/',
      time: START_MS + (from + n) * gap,
    }));
    await deliver(stand, from, events);
    const before = unitsOf(stand.meter);
    const start = performance.now();
    await closer.run('schedule');
    ms += performance.now() - start;
    spent = addUnits(spent, unitsSince(stand.meter, before));
  }
  const thousands = windows / 1_000;
  return { ms: ms / thousands, WRU: spent.write / thousands, RRU: spent.read / thousands };
}

/** As one record of many events. */
async function deliver(stand: Stand, sequence: number, events: readonly object[]): Promise<void> {
  const [source] = stand.job.sources;
  const record: StreamRecord = {
    sequence: String(10n ** 55n + BigInt(sequence)),
    arrival: arrivalTime(stand.clock.now()),
    partitionKey: 'all',
    data: Buffer.from(events.map((event) => JSON.stringify(event)).join('\n')),
  };
  const ingest = ingestInto(stand, stand.state);
  await ingest.ingest({ stream: source?.stream ?? '', shard: SHARD, records: [record] });
}
