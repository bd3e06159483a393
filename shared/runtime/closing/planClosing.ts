/**
 * What a closing run will do, decided from what it read. No I/O and no clock.
 *
 * Owns: the goal of a run, whether it has to be, and how far it is after a part. Does not own: the rules of watermarks
 * (`operators/jobWatermark.ts`) and of windows that are due (`operators/closing/windowsDue.ts`), which it applies.
 *
 * A run sets a *goal*: how far closing is once everything it took in has its rows. Where it does not get there, the goal is
 * stored, and the runs after it work towards it and take nothing in before. So what is left to do only shrinks, a
 * window's content stays the same until all of its rows are written, and any backlog ends.
 */
import type { WindowJob } from '../../job/windowJob.ts';
import {
  type EventTime,
  latest,
  NO_WATERMARK,
  type ProcessingTime,
  since,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import type { Answer } from '../../operators/closing/answer.ts';
import type { PageIndex } from '../../operators/closing/pageIndex.ts';
import {
  type EndRange,
  endRanges,
  endsWithin,
  joined,
  nextDue,
  type Passage,
  passedTo,
} from '../../operators/closing/windowsDue.ts';
import {
  type ClosingLaneView,
  closedToEvents,
  correctableFrom,
  jobWatermark,
} from '../../operators/jobWatermark.ts';
import type { ClosingView } from '../../state/closing/closing.ts';
import type {
  BegunCommit,
  BegunWindow,
  ClosingState,
  Goal,
  MergedLane,
} from '../../state/closing/closingState.ts';
import type { SliceContent } from '../../state/lane/sliceContent.ts';
import { isAging } from '../../state/retention.ts';
import { checkShape } from '../lanes/lanes.ts';
import type { RunTrigger } from '../scheduledRun.ts';
import type { EngineSettings } from '../settings.ts';
import { isAgingBlock } from './indexBlocks.ts';
import { laneViews, mergedLanes } from './laneViews.ts';
import { bytesOf, type LaneTail } from './logTail.ts';
import { takeIn } from './takeIn.ts';

export interface PlanQuestion {
  readonly job: WindowJob;
  readonly settings: EngineSettings;
  readonly view: ClosingView;
  /** What is stored, before anything is taken in. */
  readonly index: PageIndex;
  readonly tails: ReadonlyMap<string, LaneTail>;
  readonly now: ProcessingTime;
  readonly trigger: RunTrigger;
  /** The end of the last window with stored content, where the input has ended. */
  readonly lastEnd?: EventTime | undefined;
}

/**
 * Unmerged commits are left in the logs until windows are due, until there are this many or bytes, or until
 * one has used up half of its time to live: what expires unread is lost.
 */
export const BACKLOG_COMMITS_MAX = 200;
const BACKLOG_BYTES_MAX = 1024 * 1024;

/** How far a run comes. */
interface Progress {
  readonly watermark: Watermark;
  readonly finalUpTo: Watermark;
  readonly expiredBefore: Watermark;
  readonly pending: readonly EndRange[];
  /** What is left to reach. */
  readonly goal?: Goal | undefined;
}

export interface Plan {
  readonly now: ProcessingTime;
  /** When the first run was. */
  readonly startedAt: ProcessingTime | undefined;
  readonly index: PageIndex;
  /** What is taken in. */
  readonly fresh: readonly SliceContent[];
  readonly lanes: ReadonlyMap<string, MergedLane>;
  readonly begun: ReadonlyMap<string, BegunCommit>;
  readonly commitsRead: number;
  readonly expired: number;
  /** There is, or may be, more to take in once the goal is reached. */
  readonly hasUnread: boolean;
  readonly from: ClosingState;
  readonly goal: Goal;
  /** The window that an earlier run has begun to write. */
  readonly window?: BegunWindow | undefined;
  /** Something has to be done, whether or not a window is due. */
  readonly hasOtherWork: boolean;
  /** The end of the first window that is due after those up to `after`, by what the index holds. */
  nextDue(after: Watermark): Answer<EventTime | undefined>;
  /** How far closing is with all that is due, or with what is due up to this mark. */
  progressAt(done: Watermark | 'all'): Progress;
}

/** Goes on towards the goal that an earlier run stored. */
export function resumedPlan({ job, view: { state }, index, now }: PlanQuestion, goal: Goal): Plan {
  if (state.shape !== undefined) checkShape(job, state.shape, 'in its pages');
  return {
    ...towards(job, index, state, goal, state.pending),
    now,
    startedAt: state.startedAt,
    fresh: [],
    lanes: state.lanes,
    begun: state.begun,
    commitsRead: 0,
    expired: 0,
    hasUnread: true,
    window: state.window,
    hasOtherWork: true,
  };
}

/** Everything a run will do, from what it read. */
export function planRun(question: PlanQuestion): Plan {
  const { job, settings, view, index, now } = question;
  const { state } = view;
  if (state.shape !== undefined) checkShape(job, state.shape, 'in its pages');
  const { fresh, tails, begun, expiredByLane } = takeIn(job, state, question.tails);
  const lanes = laneViews(view.lanes, state, tails);
  const touched = endRanges(fresh, job.assign);
  const goal = goalOf(question, lanes, touched);
  const hasUnread = lanes.some((lane) => lane.hasUnread);
  const expired = [...expiredByLane.values()].reduce((sum, n) => sum + n, 0);
  const commits = [...question.tails.values()].flatMap((tail) => tail.commits);
  const isBacklog = commits.length >= BACKLOG_COMMITS_MAX || bytesOf(commits) >= BACKLOG_BYTES_MAX;
  const isOld =
    hasAging(question.tails, settings, now) ||
    [...state.blocks, ...(state.runs ?? [])].some((ref) =>
      isAgingBlock(ref, settings.logRetention, now),
    );
  const isLastCall = question.trigger === 'endOfInput' && commits.length > 0;
  const closes = endsWithin(touched, job.assign, state.expiredBefore, goal.watermark).length > 0;
  return {
    ...towards(job, index, state, goal, correctedBy(touched, state, job)),
    now,
    startedAt: startOf(state, now),
    fresh,
    lanes: mergedLanes(view, tails, expiredByLane),
    begun,
    commitsRead: [...tails.values()].reduce((sum, tail) => sum + tail.commits.length, 0),
    expired,
    hasUnread,
    hasOtherWork: closes || expired > 0 || isBacklog || hasUnread || isOld || isLastCall,
  };
}

/** Windows that got content after they had closed: from this run, and those that earlier runs left. */
const correctedBy = (
  touched: readonly EndRange[],
  state: ClosingState,
  { assign }: WindowJob,
): EndRange[] =>
  joined(
    [...state.pending, ...endsWithin(touched, assign, state.expiredBefore, state.watermark)],
    assign,
  );

function towards(
  job: WindowJob,
  index: PageIndex,
  state: ClosingState,
  goal: Goal,
  corrected: readonly EndRange[],
) {
  const { expiredBefore } = state;
  const passage: Passage = { from: state, to: goal, corrected, expiredBefore };
  return {
    index,
    from: state,
    goal,
    nextDue: (after: Watermark) => nextDue(passage, index, job.assign, after),
    progressAt: (done: Watermark | 'all'): Progress =>
      done === 'all'
        ? { ...goal, pending: [] }
        : // What is left must still be stored when its turn comes.
          { ...passedTo(passage, done, job.assign), expiredBefore, goal },
  };
}

function goalOf(
  question: PlanQuestion,
  lanes: readonly ClosingLaneView[],
  touched: readonly EndRange[],
): Goal {
  const { job, settings, view, now, trigger, lastEnd } = question;
  const { state } = view;
  let watermark = jobWatermark(state.watermark, lanes, now, settings);
  if (trigger === 'endOfInput' && !lanes.some((lane) => lane.hasUnread)) {
    for (const last of [lastEnd, touched.at(-1)?.last]) {
      if (last !== undefined) watermark = latest(watermark, watermarkAt(last));
    }
  }
  const final = closedToEvents(lanes, now, settings.idleAfter, job.allowedLateness);
  return {
    watermark,
    finalUpTo: latest(state.finalUpTo, final),
    expiredBefore: expiryReached(question, lanes, watermark),
  };
}

/**
 * Up to where windows expire: those that are no longer open to corrections, but none that is still to be closed. While a
 * job is young, none at all: its lanes open one after the other, and where a backlog is read, the first may be days ahead
 * (event time) of one that is not here yet. When a lane opens later, its parents stand in for it until then.
 */
function expiryReached(
  { job, settings, view: { state }, now }: PlanQuestion,
  lanes: readonly ClosingLaneView[],
  watermark: Watermark,
): Watermark {
  const { correctionRetention } = settings;
  const startedAt = startOf(state, now);
  if (startedAt !== undefined && since(startedAt, now) < correctionRetention)
    return state.expiredBefore;
  const correctable = correctableFrom(lanes, now, correctionRetention, job.allowedLateness);
  return latest(state.expiredBefore, watermarkAt(Math.min(correctable ?? NO_WATERMARK, watermark)));
}

const startOf = ({ shape, startedAt }: ClosingState, now: ProcessingTime) =>
  shape === undefined ? now : startedAt;

const hasAging = (
  tails: PlanQuestion['tails'],
  { logRetention }: EngineSettings,
  now: ProcessingTime,
): boolean =>
  [...tails.values()].some(
    ({ commits: [oldest] }) => oldest && isAging(oldest.expiresAt, logRetention, now),
  );
