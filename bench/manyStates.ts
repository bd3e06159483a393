/**
 * What a cold function on the lane of a gate with many keys does before its first batch: it restores the keyed store. The log is written
 * here and handed over in a file, so that the child's memory is the restoring's alone.
 */
import { adBlacklist } from '../functions/adBlacklist/job.ts';
import { shardIdOf } from '../shared/model/shardRanges.ts';
import type { Item } from '../shared/ports/table.ts';
import { restoreStore } from '../shared/runtime/lanes/restoreStore.ts';
import { readHead } from '../shared/state/lane/laneLog.ts';
import { answer, inChild, peakBytes } from './inChild.ts';
import { integerId } from './manyKeys.ts';
import { batchesOf, type Line } from './records.ts';
import { type Row, rowsIn } from './report.ts';
import { Scene } from './scene.ts';

const row = rowsIn('restoring the keyed store of a gate');
const STREAM = 'ad-clicks';
const START_MS = Date.parse('2026-03-02T10:00:00Z');
const EVENTS_PER_MS = 10;
const BATCH = 9_000;
const ADS = 200;
/** The parts, and behind each as much of the log as makes the next one due; since parts do not fill a snapshot evenly, one more. */
const READ_TIMES_MAX = 5;
const READ_MORE_MB_MAX = 1;
/** What the design allows a gate of 1.5 million keys. */
const SECONDS_MAX = 10;
/** What an ingest function has. */
const MEMORY_MB_MAX = 1_024;
/** V8 collects late when it may grow: limited to this, the process takes what it needs. */
const HEAP_MB_MAX = 800;

/** So many clicks over so many pairs of a user and an ad: each pair once, then again. */
function* clicksOf(keys: number, events: number): Generator<Line> {
  for (let n = 0; n < events; n += 1) yield clickOf(n % keys, START_MS + n / EVENTS_PER_MS);
}

function clickOf(pair: number, at: number): Line {
  const timestamp = Math.floor(at);
  const userId = integerId(pair);
  const place = { province: 'beijing', city: 'beijing' };
  const click = { userId, adId: String(pair % ADS), ...place, timestamp };
  return {
    stream: STREAM,
    line: JSON.stringify(click),
    partitionKey: userId,
    arrivalMs: timestamp,
  };
}

/** @param sizes how many keys, and how many events over them */
export async function measureManyStates(
  sizes: readonly (readonly [keys: number, events: number])[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [keys, events] of sizes) {
    const scene = new Scene(adBlacklist.usual);
    for (const batch of batchesOf(clicksOf(keys, events), BATCH)) await scene.ingest(batch);
    const items = [...scene.ports.stored.state.items()];
    const task: Task = { items };
    const flags = [`--max-old-space-size=${HEAP_MB_MAX}`];
    const report = await inChild<Awaited<ReturnType<typeof restore>>>(import.meta.url, task, flags);
    const { snapshotMb, storeMb, read } = report;
    const name = `${keys.toLocaleString('en')} keys after ${events.toLocaleString('en')} events`;
    const readMb = (read * 4_096) / 1_000_000;
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
  /** The state table's items. */
  readonly items: readonly Item[];
}

/** In the child. */
async function restore({ items }: Task) {
  const { job, ports, meters } = new Scene(adBlacklist.usual);
  await ports.stored.state.batchPut(items);
  const lane = { job: job.id, stream: STREAM, shard: shardIdOf(0) };
  const head = await readHead(ports.state, lane);
  if (!head) throw new Error('the lane has no head');
  const before = process.memoryUsage().rss;
  const read = meters.state.read;
  const start = performance.now();
  const store = await restoreStore(ports.state, lane, head);
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
