/**
 * From what a lane's next commit should say to its slot: what all kinds of jobs draft alike, and the append.
 * Owns the parts of a commit that every kind has, and the types of what batchers are asked. What a kind adds is in its batcher;
 * what a commit is stored as, in `state/lane/laneLog.ts`.
 */
import { InvariantViolation, UnknownOutcomeError } from '../../errors.ts';
import type { Job } from '../../job/job.ts';
import { addCounts, type Counts, NO_COUNTS } from '../../model/counts.ts';
import { type Lane, laneName } from '../../model/lane.ts';
import {
  type ArrivalTime,
  type EventTime,
  later,
  NO_WATERMARK,
  type ProcessingTime,
  type Watermark,
} from '../../model/time.ts';
import type { Intake } from '../../operators/intake/intake.ts';
import type { ProducerMemory } from '../../operators/intake/producerMemory.ts';
import { type LaneProgress, NO_PROGRESS, type SideEvent } from '../../operators/intake/progress.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Item, Table } from '../../ports/table.ts';
import type { Entry } from '../../records/entry.ts';
import type { LaneItem } from '../../state/lane/laneItem.ts';
import { appendCommit, type Commit, recommittedHead } from '../../state/lane/laneLog.ts';
import { packMarks } from '../../state/lane/producerMarks.ts';
import { packSideOutput } from '../../state/lane/sideOutput.ts';
import { nameLifeOf, pageExpires } from '../../state/retention.ts';
import type { EngineSettings } from '../settings.ts';

export interface CommitDraft {
  readonly commit: Commit;
  readonly counts: Counts;
  /** What the commit names, to be put before it. */
  readonly chunks: readonly Item[];
}

/** A lane as it stands. */
export type LaneState = BegunLane | OpenedLane;

export interface BegunLane {
  readonly lane: Lane;
  readonly head: Commit;
  /** Not read where the head says all that the job asks. */
  readonly item: LaneItem | undefined;
}

/** Before its slot 0. */
interface OpenedLane {
  readonly lane: Lane;
  readonly head: undefined;
  readonly item: LaneItem;
}

export type BatchRequest = LaneState & {
  readonly entries: readonly Entry[];
  /** The first entry that waits. */
  readonly at: number;
};

/** Why a lane's log grows without a record. */
export type Advance =
  /** The shard has been silent: the clock moves past every event that is held. */
  | 'idleJump'
  /** No record follows: the shard is read to its end, or its streams have forgotten it. Every event that is held is let go. */
  | 'end'
  /** The input has ended: everything that is held is let go, time-outs too. */
  | 'endOfInput'
  /** What the watermark has passed goes on being let go, and what it has reached goes on firing. */
  | 'letGo'
  /** The shard has been silent for long: time goes on with the clock, for timers alone. */
  | 'flush'
  /** The head grows old: the same progress is stored anew, and with it what is held. */
  | 'recommit';

export interface Batcher {
  /** Turns the longest run of entries that it can into a commit. */
  build(request: BatchRequest): Promise<CommitDraft>;
  /** The commit that follows the head without a record. */
  advance(laneState: LaneState, why: Advance): Promise<CommitDraft>;
  /** The latest event that waits for the watermark of a lane; absent where a kind holds none. */
  lastEvent?(laneState: LaneState): Promise<EventTime | undefined>;
}

/** What happens on a lane without a record. */
export interface Quiet {
  readonly watermark: Watermark;
  readonly counts: Counts;
  readonly side: readonly SideEvent[];
}

/** A commit of no record. A job that holds nothing has nothing to say in it. */
export function draftQuietCommit(
  job: Job,
  { logRetention }: EngineSettings,
  { laneState, why, now }: { laneState: LaneState; why: Advance; now: ProcessingTime },
  quiet: Quiet = { watermark: progressOf(laneState).watermark, counts: NO_COUNTS, side: [] },
): CommitDraft {
  const expiresAt = later(now, logRetention);
  const { head, lane } = laneState;
  const { watermark, counts } = quiet;
  const side = quiet.side.length > 0 ? packSideOutput(lane, quiet.side, expiresAt) : undefined;
  const commit: Commit = {
    ...(head ? recommittedHead(head, expiresAt) : { ...beginningOf(laneState), shape: job.shape }),
    // A lane that ends before it said anything is silent, too: it keeps no window from being final.
    lastValidAt:
      isTakenOver(laneState) || why === 'end' ? (head?.lastValidAt ?? now) : head?.lastValidAt,
    expiresAt,
    watermark,
    totals: addCounts(progressOf(laneState).totals, counts),
    ...(side ? { side: side.reference } : {}),
    ...(why === 'end' ? { ended: true } : {}),
    quiet: true,
  };
  return { commit, counts, chunks: side?.chunks ?? [] };
}

/** Of a lane without a commit. */
function beginningOf(laneState: LaneState) {
  const lastArrival = lastArrivalOf(laneState);
  return {
    ...progressOf(laneState),
    from: undefined,
    to: undefined,
    slot: 0,
    ...(lastArrival === undefined ? {} : { lastArrival }),
  };
}

/** For batchers of jobs that hold nothing: without a record they have nothing to add. */
export const quietAdvance =
  (job: Job, { clock }: Pick<Ports, 'clock'>, settings: EngineSettings): Batcher['advance'] =>
  async (laneState, why) =>
    draftQuietCommit(job, settings, { laneState, why, now: clock.now() });

/** What is known of a lane beside its log. Throws InvariantViolation where that was not read. */
export function knownItem({ lane, item }: LaneState): LaneItem {
  if (item) return item;
  throw new InvariantViolation(`the item of lane ${laneName(lane)} was not read`);
}

/** What the lane's next entry meets: its head's progress, or the start that its parents left it. */
export const progressOf = ({ head, item }: LaneState): LaneProgress =>
  head ?? { ...NO_PROGRESS, watermark: item.startWatermark };

/** The arrival clock of a keyed job's lane: the greatest arrival of its records so far, or of its parents'. */
export const lastArrivalOf = ({ head, item }: LaneState): ArrivalTime | undefined =>
  head ? head.lastArrival : item.startArrival;

/** The commit of `entries[at..to)`, without what only one kind of job knows. */
export function draftCommit(
  job: Job,
  settings: EngineSettings,
  { request, to, now }: { request: BatchRequest; to: number; now: ProcessingTime },
  intake: Omit<Intake, 'to'>,
): CommitDraft {
  const { lane, head, entries, at } = request;
  const expiresAt = later(now, settings.logRetention);
  const side = intake.side.length > 0 ? packSideOutput(lane, intake.side, expiresAt) : undefined;
  const remembered = intake.memory && packMemory(settings, request, intake.memory, now);
  const producers = remembered?.marks ?? head?.producers;
  const commit: Commit = {
    slot: head ? head.slot + 1 : 0,
    from: positionOf(entries[at] as Entry),
    to: positionOf(entries[to - 1] as Entry),
    greatest: intake.greatest,
    watermark: intake.watermark,
    totals: addCounts(progressOf(request).totals, intake.counts),
    // A lane that starts with its parents' watermark has said something, and may fall silent.
    lastValidAt: intake.hasValid || isTakenOver(request) ? now : head?.lastValidAt,
    shape: job.shape,
    expiresAt,
    ...(side ? { side: side.reference } : {}),
    ...(producers ? { producers } : {}),
  };
  const chunks = [...(side?.chunks ?? []), ...(remembered?.chunks ?? [])];
  return { commit, counts: intake.counts, chunks };
}

function packMemory(
  { streamRetention }: EngineSettings,
  { lane, head }: LaneState,
  memory: ProducerMemory,
  now: ProcessingTime,
) {
  const nameLife = nameLifeOf(streamRetention);
  const expiresAt = pageExpires(now, streamRetention);
  return packMarks(memory, head?.producers, { lane, nameLife, expiresAt });
}

const isTakenOver = ({ head, item }: LaneState): boolean =>
  head === undefined && item.startWatermark !== NO_WATERMARK;

const positionOf = ({ sequence, index }: Entry) => ({ sequence, index });

/** Puts what the commit names, then takes its slot. 'unknown' where no reply came and the write may still happen. */
export async function appendDraft(
  table: Table,
  lane: Lane,
  { commit, chunks }: Pick<CommitDraft, 'commit' | 'chunks'>,
): Promise<'appended' | 'taken' | 'unknown'> {
  if (chunks.length > 0) await table.batchPut(chunks);
  try {
    return await appendCommit(table, lane, commit);
  } catch (error) {
    if (error instanceof UnknownOutcomeError) return 'unknown';
    throw error;
  }
}
