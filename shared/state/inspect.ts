/**
 * Read-only views of a job's state, for people, the local stack and tests: lanes listed and retired as one, side output commit by
 * commit. Nothing that the engine decides is decided by them.
 */
import type { Counts } from '../model/counts.ts';
import { compareCodePoints } from '../model/ids.ts';
import { type JobId, type Lane, laneName, laneNamed, type ShardId } from '../model/lane.ts';
import type { Position } from '../model/position.ts';
import { latest, type ProcessingTime, type Watermark } from '../model/time.ts';
import type { Table } from '../ports/table.ts';
import { readClosing } from './closing/closing.ts';
import type { ClosingState } from './closing/closingState.ts';
import { inTurns } from './inTurns.ts';
import { readJobWatermark } from './keyed/jobClock.ts';
import { BlobGone, type BlobReference } from './lane/blob.ts';
import { type Commit, readHead, readLog } from './lane/laneLog.ts';
import { type RetiredLane, readRetiredLanes } from './lane/retiredLanes.ts';
import type { StoredSideEvent } from './lane/sideColumns.ts';
import { readSideOutput } from './lane/sideOutput.ts';

export interface LaneStatus {
  readonly lane: Lane;
  readonly parents: readonly ShardId[];
  /** Whether runs still list it, or it has ended and is `retired`. */
  readonly standing: 'listed' | 'retired';
  /** Slots used; 0 where nothing is committed yet. */
  readonly slots: number;
  /** Of the last event; undefined as long as nothing is read. */
  readonly position: Position | undefined;
  readonly watermark: Watermark;
  /** When the lane was last heard of; undefined before its first valid event. */
  readonly lastValidAt: ProcessingTime | undefined;
  /** Of its newest commit, which was put as long before as commits are kept. */
  readonly expiresAt: ProcessingTime;
  /** Running totals; `expired` ones are among the accepted. */
  readonly counts: Counts;
  readonly expired: number;
  /** Slots that closing is done with, of a job that has windows. */
  readonly merged: number;
}

/** Every lane that ever committed something. */
export async function readLaneStatuses(job: JobId, state: Table): Promise<LaneStatus[]> {
  const view = await readClosing(state, job);
  const heads = new Map<string, Commit>();
  await inTurns([...view.lanes.keys()], async (name) => {
    const head = await readHead(state, laneNamed(job, name));
    if (head) heads.set(name, head);
  });
  const statuses = new Map<string, LaneStatus>();
  for (const [name, item] of view.lanes) {
    const head = heads.get(name);
    if (!head) continue;
    const { expired = 0, cursor = 0 } = view.state.lanes.get(name) ?? {};
    const lane = laneNamed(job, name);
    statuses.set(name, statusOf({ lane, item, head, expired }, 'listed', cursor));
  }
  // Last, so that a lane that is retired meanwhile is found here, and once.
  for (const retired of await readRetiredLanes(state, job)) {
    statuses.set(laneName(retired.lane), statusOf(retired, 'retired'));
  }
  return [...statuses.values()];
}

const statusOf = (
  { lane, item, head, expired }: RetiredLane,
  standing: LaneStatus['standing'],
  merged = head.slot + 1,
): LaneStatus => ({
  lane,
  parents: item.parents,
  standing,
  slots: head.slot + 1,
  position: head.to,
  watermark: head.watermark,
  lastValidAt: head.lastValidAt,
  expiresAt: head.expiresAt,
  counts: head.totals,
  expired,
  merged,
});

/** How far the job is, whatever its kind. */
export async function readWatermark(job: JobId, state: Table): Promise<Watermark> {
  const stored = await readJobWatermark(state, job);
  return latest(stored, (await readClosing(state, job)).state.watermark);
}

export async function readClosingState(job: JobId, state: Table): Promise<ClosingState> {
  return (await readClosing(state, job)).state;
}

/** A late event or dead letter, and the commit that holds it. */
export interface LoggedSideEvent extends StoredSideEvent {
  readonly slot: number;
  /** Its place among the commit's side events. */
  readonly place: number;
  /** Of the commit. */
  readonly expiresAt: ProcessingTime;
}

/** Late events and dead letters that are still stored, lane by lane, in commit order. */
export async function* readSideEvents(job: JobId, state: Table): AsyncGenerator<LoggedSideEvent> {
  const view = await readClosing(state, job);
  const retired = await readRetiredLanes(state, job);
  const lanes = new Set([...retired.map(({ lane }) => laneName(lane)), ...view.lanes.keys()]);
  for (const name of [...lanes].sort(compareCodePoints)) {
    const lane = laneNamed(job, name);
    // Commits behind the cursor may have expired.
    for await (const commit of readLog(state, lane, 'oldest')) {
      const { side, slot, expiresAt } = commit;
      if (!side) continue;
      let place = 0;
      for (const event of await stillStored(state, lane, side)) {
        yield { ...event, slot, place, expiresAt };
        place += 1;
      }
    }
  }
}

/** Nothing where chunks have expired a little before their commit: one such commit must not hide all the others. */
async function stillStored(
  state: Table,
  lane: Lane,
  side: BlobReference,
): Promise<Iterable<StoredSideEvent>> {
  try {
    return await readSideOutput(state, lane, side);
  } catch (error) {
    if (error instanceof BlobGone) return [];
    throw error;
  }
}
