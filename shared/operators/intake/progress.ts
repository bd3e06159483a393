/** How far a lane has come, and how one more event moves it. */
import { addCounts, type Counts, NO_COUNTS } from '../../model/counts.ts';
import { comparePositions } from '../../model/position.ts';
import {
  type Duration,
  type EventTime,
  isBefore,
  latest,
  NO_WATERMARK,
  type Watermark,
  watermarkAfter,
} from '../../model/time.ts';
import type { Entry } from '../../records/entry.ts';

/** What a lane's log says so far. */
export interface LaneProgress {
  /** Greatest event time of the lane's valid events; undefined before the first. */
  readonly greatest: EventTime | undefined;
  readonly watermark: Watermark;
  /** Running totals of the lane. */
  readonly totals: Counts;
}

export const NO_PROGRESS: LaneProgress = {
  greatest: undefined,
  watermark: NO_WATERMARK,
  totals: NO_COUNTS,
};

/** An event that is kept beside the results: late, or dead with its reason. */
export type SideEvent = {
  readonly entry: Entry;
  /** The lane's watermark just before the event. */
  readonly watermark: Watermark;
} & (
  | { readonly kind: 'late'; readonly eventTime: EventTime }
  | { readonly kind: 'dead'; readonly reason: string }
);

/** The moving part of a lane while a batch is folded. */
export interface LaneClock {
  greatest: EventTime | undefined;
  watermark: Watermark;
  hasValid: boolean;
}

/** A valid event of the stream itself was met. */
export function advanceClock(clock: LaneClock, at: EventTime, maxOutOfOrderness: Duration): void {
  clock.hasValid = true;
  if (clock.greatest !== undefined && !isBefore(clock.greatest, at)) return;
  clock.greatest = at;
  clock.watermark = latest(clock.watermark, watermarkAfter(at, maxOutOfOrderness));
}

/** What an intake keeps of entries that are no events. */
interface DeadLetters {
  dead: number;
  readonly side: SideEvent[];
}

/** Makes a dead letter of an entry. */
export function deadLetter(
  letters: DeadLetters,
  entry: Entry,
  watermark: Watermark,
  reason: string,
): void {
  letters.dead += 1;
  letters.side.push({ kind: 'dead', entry, watermark, reason });
}

/** With events that turned out dead, or late, after they were accepted; in the order of the shard. */
export function withSide<
  Taken extends { readonly counts: Counts; readonly side: readonly SideEvent[] },
>(taken: Taken, more: readonly SideEvent[]): Taken {
  const dead = more.filter(({ kind }) => kind === 'dead').length;
  const moved = { ...NO_COUNTS, accepted: -more.length, dead, late: more.length - dead };
  const side = [...taken.side, ...more].sort((a, b) => comparePositions(a.entry, b.entry));
  return { ...taken, counts: addCounts(taken.counts, moved), side };
}
