/**
 * Where a lane stood some time ago, found in its log. For people only.
 *
 * Slots are dense and their times grow, so a search by slot finds the commit of a time in a few reads, however many there
 * are. A commit may be 400 KB, so there is a bound on reads: where it ends the search, the answer is a little too old.
 */
import { type Counts, NO_COUNTS } from '../model/counts.ts';
import type { Lane } from '../model/lane.ts';
import {
  type Duration,
  earlier,
  isAfter,
  NO_WATERMARK,
  type ProcessingTime,
  processingTime,
  type Watermark,
} from '../model/time.ts';
import type { Table } from '../ports/table.ts';
import type { LaneStatus } from './inspect.ts';
import { type Commit, readCommit } from './lane/laneLog.ts';

/** What a commit says of its lane, and when it was put: to the second, not before it was. */
export interface LaneMark {
  readonly slot: number;
  readonly at: ProcessingTime;
  readonly totals: Counts;
  readonly watermark: Watermark;
  readonly lastValidAt: ProcessingTime | undefined;
}

/** Before slot 0. */
const UNOPENED: LaneMark = {
  slot: -1,
  at: processingTime(Number.NEGATIVE_INFINITY),
  totals: NO_COUNTS,
  watermark: NO_WATERMARK,
  lastValidAt: undefined,
};

/** Reads of one search. */
export const READS_MAX = 12;
/** How much farther each step goes back, until the time is passed. */
const STRIDE = 8;

export const headMark = (
  { slots, counts: totals, ...head }: LaneStatus,
  logRetention: Duration,
): LaneMark => markOf({ ...head, slot: slots - 1, totals }, logRetention);

/** Reads a lane's marks. */
export const marksOf =
  (table: Table, lane: Lane, logRetention: Duration) =>
  async (slot: number): Promise<LaneMark | undefined> => {
    const commit = await readCommit(table, lane, slot);
    return commit && markOf(commit, logRetention);
  };

const markOf = (
  {
    slot,
    expiresAt,
    totals,
    watermark,
    lastValidAt,
  }: Pick<Commit, 'slot' | 'expiresAt' | 'totals' | 'watermark' | 'lastValidAt'>,
  logRetention: Duration,
): LaneMark => ({
  slot,
  at: putAt({ expiresAt }, logRetention),
  totals,
  watermark,
  lastValidAt,
});

/** When a commit was put: it is stored for as long as commits are kept. */
export const putAt = (
  { expiresAt }: Pick<Commit, 'expiresAt'>,
  logRetention: Duration,
): ProcessingTime => earlier(expiresAt, logRetention);

/**
 * The newest mark that is not after a time, of those up to `from`. Where the log begins later than the time, because its older
 * part has expired or lies beyond what may be read, the oldest one that is found.
 */
export async function markAt(
  from: LaneMark,
  at: ProcessingTime,
  read: (slot: number) => Promise<LaneMark | undefined>,
): Promise<LaneMark> {
  if (!isAfter(from.at, at)) return from;
  let newer = from;
  let older: LaneMark | undefined;
  let tooOld = UNOPENED.slot;
  for (let reads = 0; reads < READS_MAX && newer.slot - tooOld > 1; reads += 1) {
    const isBounded = tooOld !== UNOPENED.slot;
    const slot = isBounded
      ? Math.floor((tooOld + newer.slot) / 2)
      : Math.max(0, newer.slot - STRIDE ** reads);
    const mark = await read(slot);
    if (mark && isAfter(mark.at, at)) newer = mark;
    else [tooOld, older] = [slot, mark];
  }
  return older ?? (newer.slot === 0 ? UNOPENED : newer);
}
