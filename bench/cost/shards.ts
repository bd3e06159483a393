/** How many shards a stream needs at a rate: for the bytes that a shard takes, and for the time of who reads it. */
import type { Job } from '../../shared/job/job.ts';
import type { Source } from '../../shared/job/source.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import type { StatusJob } from '../../shared/job/statusJob.ts';
import { equalRanges, shardOf } from '../../shared/model/shardRanges.ts';
import { arrivalTime } from '../../shared/model/time.ts';
import { forwardedLine } from '../../shared/records/forwarded.ts';
import { sumOf } from '../spent.ts';
import { ingestMsOf } from './bill.ts';
import type { Usage } from './measure.ts';
import { shareOf, trafficOf } from './traffic.ts';

/** What a shard takes in a second. */
const SHARD_BYTES = 1_000_000;
/** Of what a shard takes, and of the time of the function that reads it: the rest is for peaks and for catching up. */
export const LOAD_MAX = 0.6;
const SHARDS_MAX = 500;
const SAMPLE = 20_000;

export interface StreamSample {
  readonly name: string;
  /** How many of its events there are for one of the rate. */
  readonly share: number;
  /** Of one event, packed: its line and what divides it from the next. */
  readonly bytesEach: number;
  readonly partitionKeys: readonly string[];
}

export function sampleStream(name: string): StreamSample {
  const partitionKeys: string[] = [];
  let bytes = 0;
  for (const event of trafficOf(name, { first: 1 })) {
    partitionKeys.push(event.partitionKey);
    bytes += Buffer.byteLength(event.line) + 1;
    if (partitionKeys.length === SAMPLE) break;
  }
  return { name, share: shareOf(name), bytesEach: bytes / SAMPLE, partitionKeys };
}

/** Of a job's own stream: what is forwarded of its sources. */
export function sampleForwarded(job: StatusJob, name: string): StreamSample {
  const partitionKeys: string[] = [];
  let bytes = 0;
  for (const source of job.sources) {
    let left = SAMPLE * shareOf(source.stream);
    for (const { line, arrivalMs } of trafficOf(source.stream, { first: 1 })) {
      if (left === 0) break;
      left -= 1;
      const event = eventIn(source, line);
      if (event === undefined || job.filter?.(event) === false) continue;
      partitionKeys.push(job.key(event));
      const read = { raw: line, value: undefined };
      const arrival = arrivalTime(arrivalMs);
      const from = { stream: source.stream, arrival, isLate: false };
      bytes += Buffer.byteLength(forwardedLine(from, read)) + 1;
    }
  }
  const { length } = partitionKeys;
  return { name, share: length / SAMPLE, bytesEach: bytes / length, partitionKeys };
}

/** Undefined for a mistake, which becomes a dead letter. */
function eventIn(source: Source<unknown>, line: string): unknown {
  try {
    const parsed = source.parse(JSON.parse(line));
    return 'event' in parsed ? parsed.event : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param rate events a second of the stream
 * @param readers milliseconds that each job takes for an event of it
 * @param atLeast what the deployment has
 */
export function shardsFor(
  { bytesEach, partitionKeys }: StreamSample,
  rate: number,
  readers: readonly number[],
  atLeast: number,
): number {
  for (let shards = atLeast; shards <= SHARDS_MAX; shards += 1) {
    const busiest = rate * busiestShare(partitionKeys, shards);
    const load = Math.max(
      (busiest * bytesEach) / SHARD_BYTES,
      ...readers.map((milliseconds) => (busiest * milliseconds) / 1_000),
    );
    if (load <= LOAD_MAX) return shards;
  }
  throw new Error(`${rate} events/s cannot be spread over ${SHARDS_MAX} shards`);
}

/** Of all events, those on the shard that has the most. */
function busiestShare(partitionKeys: readonly string[], shards: number): number {
  const ranges = equalRanges(shards);
  const byShard = Map.groupBy(partitionKeys, (key) => shardOf(key, ranges).shard);
  return Math.max(...[...byShard.values()].map((keys) => keys.length)) / partitionKeys.length;
}

/** Milliseconds that the ingest function of a job took for an event of one of its streams. */
export function millisecondsEach(
  job: Job,
  { spent, events }: Usage,
  { name, share }: StreamSample,
): number {
  const ingest = spent.get(`ingest:${name}`);
  const part = share / sumOf(streamsOf(job).map(shareOf));
  return ingest ? ingestMsOf(job, ingest, events * part) : 0;
}
