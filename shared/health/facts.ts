/**
 * What is read of a job to say how it is: from the state table alone, a bounded number of items for each lane, and nothing of its
 * results.
 */
import type { Job } from '../job/job.ts';
import { hasWindows } from '../job/traits.ts';
import { addCounts, type Counts, countsBetween, NO_COUNTS, totalOf } from '../model/counts.ts';
import { laneName } from '../model/lane.ts';
import {
  type Duration,
  type EventTime,
  earlier,
  milliseconds,
  minutes,
  NO_WATERMARK,
  type ProcessingTime,
  type Watermark,
} from '../model/time.ts';
import { lastWindowEnd, sliceOf } from '../model/window.ts';
import { jobWatermark } from '../operators/jobWatermark.ts';
import type { Table } from '../ports/table.ts';
import { lagMax } from '../runtime/lagMax.ts';
import type { EngineSettings } from '../runtime/settings.ts';
import { type Failure, readFailures } from '../state/failures.ts';
import type { LaneStatus } from '../state/inspect.ts';
import { inTurns } from '../state/inTurns.ts';
import { type JobProgress, listedLanes, readJobProgress } from '../state/jobProgress.ts';
import { readCommit } from '../state/lane/laneLog.ts';
import { headMark, type LaneMark, markAt, marksOf, putAt } from '../state/laneHistory.ts';

/** What counts as recent, of late events and dead letters, and of errors. */
export const RECENT = minutes(5);
const RATE_OVER = minutes(1);
const RATE_SECONDS = 60;
const SCHEDULED_EVERY = minutes(1);
const NEVER = milliseconds(Number.POSITIVE_INFINITY);

export interface JobFacts {
  /** As commands take it. */
  readonly name: string;
  readonly job: Pick<Job, 'id' | 'kind'>;
  readonly progress: JobProgress;
  readonly failures: readonly Failure[];
  /** When each lane's newest commit was put, by its name; of retired ones the end. */
  readonly lastCommits: ReadonlyMap<string, ProcessingTime>;
  /** Of lanes that are listed. */
  readonly lanes: Recently;
  /** How far behind the clock the watermark may be; undefined where that says nothing. */
  readonly lagMax: Duration | undefined;
}

export interface Recently {
  /** Of the last minute, a second. */
  readonly eventsPerSecond: number;
  /** Within `RECENT`. */
  readonly counts: Counts;
  /** What every run of the last minutes found reached; none where a lane has begun since, and may be behind it. */
  readonly reachedBefore: Watermark;
  readonly unmerged: Unmerged;
}

/** What closing has left in the logs for `RECENT` or longer, of a job that has windows. */
interface Unmerged {
  readonly commits: number;
  /** Of each lane with any: the oldest one. */
  readonly oldest: readonly UnmergedCommit[];
}

export interface UnmergedCommit {
  readonly at: ProcessingTime;
  /** The end of the last window that may hold something of it; undefined where it has nothing for any. */
  readonly lastEnd: EventTime | undefined;
}

export interface FactsRequest {
  readonly name: string;
  readonly job: Job;
  readonly state: Table;
  readonly settings: EngineSettings;
  readonly batchWindow: Duration;
  readonly now: ProcessingTime;
}

export async function readFacts(request: FactsRequest): Promise<JobFacts> {
  const { name, job, state, settings, batchWindow, now } = request;
  const [progress, failures] = await Promise.all([
    readJobProgress(job.id, state, now, settings),
    readFailures(state, job.id),
  ]);
  return {
    name,
    job,
    progress,
    failures,
    lastCommits: new Map(
      progress.lanes.map((lane) => [laneName(lane.lane), putAt(lane, settings.logRetention)]),
    ),
    lanes: await readRecently(request, listedLanes(progress.lanes)),
    lagMax: lagMax(settings, batchWindow, job),
  };
}

/** Where a lane stood, and stands. */
interface LanePast {
  readonly lane: LaneStatus;
  readonly head: LaneMark;
  readonly minuteAgo: LaneMark;
  readonly before: LaneMark;
}

/** Of a job whose state cannot be read. */
export const unknownFacts = ({ name, job }: Pick<FactsRequest, 'name' | 'job'>): JobFacts => ({
  name,
  job,
  progress: {
    lanes: [],
    counts: NO_COUNTS,
    expired: 0,
    watermark: NO_WATERMARK,
    watermarkBy: 'events',
    stored: NO_WATERMARK,
  },
  failures: [],
  lastCommits: new Map(),
  lanes: {
    eventsPerSecond: 0,
    counts: NO_COUNTS,
    reachedBefore: NO_WATERMARK,
    unmerged: { commits: 0, oldest: [] },
  },
  lagMax: undefined,
});

async function readRecently(
  request: FactsRequest,
  lanes: readonly LaneStatus[],
): Promise<Recently> {
  const { state, settings, now } = request;
  const pasts: LanePast[] = [];
  await inTurns(lanes, async (lane) => {
    const read = marksOf(state, lane.lane, settings.logRetention);
    const head = headMark(lane, settings.logRetention);
    const minuteAgo = await markAt(head, earlier(now, RATE_OVER), read);
    pasts.push({
      lane,
      head,
      minuteAgo,
      before: await markAt(minuteAgo, earlier(now, RECENT), read),
    });
  });
  const sum = (since: (past: LanePast) => LaneMark) =>
    pasts.reduce(
      (counts, past) => addCounts(counts, countsBetween(since(past).totals, past.head.totals)),
      NO_COUNTS,
    );
  return {
    eventsPerSecond: totalOf(sum(({ minuteAgo }) => minuteAgo)) / RATE_SECONDS,
    counts: sum(({ before }) => before),
    reachedBefore: reachedBefore(pasts, settings, now),
    unmerged: await readUnmerged(request, pasts),
  };
}

/** By the slowest lane of then, silent ones as well, since they may have spoken up meanwhile; or by the clock, before the run. */
function reachedBefore(
  pasts: readonly LanePast[],
  { flushAfter }: EngineSettings,
  now: ProcessingTime,
): Watermark {
  const started = pasts.filter(({ head }) => head.lastValidAt !== undefined);
  const before = started.map(({ before: mark }) => ({ ...mark, hasUnread: false }));
  if (before.some(({ lastValidAt }) => lastValidAt === undefined)) return NO_WATERMARK;
  const lastRunBefore = earlier(earlier(now, RECENT), SCHEDULED_EVERY);
  return jobWatermark(NO_WATERMARK, before, lastRunBefore, { idleAfter: NEVER, flushAfter });
}

async function readUnmerged(
  { job, state, settings }: FactsRequest,
  pasts: readonly LanePast[],
): Promise<Unmerged> {
  if (!hasWindows(job)) return { commits: 0, oldest: [] };
  const waiting = pasts
    .map(({ lane: { lane, merged }, before }) => ({
      lane,
      merged,
      commits: before.slot + 1 - merged,
    }))
    .filter(({ commits }) => commits > 0);
  const oldest: UnmergedCommit[] = [];
  await inTurns(waiting, async ({ lane, merged }) => {
    const commit = await readCommit(state, lane, merged);
    if (!commit) return;
    const { deltas, greatest } = commit;
    const lastEnd =
      deltas && greatest !== undefined
        ? lastWindowEnd(sliceOf(greatest, job.assign), job.assign)
        : undefined;
    oldest.push({ at: putAt(commit, settings.logRetention), lastEnd });
  });
  return { commits: waiting.reduce((sum, { commits }) => sum + commits, 0), oldest };
}
