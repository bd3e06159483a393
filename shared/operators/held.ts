/**
 * What waits on a lane of a pattern job: events at or ahead of the watermark, and the time-outs of partial matches. Each
 * is stored once, in the commit that brought it, until the watermark passes it.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { PatternJob } from '../job/patternJob.ts';
import { comparePositions } from '../model/position.ts';
import {
  arrivalTime,
  type EventTime,
  eventTime,
  type ProcessingTime,
  type Watermark,
} from '../model/time.ts';
import type { Entry } from '../records/entry.ts';
import { judge, type Reader, thrownReason } from './judge.ts';
import { keyOf } from './keyOf.ts';

export interface HeldEvent {
  readonly kind: 'event';
  readonly at: EventTime;
  readonly entry: Entry;
  readonly event: unknown;
  readonly key: string;
  /** Why it cannot be taken after all: the job's code has changed since it was held. */
  readonly problem?: string;
}

/** A partial match of the key may have to be given up. */
export interface HeldTimer {
  readonly kind: 'timer';
  readonly at: EventTime;
  readonly key: string;
  /** Of the event that set it, by its source: says which shard the key belongs to. */
  readonly partitionKey: string;
}

export type Held = HeldEvent | HeldTimer;

/** Something held, and the commit that brought it. */
export interface Waiting {
  readonly slot: number;
  /** When that commit may be deleted. */
  readonly expiresAt: ProcessingTime;
  readonly held: Held;
}

/** An event is passed when no further one with its time is expected; a time-out, when none before its time is. */
export const isPassed = ({ kind, at }: Held, watermark: Watermark): boolean =>
  kind === 'event' ? at < watermark : at <= watermark;

/** The order of release: by time; a time-out before the events of its time, since `within` is exclusive; by position. */
export function compareHeld(a: Held, b: Held): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.kind === 'event') return b.kind === 'event' ? comparePositions(a.entry, b.entry) : 1;
  return b.kind === 'event' ? -1 : 0;
}

/** The event as it will be released; throws what the job's key function throws. */
export const heldEvent = (
  job: PatternJob,
  entry: Entry,
  { event, at }: { event: unknown; at: EventTime },
): HeldEvent => ({ kind: 'event', at, entry, event, key: keyOf(job, event) });

type StoredHeld =
  | readonly ['timer', at: number, key: string, partitionKey: string]
  | readonly [
      'event',
      at: number,
      sequence: string,
      index: number,
      arrival: number,
      partitionKey: string,
      raw: string,
    ];

export const encodeHeld = (held: readonly Held[]): Uint8Array =>
  deflateRawSync(JSON.stringify(held.map(storedForm)));

function storedForm(held: Held): StoredHeld {
  if (held.kind === 'timer') return ['timer', held.at, held.key, held.partitionKey];
  const { sequence, index, arrival, partitionKey, raw } = held.entry;
  return ['event', held.at, sequence, index, arrival, partitionKey, String(raw)];
}

export function decodeHeld(job: PatternJob, reader: Reader, packed: Uint8Array): Held[] {
  const stored = JSON.parse(inflateRawSync(packed).toString('utf8')) as StoredHeld[];
  return stored.map((each) =>
    each[0] === 'timer'
      ? { kind: 'timer', at: eventTime(each[1]), key: each[2], partitionKey: each[3] }
      : heldAgain(job, reader, each),
  );
}

function heldAgain(
  job: PatternJob,
  reader: Reader,
  [, at, sequence, index, arrival, partitionKey, raw]: Extract<
    StoredHeld,
    readonly ['event', ...unknown[]]
  >,
): HeldEvent {
  const entry: Entry = {
    sequence,
    index,
    arrival: arrivalTime(arrival),
    partitionKey,
    raw,
    value: JSON.parse(raw),
  };
  const held = { kind: 'event', at: eventTime(at), entry, event: undefined, key: '' } as const;
  const judged = judge(reader, entry);
  if (judged.kind === 'dead') return { ...held, problem: judged.reason };
  try {
    return { ...held, event: judged.event, key: keyOf(job, judged.event) };
  } catch (error) {
    return { ...held, problem: thrownReason(error) };
  }
}
