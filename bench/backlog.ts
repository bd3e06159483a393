/**
 * Closing that is far behind: more rows than one run can write, in simulated time; and windows that lie an hour apart, beside as
 * many in a row.
 */
import { appPromotion } from '../functions/appPromotion/job.ts';
import { hours, minutes, seconds, tumbling } from '../shared/index.ts';
import type { Duration } from '../shared/model/time.ts';
import type { Table } from '../shared/ports/table.ts';
import type { Line } from './records.ts';
import { type Row, rowsIn } from './report.ts';
import { BenchClock, Scene } from './scene.ts';
import { addSpent, NOTHING } from './spent.ts';
import { visitLine, visitsJob } from './visits.ts';

const START_MS = Date.parse('2010-03-02T00:00:00Z');
const REQUEST_MS = 5;
const INVOCATION_MS = 60_000;
/** A batch is one record. */
const IN_ONE = { linesEach: Number.POSITIVE_INFINITY };

/** So many channels in all the windows of a time, which close at once after a silence. */
export async function measureBacklog(channels: number, size: string): Promise<Row[]> {
  const clock = new BenchClock();
  const job = appPromotion.build({ size });
  const scene = new Scene(job, { clock, seen: slowTables(clock) });
  const lines = Array.from({ length: channels }, (_, n): Line => {
    const channel = `channel-${n}`;
    const event = { userId: String(n), channel, behavior: 'CLICK', timestamp: START_MS };
    const [stream = ''] = job.sources.map((source) => source.stream);
    return { stream, line: JSON.stringify(event), partitionKey: 'all', arrivalMs: START_MS };
  });
  await scene.ingest(lines, IN_ONE);
  clock.moveTo(START_MS + hours(1) + minutes(6));
  const start = clock.now();
  let rows = 0;
  let invocations = 0;
  for (let hasMore = true; hasMore; invocations += 1) {
    const began = clock.now();
    const hasTime = () => clock.now() - began < INVOCATION_MS / 2;
    const { report } = await scene.close('schedule', 'cold', hasTime);
    rows += report.rowsWritten;
    hasMore = report.hasMore;
  }
  const took = (clock.now() - start) / 1_000;
  const section = `app-promotion, ${channels} channels in a window of ${size} every 5 s, all closed at once; ${REQUEST_MS} ms a request`;
  const note = `${rows.toLocaleString('en')} rows, ${invocations} invocations of 60 s`;
  return [rowsIn(section)('rows written', rows / took, 'rows/s', { note })];
}

/** Lets operations take time: those that are under way together as long as one. */
function slowTables(clock: BenchClock): (table: Table) => Table {
  let waiting: (() => void)[] = [];
  const wait = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length > 1) return;
      setImmediate(() => {
        const done = waiting;
        waiting = [];
        clock.moveTo(clock.now() + REQUEST_MS);
        for (const each of done) each();
      });
    });
  return (table) => ({
    description: table.description,
    get: (...of) => wait().then(() => table.get(...of)),
    async *query(request) {
      await wait();
      yield* table.query(request);
    },
    batchGet: (...of) => wait().then(() => table.batchGet(...of)),
    put: (...of) => wait().then(() => table.put(...of)),
    batchPut: (...of) => wait().then(() => table.batchPut(...of)),
    batchRemove: (...of) => wait().then(() => table.batchRemove(...of)),
    update: (...of) => wait().then(() => table.update(...of)),
  });
}

const WIDE = tumbling({ size: minutes(65) });
const BATCH = 10_000;
/** What windows far apart may cost in proportion to those in a row. */
const WITHIN = 2;

/** Closing so many windows of one event each, side by side and with gaps between them. */
export async function measureIsolated(windows: number): Promise<Row[]> {
  const inRow = await closingOf(windows, WIDE.size);
  const apart = await closingOf(windows, (3 * WIDE.size) as Duration);
  const name = windows.toLocaleString('en');
  const row = rowsIn(`closing ${name} windows of one event, each 1,000 of them`);
  return (['ms', 'WRU', 'RRU'] as const).flatMap((unit): Row[] => [
    row('in a row', inRow[unit], unit),
    row('with two empty ones between each', apart[unit], unit, { atMost: WITHIN * inRow[unit] }),
  ]);
}

async function closingOf(windows: number, gap: Duration) {
  const scene = new Scene(visitsJob('isolated', { assign: WIDE, allowedLateness: seconds(0) }));
  const endMs = START_MS + windows * gap;
  let time = 0;
  let spent = NOTHING;
  for (let from = 0; from < windows; from += BATCH) {
    const lines = Array.from({ length: Math.min(BATCH, windows - from) }, (_, n) =>
      visitLine({ page: '/', time: START_MS + (from + n) * gap }, endMs),
    );
    await scene.ingest(lines, { ...IN_ONE, engine: 'cold' });
    const { ms, state } = await scene.close('schedule', 'warm');
    time += ms;
    spent = addSpent(spent, state);
  }
  const thousands = windows / 1_000;
  return { ms: time / thousands, WRU: spent.write / thousands, RRU: spent.read / thousands };
}
