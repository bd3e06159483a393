/**
 * Ingest of a window job: a batch of one shard's records becomes commits of its lane.
 *
 * What happens if the process dies on a line: before the append, nothing has happened (side chunks that no
 * commit names expire); after it, everything has, and the retry drops what is at or below the head's `to`.
 * If the slot is taken, somebody else committed - an earlier try, a zombie, a rest entry - so read on from
 * there and compute anew. The other writes are the lane's item before its first commit and the admissions of
 * redriven events, and both mean the same when they are repeated.
 */
import {
  InvariantViolation,
  JobDefinitionError,
  RetryableError,
  UnknownOutcomeError,
} from '../errors.ts';
import type { WindowJob } from '../job/job.ts';
import { addCounts, type Counts, NO_COUNTS } from '../model/counts.ts';
import { type Lane, laneName, type ShardId, type StreamName } from '../model/lane.ts';
import { comparePositions, compareSequences, type SequenceNumber } from '../model/position.ts';
import { eventTime, NO_WATERMARK, type ProcessingTime, type Watermark } from '../model/time.ts';
import { firstWindowEnd, hasClosed, sliceOf } from '../model/window.ts';
import type { Clock } from '../ports/clock.ts';
import type { CloseSignal } from '../ports/closeSignal.ts';
import type { ShardDirectory } from '../ports/shardDirectory.ts';
import type { Table } from '../ports/table.ts';
import { decodeRecord } from '../records/decode.ts';
import type { Entry, StreamRecord } from '../records/entry.ts';
import { readCursors } from '../state/closing.ts';
import { appendCommit, type Commit, createLane, readHead } from '../state/laneLog.ts';
import { buildCommit, type Prefix } from './buildCommit.ts';
import { checkRetention, type EngineSettings } from './settings.ts';

export interface IngestPorts {
  readonly state: Table;
  readonly clock: Clock;
  readonly shards: ShardDirectory;
  readonly closeSignal: CloseSignal;
}

export interface ShardBatch {
  readonly stream: StreamName;
  readonly shard: ShardId;
  /** In the shard's order. */
  readonly records: readonly StreamRecord[];
  /** Milliseconds until the invocation is ended; without it there is no limit. */
  remainingMs?(): number;
}

export interface IngestReport {
  readonly commits: number;
  readonly counts: Counts;
  readonly watermark: Watermark;
  /** Bytes of slice contents committed. */
  readonly commitBytes: number;
  /** Where the next invocation must go on, when time ran short. */
  readonly firstUnprocessed?: SequenceNumber;
}

export interface Ingest {
  ingest(batch: ShardBatch): Promise<IngestReport>;
}

/** With less time than this left, what is done is committed and the rest is left for the next try. */
const RESERVED_MS = 3_000;
/** A warm head older than this is read again: slots behind it might have expired. */
const WARM_HEAD_MS = 10 * 60_000;

interface WarmHead {
  readonly commit: Commit;
  readonly readAt: ProcessingTime;
}

/** An ingest function; keeps lane heads warm between calls, so a new value is a cold start. */
export function createIngest(job: WindowJob, ports: IngestPorts, settings: EngineSettings): Ingest {
  checkRetention(job, settings);
  const heads = new Map<string, WarmHead>();

  async function headOf(lane: Lane): Promise<Commit | undefined> {
    const warm = heads.get(laneName(lane));
    if (warm && ports.clock.now() - warm.readAt < WARM_HEAD_MS) return warm.commit;
    const head = await readHead(ports.state, lane);
    const known = head ?? (await openLane(job, ports, lane));
    if (known) remember(lane, known);
    return known;
  }

  function remember(lane: Lane, commit: Commit): void {
    if (commit.shape !== job.shape) {
      throw new JobDefinitionError(
        `${job.id} has stored state of another shape on ${laneName(lane)}: its windows, lateness or ` +
          'aggregate changed; raise the version of the job to start beside the old one',
      );
    }
    heads.set(laneName(lane), { commit, readAt: ports.clock.now() });
  }

  /** Commits the next prefix, or learns what somebody else committed. */
  async function step(lane: Lane, head: Commit | undefined, entries: readonly Entry[], at: number) {
    const prefix = await buildCommit(job, ports, settings, { lane, head, entries, at });
    if (prefix.chunks.length > 0) await ports.state.batchPut(prefix.chunks);
    const outcome = await append(ports.state, lane, prefix.commit);
    if (outcome === 'appended') {
      remember(lane, prefix.commit);
      return { head: prefix.commit, committed: prefix };
    }
    heads.delete(laneName(lane));
    const found = await headOf(lane);
    if (outcome === 'unknown' && (found?.slot ?? -1) < prefix.commit.slot) {
      // It may still arrive; then the retry of the batch finds the slot taken.
      throw new RetryableError(
        `${laneName(lane)}: no reply to slot ${prefix.commit.slot}, and it is not there`,
      );
    }
    return { head: found };
  }

  return {
    async ingest(batch) {
      const lane: Lane = { job: job.id, stream: batch.stream, shard: batch.shard };
      const entries = decodeBatch(batch.records);
      let head = await headOf(lane);
      const before = head?.watermark ?? NO_WATERMARK;
      let done: IngestReport = { commits: 0, counts: NO_COUNTS, commitBytes: 0, watermark: before };
      let at = skipCommitted(entries, 0, head);
      while (at < entries.length && hasTime(batch)) {
        const stepped = await step(lane, head, entries, at);
        head = stepped.head;
        if (stepped.committed) done = including(done, stepped.committed);
        at = skipCommitted(entries, at, head);
      }
      const watermark = head?.watermark ?? NO_WATERMARK;
      if (endsWindow(job, before, watermark)) await ports.closeSignal.send(job.id);
      const next = entries[at];
      return { ...done, watermark, ...(next ? { firstUnprocessed: next.sequence } : {}) };
    },
  };
}

const hasTime = (batch: ShardBatch): boolean =>
  batch.remainingMs === undefined || batch.remainingMs() >= RESERVED_MS;

function including(report: IngestReport, { commit, counts }: Prefix): IngestReport {
  return {
    ...report,
    commits: report.commits + 1,
    counts: addCounts(report.counts, counts),
    commitBytes: report.commitBytes + (commit.deltas?.length ?? 0),
  };
}

/** All entries, in order. A record that comes twice in one batch is taken once. */
function decodeBatch(records: readonly StreamRecord[]): Entry[] {
  const entries: Entry[] = [];
  let previous: SequenceNumber | undefined;
  for (const record of records) {
    if (previous !== undefined && compareSequences(record.sequence, previous) <= 0) continue;
    decodeRecord(record, entries);
    previous = record.sequence;
  }
  return entries;
}

function skipCommitted(entries: readonly Entry[], from: number, head: Commit | undefined): number {
  if (!head) return from;
  let at = from;
  while (at < entries.length && comparePositions(entries[at] as Entry, head.to) <= 0) at += 1;
  return at;
}

/**
 * The log was found empty: makes the lane known before its slot 0. Where windows were closed already, either
 * somebody has just committed, and that is the head, or the log is lost.
 */
async function openLane(
  job: WindowJob,
  ports: IngestPorts,
  lane: Lane,
): Promise<Commit | undefined> {
  const parents = await ports.shards.parentsOf(lane.stream, lane.shard);
  if ((await createLane(ports.state, lane, parents)) === 'created') return undefined;
  const cursor = (await readCursors(ports.state, job.id)).get(laneName(lane)) ?? 0;
  if (cursor === 0) return undefined;
  const head = await readHead(ports.state, lane);
  if (head) return head;
  throw new InvariantViolation(
    `${job.id} on ${laneName(lane)}: windows were closed up to slot ${cursor}, but the log is empty; ` +
      'it expired or was deleted, so what it counted cannot be told from what is new',
  );
}

async function append(
  table: Table,
  lane: Lane,
  commit: Commit,
): Promise<'appended' | 'taken' | 'unknown'> {
  try {
    return await appendCommit(table, lane, commit);
  } catch (error) {
    if (error instanceof UnknownOutcomeError) return 'unknown';
    throw error;
  }
}

/** Whether the watermark moved over the end of a window, so that closing has something to do. */
function endsWindow(job: WindowJob, before: Watermark, after: Watermark): boolean {
  if (after === NO_WATERMARK || after === before) return false;
  if (before === NO_WATERMARK) return true;
  const next = firstWindowEnd(sliceOf(eventTime(before), job.assign), job.assign);
  return hasClosed(next, after);
}
