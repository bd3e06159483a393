/**
 * An input in which much happens that leaves a trace in what is stored: two shards, of which one is read behind the
 * other and one is split half-way; events out of order and late; a stretch with hardly any; one too far in the future
 * until it is redriven. The same for the same job, always.
 */
import { hash } from 'node:crypto';
import { generateEvents } from '../../../inputs/generate/generateEvents.ts';
import type { InputEvent } from '../../../inputs/inputEvent.ts';
import type { Job } from '../../../shared/job/job.ts';
import { streamsOf } from '../../../shared/job/spec.ts';
import type { ShardId, StreamName } from '../../../shared/model/lane.ts';
import {
  equalRanges,
  type ShardRange,
  type ShardRanges,
  shardIdOf,
  shardOf,
  shardRanges,
} from '../../../shared/model/shardRanges.ts';
import {
  minutes,
  type ProcessingTime,
  processingTime,
  seconds,
} from '../../../shared/model/time.ts';

export interface Batch {
  readonly stream: StreamName;
  readonly shard: ShardId;
  readonly records: readonly PutRecord[];
}

interface PutRecord {
  /** Its place in the stream. */
  readonly n: number;
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

export interface EventfulInput {
  /** In the order in which they are read. */
  readonly batches: readonly Batch[];
  /** When the last event has come. */
  readonly end: ProcessingTime;
}

const SEED = 7;
const EVENTS = 1_300;
/** Read together, as far as they are on one shard. */
const ROUND_EVENTS = 45;
/** The place of the event that is too far in the future, and of a line that is no event and larger than a commit holds. */
const TOO_EARLY = 15;
const LARGE = 30;
const LARGE_BYTES = 24_000;
/** Such a record of a batch holds two events. */
const PACKED_EVERY = 10;
/** The shares of the stream between which only every `SPARSE`th event comes: about two in a minute. */
const SPARSE_FROM = 0.5;
const SPARSE_TO = 0.75;
const SPARSE = 25;
/** By how many places events come late, in turn; every `DELAYED_EVERY`th does. */
const DELAYS = [4, 25, 90, 300, 9, 60];
const DELAYED_EVERY = 7;
/** By how many rounds the second shard is behind the first. */
const LAG = 2;

const BEFORE = equalRanges(2);
const [FIRST, SECOND] = BEFORE.list as [ShardRange, ShardRange];
const MIDDLE = (FIRST.start + FIRST.end) / 2n;
const LEFT: ShardRange = { shard: shardIdOf(2), start: FIRST.start, end: MIDDLE };
const RIGHT: ShardRange = { shard: shardIdOf(3), start: MIDDLE + 1n, end: FIRST.end };
const AFTER = shardRanges([LEFT, RIGHT, SECOND]) as ShardRanges;

/** As Kinesis tells of the shards that there ever are. */
export const SHARDS = [FIRST, SECOND, LEFT, RIGHT];
export const SPLIT = { parent: FIRST.shard, children: [LEFT.shard, RIGHT.shard] } as const;

export function eventfulInput(job: Job): EventfulInput {
  const streams = streamsOf(job).map((stream) => ({ stream, events: eventsOf(stream) }));
  const times = streams.flatMap(({ events }) => events.map(({ eventTimeMs = 0 }) => eventTimeMs));
  const end = processingTime(Math.max(...times));
  const due = streams
    .flatMap(({ stream, events }) => batchesOf(stream, withFlaws(events, end)))
    .sort((a, b) => a.round - b.round);
  return { batches: due.map(({ batch }) => batch), end };
}

/** With the round in which each is read. */
function batchesOf(stream: StreamName, events: readonly InputEvent[]) {
  const numbered = events.map((event, n) => ({ ...event, n }));
  const rounds = Math.ceil(events.length / ROUND_EVENTS);
  return Array.from({ length: rounds }, (_, round) => {
    const ranges = round < rounds / 2 ? BEFORE : AFTER;
    const some = numbered.slice(round * ROUND_EVENTS, (round + 1) * ROUND_EVENTS);
    const byShard = Map.groupBy(some, (event) => shardOf(event.partitionKey, ranges).shard);
    return [...byShard].map(([shard, own]) => ({
      round: round + (shard === SECOND.shard ? LAG : 0),
      batch: { stream, shard, records: recordsOf(own) },
    }));
  }).flat();
}

function recordsOf(events: readonly (InputEvent & { readonly n: number })[]): PutRecord[] {
  return events.flatMap(({ n, partitionKey, line }, i) => {
    const lines = i % PACKED_EVERY === 0 ? [line, events[i + 1]?.line ?? ''] : [line];
    const data = Buffer.concat(lines.flatMap((each) => [Buffer.from(each), Buffer.from('\n')]));
    return i % PACKED_EVERY === 1 ? [] : [{ n, partitionKey, data }];
  });
}

export const shardNow = (partitionKey: string): ShardId => shardOf(partitionKey, AFTER).shard;

function eventsOf(stream: StreamName): InputEvent[] {
  const all = [...generateEvents(stream, { seed: SEED, events: EVENTS })];
  const isLeftOut = (i: number): boolean =>
    i >= SPARSE_FROM * EVENTS && i < SPARSE_TO * EVENTS && i % SPARSE !== 0;
  return delayed(all.filter((_, i) => !isLeftOut(i)));
}

function delayed(events: readonly InputEvent[]): InputEvent[] {
  const places = events.map((event, i) => ({ event, place: i + delayOf(i) }));
  return places.sort((a, b) => a.place - b.place).map(({ event }) => event);
}

const delayOf = (i: number): number =>
  i % DELAYED_EVERY === 0 ? (DELAYS[(i / DELAYED_EVERY) % DELAYS.length] ?? 0) : 0;

/** One event is refused when it comes, and taken a minute later; in the place of another one is what never will be. */
function withFlaws(events: readonly InputEvent[], now: ProcessingTime): InputEvent[] {
  const flawed = [...events];
  const early = flawed[TOO_EARLY] as InputEvent;
  const content = {
    ...JSON.parse(String(early.line)),
    timestamp: now + minutes(10) + seconds(50),
  };
  flawed[TOO_EARLY] = { ...early, line: JSON.stringify(content) };
  flawed[LARGE] = { partitionKey: 'large', line: largeLine() };
  return flawed;
}

/** It cannot be packed smaller. */
function largeLine(): string {
  const parts = Array.from({ length: LARGE_BYTES / 43 }, (_, i) =>
    hash('sha256', `${i}`, 'base64url'),
  );
  return parts.join('');
}
