/** What a closing run will do, decided from what it read. No I/O and no clock. */
import { JobDefinitionError } from '../errors.ts';
import type { WindowJob } from '../job/windowJob.ts';
import {
  type EventTime,
  laterWatermark,
  NO_WATERMARK,
  type ProcessingTime,
  processingTime,
  type Watermark,
  watermarkAt,
} from '../model/time.ts';
import { lastWindowEnd } from '../model/window.ts';
import {
  correctableFrom,
  finalUpTo,
  jobWatermark,
  type LaneView,
} from '../operators/jobWatermark.ts';
import { PageIndex } from '../operators/pageIndex.ts';
import { decodeContents, type SliceContent } from '../operators/sliceContent.ts';
import {
  type EndRange,
  endRanges,
  joined,
  type WindowsDue,
  windowsDue,
} from '../operators/windowsDue.ts';
import type { ClosingState, ClosingView, MergedLane } from '../state/closing.ts';
import type { Commit } from '../state/laneLog.ts';
import { isAgingBlock } from './indexBlocks.ts';
import { laneViews, mergedLanes } from './laneViews.ts';
import type { LaneTail } from './logTail.ts';
import type { EngineSettings } from './settings.ts';

/** `endOfInput`: nothing more will come, so every window with content closes. */
export type CloseTrigger = 'schedule' | 'nudge' | 'endOfInput';

export interface PlanQuestion {
  readonly job: WindowJob;
  readonly settings: EngineSettings;
  readonly view: ClosingView;
  readonly tails: ReadonlyMap<string, LaneTail>;
  readonly now: ProcessingTime;
  readonly trigger: CloseTrigger;
}

/**
 * Unmerged commits are left in the logs until windows are due, until there are this many or bytes, or until
 * one has used up half of its time to live: what expires unread is lost.
 */
const BACKLOG_COMMITS_MAX = 200;
const BACKLOG_BYTES_MAX = 1024 * 1024;
/** Windows that one run evaluates at most; the rest follow in the next round. */
const WINDOWS_MAX = 256;

/** How far a run goes. */
export interface Progress {
  readonly watermark: Watermark;
  readonly finalUpTo: Watermark;
  readonly expiredBefore: Watermark;
  /** Ends of the windows to evaluate, ascending. */
  readonly due: readonly EventTime[];
  /** Windows that have fresh content and are left for the next round. */
  readonly pending: readonly EventTime[];
  /** Ends of windows with content that are not closed and final then. */
  readonly open: readonly EndRange[];
  readonly windowsClosed: number;
  /** Something due is left for the next round. */
  readonly hasMore: boolean;
}

export interface Plan extends Progress {
  readonly now: ProcessingTime;
  readonly lanes: ReadonlyMap<string, MergedLane>;
  readonly fresh: readonly SliceContent[];
  readonly index: PageIndex;
  readonly commitsRead: number;
  readonly expired: number;
  /** The progress that stands when only so many of the due windows are evaluated. */
  cutTo(windows: number): Progress;
}

/** Nothing has to be written yet; the job watermark is where it would come to. */
export interface CanWait {
  readonly canWait: true;
  readonly watermark: Watermark;
}

/** Everything a run will do, from what it read. */
export function planRun(question: PlanQuestion): Plan | CanWait {
  const { job, settings, view, tails, now } = question;
  const { state } = view;
  if (state.shape !== undefined) checkShape(job, state.shape);
  const lanes = laneViews(view.lanes, state, tails);
  const { fresh, expiredByLane } = freshContents(job, state, tails);
  const hasUnread = lanes.some((lane) => lane.hasUnread);
  const reached = windowsReached(question, lanes, fresh);
  const cutTo = (windows: number) => progressOf(question, lanes, reached, windows);
  const progress = cutTo(WINDOWS_MAX);
  const expired = [...expiredByLane.values()].reduce((sum, n) => sum + n, 0);
  const commits = [...tails.values()].flatMap((tail) => tail.commits);
  const isBacklog = commits.length >= BACKLOG_COMMITS_MAX || bytesOf(commits) >= BACKLOG_BYTES_MAX;
  const isOld =
    isAging(tails, processingTime(now + settings.logRetention / 2)) ||
    state.blocks.some((ref) => isAgingBlock(ref, settings.logRetention, now));
  const mustRun = progress.due.length > 0 || expired > 0 || isBacklog || hasUnread || isOld;
  const isLastCall = question.trigger === 'endOfInput' && commits.length > 0;
  if (!mustRun && !isLastCall) return { canWait: true, watermark: reached.watermark };
  return {
    ...progress,
    now,
    lanes: mergedLanes(view, tails, expiredByLane),
    fresh,
    index: new PageIndex(job.assign, state),
    commitsRead: commits.length,
    expired,
    cutTo,
  };
}

interface Reached extends WindowsDue {
  readonly open: readonly EndRange[];
  readonly watermark: Watermark;
  readonly finalUpTo: Watermark;
}

function windowsReached(
  { job, settings, view: { state }, now, trigger }: PlanQuestion,
  lanes: readonly LaneView[],
  fresh: readonly SliceContent[],
): Reached {
  const open = joined([...state.open, ...endRanges(fresh, job.assign)], job.assign);
  const hasUnread = lanes.some((lane) => lane.hasUnread);
  let watermark = jobWatermark(state.watermark, lanes, now, settings);
  if (trigger === 'endOfInput' && !hasUnread) {
    for (const { last } of open) watermark = laterWatermark(watermark, watermarkAt(last));
  }
  const final = laterWatermark(
    state.finalUpTo,
    finalUpTo(lanes, now, settings.idleAfter, job.allowedLateness),
  );
  const due = windowsDue({
    assign: job.assign,
    open: state.open,
    fresh,
    watermark: { before: state.watermark, after: watermark },
    finalUpTo: { before: state.finalUpTo, after: final },
    expiredBefore: state.expiredBefore,
  });
  const corrected = [...new Set([...state.pending, ...due.corrected])];
  return { ...due, corrected, open, watermark, finalUpTo: final };
}

/**
 * How far a run comes with the first so many of the windows that are due. Marks go only as far as what is evaluated, and
 * corrections that are left are noted, so nothing is passed over.
 */
function progressOf(
  question: PlanQuestion,
  lanes: readonly LaneView[],
  reached: Reached,
  windows: number,
): Progress {
  const { state } = question.view;
  const { corrected, closing, finalized } = reached;
  const all = [...new Set([...corrected, ...closing, ...finalized])].sort((a, b) => a - b);
  const due = all.slice(0, windows);
  const isLeft = due.length < all.length;
  const isDone = (end: EventTime): boolean => !isLeft || end <= (due.at(-1) ?? NO_WATERMARK);
  const closed = closing.filter(isDone);
  const mark = (ends: readonly EventTime[], whole: Watermark, before: Watermark): Watermark =>
    ends.every(isDone) ? whole : watermarkAt(ends.filter(isDone).at(-1) ?? before);
  const watermark = mark(closing, reached.watermark, state.watermark);
  const finalUpTo = mark(finalized, reached.finalUpTo, state.finalUpTo);
  return {
    due,
    pending: corrected.filter((end) => !isDone(end)),
    watermark,
    finalUpTo,
    open: reached.open.filter(({ last }) => last > Math.min(watermark, finalUpTo)),
    // What is left must still be stored when its turn comes.
    expiredBefore: isLeft ? state.expiredBefore : expiryReached(question, lanes, watermark),
    windowsClosed: closed.length,
    hasMore: isLeft || lanes.some((lane) => lane.hasUnread),
  };
}

/** What is no longer open to corrections, but never what is still to be closed. */
function expiryReached(
  { job, settings, view: { state }, now }: PlanQuestion,
  lanes: readonly LaneView[],
  watermark: Watermark,
): Watermark {
  const { correctionRetention } = settings;
  const correctable = correctableFrom(lanes, now, correctionRetention, job.allowedLateness);
  return laterWatermark(
    state.expiredBefore,
    watermarkAt(Math.min(correctable ?? NO_WATERMARK, watermark)),
  );
}

const isAging = (tails: PlanQuestion['tails'], halfLife: ProcessingTime): boolean =>
  [...tails.values()].some(({ commits: [oldest] }) => oldest && oldest.expiresAt <= halfLife);

const bytesOf = (commits: readonly Commit[]): number =>
  commits.reduce((sum, { deltas }) => sum + (deltas?.length ?? 0), 0);

/** What the unmerged commits hold, less what is behind everything that is still stored. */
function freshContents(
  job: WindowJob,
  state: ClosingState,
  tails: ReadonlyMap<string, LaneTail>,
): { fresh: SliceContent[]; expiredByLane: Map<string, number> } {
  const fresh: SliceContent[] = [];
  const expiredByLane = new Map<string, number>();
  for (const [name, { commits }] of tails) {
    for (const commit of commits) {
      for (const content of contentsOf(job, commit)) {
        if (lastWindowEnd(content.slice, job.assign) > state.expiredBefore) fresh.push(content);
        else expiredByLane.set(name, (expiredByLane.get(name) ?? 0) + content.events);
      }
    }
  }
  return { fresh, expiredByLane };
}

function contentsOf(job: WindowJob, commit: Commit): SliceContent[] {
  checkShape(job, commit.shape);
  return commit.deltas ? decodeContents(commit.deltas) : [];
}

/** Slices cut by another declaration would make wrong rows in the place of right ones. */
function checkShape(job: WindowJob, stored: string): void {
  if (stored === job.shape) return;
  throw new JobDefinitionError(
    `${job.id} has stored slices of another shape; raise the version of the job to start beside them`,
  );
}
