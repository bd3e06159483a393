/**
 * What each job stores, byte for byte: a change of the code that is to change nothing shows here if it does. Where one
 * changes what is stored on purpose, the digest changes with `STATE_FORMAT`, or the commit says why no reader minds.
 */
import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { JOBS } from '../../../functions/jobs.ts';
import { generateEvents } from '../../../inputs/generate/generateEvents.ts';
import { streamsOf } from '../../../shared/job/head.ts';
import type { Job } from '../../../shared/job/job.ts';
import { hasTimers, hasWindows } from '../../../shared/job/traits.ts';
import type { ShardId, StreamName } from '../../../shared/model/lane.ts';
import { equalRanges, shardOf } from '../../../shared/model/shardRanges.ts';
import { arrivalTime, minutes, processingTime, seconds } from '../../../shared/model/time.ts';
import type { Item } from '../../../shared/ports/table.ts';
import type { StreamRecord } from '../../../shared/records/entry.ts';
import { testClock } from '../../support/clock.ts';
import { TestEngine } from '../../support/engine.ts';
import { orderTimeoutPattern } from '../../support/orderTimeoutPattern.ts';
import { sequenceNumber } from '../../support/records.ts';

const EVENTS = 1_200;
const BATCH = 90;
const RANGES = equalRanges(2);

const DIGESTS: Readonly<Record<string, readonly [underWay: string, atEnd: string]>> = {
  'hot-items@1': ['f8e7c41a4b49a499', '14ef1406307a1f22'],
  'hot-pages@1': ['017c188de15fc113', '994dfafc13ea9b46'],
  'pvuv@1': ['c94930c1004e1be9', '94beffb73f349a84'],
  'app-promotion@1': ['25765d06fc0f4b20', '0729c64763cc507d'],
  'ad-blacklist@1': ['a59951596d8bfcb9', '39cec665738d927f'],
  'login-fail@1': ['5d36a29353839168', '000cc75267d94369'],
  'order-timeout@1': ['d7bdc6a127928d95', '2491dea7be0dd2db'],
  'order-reconcile@1': ['25801bb4ec6cba36', '19c39a0d1bf01268'],
  'order-timeout-pattern@1': ['8db65749e8f5da5b', '9421e60ebe8159e9'],
};

interface Batch {
  readonly stream: StreamName;
  readonly shard: ShardId;
  readonly records: readonly StreamRecord[];
}

/** The job's streams, on two shards each, as they would be read once the last event has come. */
function inputOf(job: Job): { batches: Batch[]; end: number } {
  const streams = streamsOf(job).map((stream) => ({
    stream,
    events: [...generateEvents(stream, { seed: 7, events: EVENTS })],
  }));
  const times = streams.flatMap(({ events }) => events.map(({ eventTimeMs = 0 }) => eventTimeMs));
  const end = Math.max(...times);
  const batches: Batch[] = [];
  for (let from = 0; from < EVENTS; from += BATCH) {
    for (const { stream, events } of streams) {
      const some = events.slice(from, from + BATCH).map(({ line, partitionKey }, n) => ({
        sequence: sequenceNumber(from + n),
        arrival: arrivalTime(end),
        partitionKey,
        data: Buffer.from(line),
      }));
      const byShard = Map.groupBy(some, (record) => shardOf(record.partitionKey, RANGES).shard);
      for (const [shard, records] of byShard) batches.push({ stream, shard, records });
    }
  }
  return { batches, end };
}

async function storedBy(job: Job): Promise<[underWay: string, atEnd: string]> {
  const { batches, end } = inputOf(job);
  const clock = testClock(processingTime(end));
  const engine = new TestEngine<Job>(job, { clock });
  for (const [i, { stream, shard, records }] of batches.entries()) {
    await engine.ingest(records, { stream, shard });
    clock.advance(seconds(1));
    if (i % 3 !== 2) continue;
    if (hasTimers(job)) await engine.fire('schedule');
    if (hasWindows(job)) await engine.close('nudge');
  }
  const underWay = digestOf([engine.state.items()]);
  clock.advance(minutes(2));
  await engine.finish();
  const results = [...engine.tables.values()].map((table) => table.items());
  return [underWay, digestOf([engine.state.items(), ...results])];
}

function digestOf(tables: readonly Iterable<Item>[]): string {
  const hash = createHash('sha256');
  for (const table of tables) {
    const texts = [...table].map((item) => JSON.stringify(inOrder(shown(item))));
    for (const text of texts.map(withoutNames).sort()) hash.update(`${text}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Unpacked: how bytes are packed depends on the processor. */
function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return unpacked(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shown(each)]));
}

function unpacked(bytes: Uint8Array): string {
  try {
    return inflateRawSync(bytes).toString('base64');
  } catch {
    return Buffer.from(bytes).toString('base64');
  }
}

const inOrder = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Blobs are named by the hash of their packed bytes. */
const withoutNames = (text: string): string => text.replaceAll(/\b[0-9a-f]{16}\b/g, '*');

const ALL = [...JOBS.map((family) => family.build() as Job), orderTimeoutPattern as unknown as Job];

describe('what a job stores', () => {
  it.each(ALL.map((job) => [job.id, job] as const))('%s', async (id, job) => {
    expect(await storedBy(job)).toEqual(DIGESTS[id]);
  });
});
