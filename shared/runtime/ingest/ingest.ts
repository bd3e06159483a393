/**
 * Ingest: a batch of one shard's records becomes commits of its lane.
 *
 * What happens if the process dies on a line: before the append, nothing has happened (chunks that no
 * commit names expire); after it, everything has, and the retry drops what is at or below the head's `to`. Forwarding lanes put
 * events on the job's own stream before (`forwardBatch.ts`), keyed ones alerts and rows after (`lanes.ts`).
 * If the slot is taken, somebody else committed - an earlier try, a zombie, a recommitted head - so read on from
 * there and compute anew. The other writes are the lane's item before its first commit and the admissions of
 * redriven events, and both mean the same when they are repeated.
 */
import { InvariantViolation, RetryableError } from '../../errors.ts';
import type { Job } from '../../job/job.ts';
import { isForwarding, laneSourceOf } from '../../job/repartition.ts';
import { hasWindows } from '../../job/traits.ts';
import { addCounts, type Counts, NO_COUNTS } from '../../model/counts.ts';
import { type Lane, laneName, type ShardId, type StreamName } from '../../model/lane.ts';
import type { SequenceNumber } from '../../model/position.ts';
import {
  minutes,
  NO_WATERMARK,
  type ProcessingTime,
  since,
  type Watermark,
} from '../../model/time.ts';
import { hasClosed, nextWindowEnd } from '../../model/window.ts';
import type { Ports } from '../../ports/ports.ts';
import type { BatchRecord } from '../../records/entry.ts';
import { EntryWindow } from '../../records/entryWindow.ts';
import { appendDraft, type CommitDraft, type LaneState } from '../lanes/commitDraft.ts';
import {
  followUp,
  type LaneContext,
  openLane,
  putAnswersOf,
  readLaneState,
} from '../lanes/lanes.ts';
import type { EngineSettings } from '../settings.ts';
import { laneContext } from './batchers.ts';

export interface ShardBatch {
  readonly stream: StreamName;
  readonly shard: ShardId;
  /** In the shard's order. */
  readonly records: readonly BatchRecord[];
  /** Milliseconds until the invocation is ended; without it there is no limit. */
  remainingMs?(): number;
}

export interface IngestReport {
  readonly commits: number;
  readonly counts: Counts;
  readonly watermark: Watermark;
  /** Bytes of slice contents committed. */
  readonly commitBytes: number;
  /** About what the keys of the lane take in memory, of a keyed job. */
  readonly keyedStoreBytes?: number;
  /** Where the next invocation must go on, when time ran short. */
  readonly firstUnprocessed?: SequenceNumber;
}

export type Ingest = (batch: ShardBatch) => Promise<IngestReport>;

/** With less time than this left, what is done is committed and the rest is left for the next try. */
const RESERVED_MS = 3_000;
/** A warm head older than this is read again: slots behind it might have expired. */
const WARM_HEAD_MAX = minutes(10);

interface WarmState {
  readonly laneState: LaneState;
  readonly readAt: ProcessingTime;
}

/** An ingest function; keeps lane heads warm between calls, so a new value is a cold start. */
export function createIngest(job: Job, ports: Ports, settings: EngineSettings): Ingest {
  const context = laneContext(job, ports, settings);
  const warmStates = new Map<string, WarmState>();

  /**
   * Whether whoever goes on from an old head has done nothing by the time that its slot turns out to be taken. A forwarding lane has put
   * events by then, and says by its head what is stored before them.
   */
  const isFenced = ({ stream }: Lane): boolean => !isForwarding(job, stream);

  async function laneStateOf(lane: Lane): Promise<LaneState> {
    const warm = warmStates.get(laneName(lane));
    if (warm && isFenced(lane) && since(warm.readAt, ports.clock.now()) < WARM_HEAD_MAX)
      return warm.laneState;
    const laneState = (await readLaneState(context, lane)) ?? (await openLane(context, lane));
    await putAnswersOf(context, laneState);
    remember(laneState);
    return laneState;
  }

  function remember(laneState: LaneState): void {
    warmStates.set(laneName(laneState.lane), { laneState, readAt: ports.clock.now() });
  }

  /** Commits the next part of the batch, or learns what somebody else committed. */
  async function step(before: LaneState, waiting: EntryWindow['waiting']) {
    const { lane } = before;
    if (before.head?.ended) {
      throw new InvariantViolation(`${job.id}: records on ${laneName(lane)}, which has ended`);
    }
    const draft = await context.batcher.build({ ...before, ...waiting });
    const outcome = await appendDraft(ports.state, lane, draft);
    warmStates.delete(laneName(lane));
    if (outcome === 'appended') {
      const laneState = { ...before, head: draft.commit };
      await followUp(context, laneState);
      remember(laneState);
      return { laneState, committed: draft };
    }
    const laneState = await laneStateOf(lane);
    if (outcome === 'unknown' && (laneState.head?.slot ?? -1) < draft.commit.slot) {
      // It may still arrive; then the retry of the batch finds the slot taken.
      throw new RetryableError(
        `${laneName(lane)}: no reply to slot ${draft.commit.slot}, and it is not there`,
      );
    }
    return { laneState };
  }

  return async (batch) => {
    const lane: Lane = { job: job.id, stream: batch.stream, shard: batch.shard };
    let laneState = await laneStateOf(lane);
    const window = new EntryWindow(batch.records, laneSourceOf(job, batch.stream)?.reading);
    window.moveBehind(laneState.head?.to);
    const before = laneState.head?.watermark ?? NO_WATERMARK;
    let done: IngestReport = { commits: 0, counts: NO_COUNTS, commitBytes: 0, watermark: before };
    while (window.first && hasTime(batch)) {
      const stepped = await step(laneState, window.waiting);
      laneState = stepped.laneState;
      if (stepped.committed) done = including(done, stepped.committed);
      window.moveBehind(laneState.head?.to);
    }
    const watermark = laneState.head?.watermark ?? NO_WATERMARK;
    if (hasWork(job, before, watermark)) await ports.nudge.send(job.id);
    const next = window.first?.sequence;
    const store = storeReport(context, lane);
    return {
      ...done,
      ...store,
      watermark,
      ...(next === undefined ? {} : { firstUnprocessed: next }),
    };
  };
}

const storeReport = ({ stores }: LaneContext, lane: Lane): Pick<IngestReport, 'keyedStoreBytes'> =>
  stores ? { keyedStoreBytes: stores.bytesOf(lane) } : {};

const hasTime = (batch: ShardBatch): boolean =>
  batch.remainingMs === undefined || batch.remainingMs() >= RESERVED_MS;

function including(report: IngestReport, { commit, counts }: CommitDraft): IngestReport {
  return {
    ...report,
    commits: report.commits + 1,
    counts: addCounts(report.counts, counts),
    commitBytes: report.commitBytes + (commit.deltas?.length ?? 0),
  };
}

/** Whether the watermark moved over the end of a window. */
function hasWork(job: Job, before: Watermark, after: Watermark): boolean {
  if (after === NO_WATERMARK || after === before || !hasWindows(job)) return false;
  if (before === NO_WATERMARK) return true;
  return hasClosed(nextWindowEnd(before, job.assign), after);
}
