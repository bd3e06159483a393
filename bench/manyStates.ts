/**
 * What a cold function on a lane with many keys does before its first batch: it restores the keyed store. The log is written
 * here and handed over in a file, so that the child's memory is the restoring's alone.
 */
import { adBlacklist } from '../functions/adBlacklist/job.ts';
import { orderTimeout } from '../functions/orderTimeout/job.ts';
import type { Job } from '../shared/job/job.ts';
import { streamsOf } from '../shared/job/spec.ts';
import { shardIdOf } from '../shared/model/shardRanges.ts';
import { KeyedStore } from '../shared/operators/keyed/keyedStore.ts';
import { awaitedBy } from '../shared/operators/status/ahead.ts';
import type { Item } from '../shared/ports/table.ts';
import { restoreStore } from '../shared/runtime/lanes/restoreStore.ts';
import { readHead } from '../shared/state/lane/laneLog.ts';
import { answer, inChild, peakBytes } from './inChild.ts';
import { integerId } from './manyKeys.ts';
import { batchesOf, type Line } from './records.ts';
import { type Row, rowsIn } from './report.ts';
import { Scene } from './scene.ts';

const row = rowsIn('restoring a keyed store');
const START_MS = Date.parse('2026-03-02T10:00:00Z');
const EVENTS_PER_MS = 10;
const BATCH = 9_000;
const ADS = 200;
/** The parts, and behind each as much of the log as makes the next one due; since parts do not fill a snapshot evenly, one more. */
const READ_TIMES_MAX = 5;
const READ_MORE_MB_MAX = 1;
/** What the design allows a gate of 1.5 million keys. */
const SECONDS_MAX = 10;
/** Of what a read unit reads eventually consistently. */
const EVENTUAL_UNIT_BYTES = 8_192;
/** What an ingest function has. */
const MEMORY_MB_MAX = 1_024;
/** V8 collects late when it may grow: limited to this, the process takes what it needs. */
const HEAP_MB_MAX = 800;

/** Whose keys they are: pairs of a user and an ad, or orders that wait for their payment. */
type Keys = 'pairs' | 'openOrders';

const JOBS: Readonly<Record<Keys, Job>> = {
  pairs: adBlacklist.usual as unknown as Job,
  openOrders: orderTimeout.build({ rows: 'problems' }) as unknown as Job,
};
const LINES: Readonly<Record<Keys, (key: number, at: number) => Line>> = {
  pairs: clickOf,
  openOrders: createOf,
};

/** So many events over so many keys: each once, then again. */
function* eventsOf(of: Keys, keys: number, events: number): Generator<Line> {
  for (let n = 0; n < events; n += 1) yield LINES[of](n % keys, START_MS + n / EVENTS_PER_MS);
}

/** An order that begins. */
export function createOf(order: number, at: number): Line {
  const timestamp = Math.floor(at);
  const orderId = integerId(order);
  const line = JSON.stringify({ orderId, type: 'create', timestamp });
  return { stream: 'orders', line, partitionKey: orderId, arrivalMs: timestamp };
}

function clickOf(pair: number, at: number): Line {
  const timestamp = Math.floor(at);
  const userId = integerId(pair);
  const place = { province: 'beijing', city: 'beijing' };
  const click = { userId, adId: String(pair % ADS), ...place, timestamp };
  return {
    stream: 'ad-clicks',
    line: JSON.stringify(click),
    partitionKey: userId,
    arrivalMs: timestamp,
  };
}

/** @param sizes whose keys, how many, and how many events over them */
export async function measureManyStates(
  sizes: readonly (readonly [of: Keys, keys: number, events: number])[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [of, keys, events] of sizes) {
    const scene = new Scene(JOBS[of]);
    for (const batch of batchesOf(eventsOf(of, keys, events), BATCH)) await scene.ingest(batch);
    const items = [...scene.ports.stored.state.items()];
    const task: Task = { of, items };
    const flags = [`--max-old-space-size=${HEAP_MB_MAX}`];
    const report = await inChild<Awaited<ReturnType<typeof restore>>>(import.meta.url, task, flags);
    const { snapshotMb, storeMb, read } = report;
    const what = of === 'pairs' ? 'keys of a gate' : 'open orders';
    const name = `${keys.toLocaleString('en')} ${what} after ${events.toLocaleString('en')} events`;
    const readMb = (read * EVENTUAL_UNIT_BYTES) / 1_000_000;
    const readMbMax = READ_TIMES_MAX * snapshotMb + READ_MORE_MB_MAX;
    const snapshot = `a snapshot takes ${snapshotMb.toFixed(2)} MB`;
    const counted = `the store counts ${storeMb.toFixed(0)} MB`;
    rows.push(
      row(name, report.keysFound, 'keys', { atLeast: keys }),
      row(name, report.seconds, 's', { atMost: SECONDS_MAX }),
      row(name, read, 'RRU'),
      row(name, readMb, 'MB read', { atMost: readMbMax, note: snapshot }),
      row(name, report.grownMb, 'MB of RSS at the peak', { atMost: MEMORY_MB_MAX, note: counted }),
    );
  }
  return rows;
}

interface Task {
  readonly of: Keys;
  /** The state table's items. */
  readonly items: readonly Item[];
}

/** In the child. */
async function restore({ of, items }: Task) {
  const { job, ports, meters } = new Scene(JOBS[of]);
  await ports.stored.state.batchPut(items);
  const [stream = ''] = streamsOf(job);
  const lane = { job: job.id, stream, shard: shardIdOf(0) };
  const head = await readHead(ports.state, lane);
  if (!head) throw new Error('the lane has no head');
  const before = process.memoryUsage().rss;
  const read = meters.state.read;
  const start = performance.now();
  const store = await restoreStore(ports.state, lane, head, new KeyedStore(awaitedBy(job)));
  return {
    seconds: (performance.now() - start) / 1_000,
    read: meters.state.read - read,
    grownMb: (peakBytes() - before) / 1_000_000,
    keysFound: store.size,
    storeMb: store.weight / 1_000_000,
    snapshotMb: store.snapshotBytes / 1_000_000,
  };
}

if (import.meta.main) await answer(restore);
