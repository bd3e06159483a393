/**
 * State as a format stored it, half way through an input: one job of each kind, stopped where much is under way. Code that
 * reads the format must come to the same answers from there as if it had done all of it.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { adBlacklist } from '../../functions/adBlacklist/job.ts';
import { hotPages } from '../../functions/hotPages/job.ts';
import { orderTimeout } from '../../functions/orderTimeout/job.ts';
import { memoryTable } from '../../shared/adapters/memory/table.ts';
import type { Job } from '../../shared/job/job.ts';
import { hasWindows, needsFiring } from '../../shared/job/traits.ts';
import { arrivalTime, processingTime, seconds } from '../../shared/model/time.ts';
import type { Item, Value } from '../../shared/ports/table.ts';
import { stateTable } from '../../shared/state/keys.ts';
import { CLOCK_START, testClock } from './clock.ts';
import { TestEngine } from './engine.ts';
import { named } from './namedRecords.ts';
import { orderTimeoutPattern } from './orderTimeoutPattern.ts';
import { type RecordContent, streamRecords } from './records.ts';

export interface Course {
  readonly job: Job;
  readonly events: readonly RecordContent[];
  /** Records of a batch. */
  readonly batch: number;
}

const START = CLOCK_START - 3_600_000;
const at = (seconds: number): number => START + seconds * 1_000;

/** Lines that are no events, so many that they do not fit their commit. */
const garbage = Array.from({ length: 1_000 }, (_, i) => `no event ${Math.sin(i)} ${Math.cos(i)}`);

/** Twenty minutes of slices of 5 s on one page and another, with late ones and lines that are no views. */
const pageViews = [
  ...Array.from({ length: 240 }, (_, i) => ({
    url: i % 3 === 0 ? '/' : '/cart',
    method: 'GET',
    ip: '10.0.0.1',
    timestamp: at(i * 5),
  })),
  'no event',
  { url: '/late', method: 'GET', ip: '10.0.0.1', timestamp: at(0) },
  garbage.join('\n'),
  ...Array.from({ length: 240 }, (_, i) => ({
    url: i % 4 === 0 ? '/' : '/search',
    method: 'GET',
    ip: '10.0.0.2',
    timestamp: at(1_190 + i * 5 - (i % 5) * 10),
  })),
];

const adClicks = Array.from({ length: 40 }, (_, i) => ({
  userId: `u${i % 3}`,
  adId: 'a',
  province: i % 2 === 0 ? 'beijing' : 'hebei',
  city: 'c',
  timestamp: at(i * 30),
}));

const orders = Array.from({ length: 60 }, (_, i) =>
  i % 3 === 2
    ? { orderId: `o${i - 2}`, type: 'pay', txId: `t${i}`, timestamp: at(i * 40) }
    : { orderId: `o${i}`, type: 'create', timestamp: at(i * 40) },
);

/** Two of these views again, as a producer with a name puts them: behind what formats before 4 stored half way. */
const namedViews = [1, 2].map((first) =>
  named(
    pageViews.slice(-4 + first, -1).map((view, i) => [first + i, view] as const),
    { producer: 'views' },
  ),
);

export const COURSES: readonly Course[] = [
  { job: hotPages.build(), events: [...pageViews, ...namedViews], batch: 40 },
  { job: adBlacklist.build({ limit: '5' }), events: adClicks, batch: 5 },
  { job: orderTimeout.build(), events: orders, batch: 7 },
  { job: orderTimeoutPattern, events: orders, batch: 7 },
];

export interface Frozen {
  readonly job: string;
  /** Batches that are done. */
  readonly done: number;
  /** By table: `state`, and the job's result tables. */
  readonly tables: Readonly<Record<string, readonly Item[]>>;
}

/** Half of the input, with closing and timers on the way, and then a stop. */
export async function freeze(course: Course): Promise<Frozen> {
  const engine = new TestEngine(course.job);
  const done = Math.ceil(course.events.length / course.batch / 2);
  await deliver(engine, course, 0, done);
  const tables = [['state', engine.state] as const, ...engine.tables];
  return {
    job: course.job.id,
    done,
    tables: Object.fromEntries(tables.map(([name, table]) => [name, [...table.items()]])),
  };
}

/** The engine as it was stopped. */
export async function thaw(course: Course, frozen: Frozen): Promise<TestEngine<Job>> {
  const state = memoryTable(stateTable('state'));
  await state.batchPut(frozen.tables['state'] ?? []);
  const clock = testClock(clockAfter(frozen.done));
  const engine = new TestEngine(course.job, { state, clock });
  for (const [name, table] of engine.tables) await table.batchPut(frozen.tables[name] ?? []);
  return engine;
}

/** Batches from one to before another, or to the end of the input. */
export async function deliver(
  engine: TestEngine<Job>,
  { events, batch }: Course,
  from: number,
  to = Math.ceil(events.length / batch),
): Promise<void> {
  for (let n = from; n < to; n += 1) {
    const first = n * batch;
    const arrival = arrivalTime(clockAfter(n));
    await engine.ingest(streamRecords(events.slice(first, first + batch), { first, arrival }));
    if (hasWindows(engine.job)) await engine.close('schedule');
    if (needsFiring(engine.job)) await engine.fire('schedule');
    engine.clock.advance(BATCH_LENGTH);
  }
}

const BATCH_LENGTH = seconds(1);
const clockAfter = (batches: number) => processingTime(CLOCK_START + batches * BATCH_LENGTH);

export const packFrozen = (states: readonly Frozen[]): Uint8Array =>
  gzipSync(
    JSON.stringify(states, (_, value: unknown) => textOfBytes(value)),
    { level: 9 },
  );

export const unpackFrozen = (packed: Uint8Array): Frozen[] =>
  JSON.parse(gunzipSync(packed).toString('utf8'), (_, value: unknown) => bytesOfText(value));

/** A `Buffer` has turned itself into this by the time that it is seen. */
function textOfBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  if (typeof value === 'object' && value !== null && 'data' in value && 'type' in value) {
    return { base64: Buffer.from(value.data as number[]).toString('base64') };
  }
  return value;
}

function bytesOfText(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('base64' in value)) return value;
  return new Uint8Array(Buffer.from(String(value.base64), 'base64')) as Value;
}
