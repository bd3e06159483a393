/** How many shards a stream needs at a rate: for the bytes that a shard takes, and for the time of who reads it. */
import type { Job } from '../../shared/job/job.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import { equalRanges, shardOf } from '../../shared/model/shardRanges.ts';
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
  return { name, bytesEach: bytes / SAMPLE, partitionKeys };
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
export function millisecondsEach(job: Job, { spent, events }: Usage, stream: string): number {
  const ingest = spent.get(`ingest:${stream}`);
  const share = shareOf(stream) / sumOf(streamsOf(job).map(shareOf));
  return ingest ? ingestMsOf(job, ingest, events * share) : 0;
}
