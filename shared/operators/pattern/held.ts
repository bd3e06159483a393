/**
 * What waits on a lane of a pattern job: events and the time-outs of partial matches, until the watermark has passed them and
 * they are let go. They are let go in one order, in portions, so a lane's commit says with one place how far it is.
 */
import type { PatternJob } from '../../job/patternJob.ts';
import { compareCodePoints } from '../../model/ids.ts';
import { comparePositions, type Position } from '../../model/position.ts';
import {
  type EventTime,
  eventTime,
  hasReached,
  isBehind,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';
import { reasonOf } from '../intake/deadReason.ts';
import { judge, keyOf, type Reader } from '../intake/judge.ts';

export interface HeldEvent {
  readonly kind: 'event';
  readonly at: EventTime;
  readonly entry: Entry;
  readonly content: HeldContent | UnreadContent;
}

export interface HeldContent {
  readonly event: unknown;
  readonly key: string;
}

/** The job's code has changed since the event was held, and it cannot be taken after all. */
interface UnreadContent {
  readonly problem: string;
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

/**
 * Where something stands in the order of letting go: by time; a time-out before the events of its time, since `within`
 * is exclusive; time-outs by key, events by position. Only time-outs of one key and time share a place, and the first of them
 * does what there is to do.
 */
export type Place =
  | { readonly kind: 'event'; readonly at: EventTime; readonly entry: Position }
  | { readonly kind: 'timer'; readonly at: EventTime; readonly key: string };

/** Before everything that can be held. */
export const NO_PLACE: Place = { kind: 'timer', at: eventTime(0), key: '' };

export function comparePlaces(a: Place, b: Place): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.kind === 'event') return b.kind === 'event' ? comparePositions(a.entry, b.entry) : 1;
  return b.kind === 'event' ? -1 : compareCodePoints(a.key, b.key);
}

/** The place alone, without what is held there. */
export function placeOf(held: Place): Place {
  const { at } = held;
  if (held.kind === 'timer') return { kind: 'timer', at, key: held.key };
  const { sequence, index } = held.entry;
  return { kind: 'event', at, entry: { sequence, index } };
}

/** An event is passed when no further one with its time is expected; a time-out, when none before its time is. */
export const isPassed = (
  { kind, at }: Pick<Place, 'kind' | 'at'>,
  watermark: Watermark,
): boolean => (kind === 'event' ? isBehind(at, watermark) : hasReached(watermark, at));

/** Just past an event: it is no longer expected, and any later one is. */
export const justPast = (at: EventTime): Watermark => watermarkAt(at + 1);

/** The least watermark that has passed it. No more, so that it makes no difference whether an idle jump came first. */
export const passing = ({ kind, at }: Pick<Place, 'kind' | 'at'>): Watermark =>
  kind === 'event' ? justPast(at) : watermarkAt(at);

/** How far a lane has let go what it held. */
export interface LettingGo {
  readonly watermark: Watermark;
  /** Where it stopped, while something is left that the watermark has passed; without it, all that is passed is let go. */
  readonly letGo?: Place;
}

export const isWaiting = (held: Place, { watermark, letGo }: LettingGo): boolean =>
  letGo ? comparePlaces(held, letGo) > 0 : !isPassed(held, watermark);

/** The event as it will be released; throws what the job's key function throws. */
export const heldEvent = (
  job: PatternJob,
  entry: Entry,
  { event, at }: { event: unknown; at: EventTime },
): HeldEvent => ({ kind: 'event', at, entry, content: { event, key: keyOf(job, event) } });

/** What a held event is, as the job's code is now. */
export function contentOf(job: PatternJob, reader: Reader, entry: Entry): HeldEvent['content'] {
  const judged = judge(reader, entry);
  if (judged.kind === 'dead') return { problem: judged.reason };
  try {
    return { event: judged.event, key: keyOf(job, judged.event) };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}
