/** What a closing run will do, decided from what it read. No I/O and no clock. */
import { JobDefinitionError } from '../errors.ts';
import type { WindowJob } from '../job/job.ts';
import { type ProcessingTime, type Watermark, watermarkAt } from '../model/time.ts';
import { lastWindowEnd } from '../model/window.ts';
import { finalUpTo, jobWatermark, type LaneView } from '../operators/jobWatermark.ts';
import { PageIndex } from '../operators/pageIndex.ts';
import { decodeContents, type SliceContent } from '../operators/sliceContent.ts';
import { windowsDue } from '../operators/windowsDue.ts';
import type { ClosingState, ClosingView, MergedLane } from '../state/closing.ts';
import type { Commit } from '../state/laneLog.ts';
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

/** Unmerged commits are left in the logs until windows are due, or until there are this many or bytes. */
const BACKLOG_COMMITS_MAX = 200;
const BACKLOG_BYTES_MAX = 1024 * 1024;
export interface Plan {
  readonly now: ProcessingTime;
  readonly lanes: ReadonlyMap<string, MergedLane>;
  readonly fresh: readonly SliceContent[];
  readonly index: PageIndex;
  readonly watermark: Watermark;
  readonly finalUpTo: Watermark;
  readonly due: ReturnType<typeof windowsDue>;
  readonly commitsRead: number;
  readonly expired: number;
  readonly hasUnread: boolean;
}

/** Everything a run will do, from what it read; undefined when it can wait. No I/O. */
export function planRun(question: PlanQuestion): Plan | undefined {
  const { job, settings, view, tails, now, trigger } = question;
  const { state, lanes } = view;
  const views = laneViews(lanes, state, tails);
  const { fresh, expiredByLane } = freshContents(job, state, tails);
  const index = new PageIndex(job.assign, state.pages);
  const hasUnread = [...tails.values()].some((tail) => tail.hasUnread);
  let watermark = jobWatermark(state.watermark, views, now, settings);
  if (trigger === 'endOfInput' && !hasUnread) {
    const ends = [...index.contents(), ...fresh].map(({ slice }) =>
      lastWindowEnd(slice, job.assign),
    );
    watermark = watermarkAt(ends.reduce<number>((a, b) => Math.max(a, b), watermark));
  }
  const finals = {
    before: state.finalUpTo,
    after: watermarkAt(
      Math.max(state.finalUpTo, finalUpTo(views, now, settings.idleAfter, job.allowedLateness)),
    ),
  };
  const due = windowsDue({
    assign: job.assign,
    merged: index.contents(),
    fresh,
    watermark: { before: state.watermark, after: watermark },
    finalUpTo: finals,
  });
  const expired = [...expiredByLane.values()].reduce((sum, n) => sum + n, 0);
  const commits = [...tails.values()].flatMap((tail) => tail.commits);
  const bytes = commits.reduce((sum, { deltas }) => sum + (deltas?.length ?? 0), 0);
  const isBacklog = commits.length >= BACKLOG_COMMITS_MAX || bytes >= BACKLOG_BYTES_MAX;
  const canWait = due.length === 0 && expired === 0 && !isBacklog && !hasUnread;
  if (canWait && (trigger !== 'endOfInput' || commits.length === 0)) return undefined;
  return {
    now,
    lanes: mergedLanes(state, tails, expiredByLane),
    fresh,
    index,
    watermark,
    finalUpTo: finals.after,
    due,
    commitsRead: commits.length,
    expired,
    hasUnread,
  };
}

function laneViews(
  lanes: ClosingView['lanes'],
  state: ClosingState,
  tails: ReadonlyMap<string, LaneTail>,
): LaneView[] {
  const parents = new Set(
    [...lanes].flatMap(([name, lane]) =>
      lane.parents.map((shard) => `${name.slice(0, name.lastIndexOf('/'))}/${shard}`),
    ),
  );
  const views: LaneView[] = [];
  for (const [name, tail] of tails) {
    const head = tail.commits.at(-1) ?? state.lanes.get(name);
    if (!head) continue;
    views.push({
      watermark: head.watermark,
      lastValidAt: head.lastValidAt,
      hasUnread: tail.hasUnread,
      isParent: parents.has(name),
    });
  }
  return views;
}

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
  if (commit.shape !== job.shape) {
    throw new JobDefinitionError(
      `${job.id} has stored commits of another shape; raise the version of the job to start beside them`,
    );
  }
  return commit.deltas ? decodeContents(commit.deltas) : [];
}

function mergedLanes(
  state: ClosingState,
  tails: ReadonlyMap<string, LaneTail>,
  expiredByLane: ReadonlyMap<string, number>,
): Map<string, MergedLane> {
  const lanes = new Map(state.lanes);
  for (const [name, { commits }] of tails) {
    const head = commits.at(-1);
    if (!head) continue;
    lanes.set(name, {
      cursor: head.slot + 1,
      watermark: head.watermark,
      lastValidAt: head.lastValidAt,
      headExpiresAt: head.expiresAt,
      expired: (lanes.get(name)?.expired ?? 0) + (expiredByLane.get(name) ?? 0),
    });
  }
  return lanes;
}
