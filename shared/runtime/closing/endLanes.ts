/**
 * The end of a lane: its shard is closed, everything that it held is read or has expired, and nobody needs its log any more.
 * Then the lane is taken off the list that every run reads.
 *
 * Owns: when a lane of a window job ends, and when it is retired. Does not own: when a shard counts as closed and over
 * (`runtime/lanes/closedShards.ts`), what is kept of a retired lane (`state/lane/retiredLanes.ts`), and the lanes of jobs
 * that have timers (`runtime/timers/endFiredLanes.ts`).
 *
 * 1. A lane gets its `ended` entry first. That is a slot like any other, so whoever still had a record for the lane would
 *    find it taken and say so: nothing is lost in silence, should a rule here ever be wrong.
 * 2. A keyed job ends a lane when its shard is read to its end, before a child begins. Any other job cannot look into
 *    shards. It ends a lane when streams have forgotten all that the shard could hold: children are made when a shard is
 *    closed, so the time at which a child's lane was opened tells.
 * 3. A lane is retired only when nothing in its log is left to merge, to fire or to take over, and when the job watermark,
 *    as it is stored, has come to the lane's own: so a job comes as far without the lane as with it.
 * 4. Parents have ended before their children are retired, since it is the children that say that a parent is closed. Behind a
 *    gate a parent is retired first, once its children have taken over its keys.
 *
 * All of this needs no lease, and dying between any two writes leaves work for the next run.
 */
import type { Job } from '../../job/job.ts';
import { isGated } from '../../job/traits.ts';
import { laneNamed } from '../../model/lane.ts';
import { isAfter, type ProcessingTime } from '../../model/time.ts';
import type { Table } from '../../ports/table.ts';
import type { ClosingView } from '../../state/closing/closing.ts';
import { inTurns } from '../../state/inTurns.ts';
import type { LaneItem } from '../../state/lane/laneItem.ts';
import { type Commit, readHead } from '../../state/lane/laneLog.ts';
import { type RetiredLane, removeGhosts, retireLanes } from '../../state/lane/retiredLanes.ts';
import { closedShards, ENDINGS_MAX, overFrom, parentsIn } from '../lanes/closedShards.ts';
import { appendDraft, draftQuietCommit } from '../lanes/commitDraft.ts';
import { childrenBy, haveTakenOver } from '../lanes/handover.ts';
import type { EngineSettings } from '../settings.ts';
import { type LaneTail, newestOf, readNewest } from './logTail.ts';

interface LaneEnding {
  readonly job: Job;
  readonly state: Table;
  readonly settings: EngineSettings;
}

/** The view without lanes that were retired and are listed again (see `retiredLanes.ts`). */
export async function withoutGhosts(
  table: Table,
  job: Job,
  view: ClosingView,
): Promise<ClosingView> {
  // Before the first swap nothing was retired; and what is merged and was retired is final all the same.
  if (view.lease.version === 0) return view;
  const unknown = [...view.lanes.keys()].filter((name) => !view.state.lanes.has(name));
  const ghosts = await removeGhosts(table, job.id, unknown);
  if (ghosts.size === 0) return view;
  return { ...view, lanes: new Map([...view.lanes].filter(([name]) => !ghosts.has(name))) };
}

/** Ends lanes of a window job, and retires those that have ended, once they are merged. */
export async function endMergedLanes(
  closing: LaneEnding,
  view: ClosingView,
  tails: ReadonlyMap<string, LaneTail>,
  now: ProcessingTime,
): Promise<void> {
  const { state } = closing;
  const read = [...tails.values()].filter(({ hasUnread }) => !hasUnread);
  const ending = read.filter(endsNow(closing, view, now));
  const done = read.filter(isDone(view, tails));
  const retiring = isGated(closing.job) ? await handedOver(closing, view, done) : done;
  await inTurns(ending.slice(0, ENDINGS_MAX), (tail) => appendEnd(closing, view, tail, now));
  const retired: RetiredLane[] = [];
  await inTurns(retiring.slice(0, ENDINGS_MAX), async (tail) => {
    const { lane, name } = tail;
    const item = view.lanes.get(name) as LaneItem;
    const head = await readNewest(state, tail);
    const expired = view.state.lanes.get(name)?.expired ?? 0;
    if (head?.ended) retired.push({ lane, item, head, expired });
  });
  await retireLanes(state, retired);
}

/** Which lanes get their `ended` entry now. None of a gate, whose lanes end before a child begins. */
function endsNow(
  { job, settings }: LaneEnding,
  { lanes, state }: ClosingView,
  now: ProcessingTime,
) {
  const closed = closedShards(lanes, (name) => state.lanes.get(name)?.lastValidAt);
  const isOver = overFrom(closed, settings, now);
  return (tail: LaneTail): boolean =>
    !isGated(job) && isOver(tail.name) && !newestOf(tail, state)?.ended;
}

/** Whether a lane has ended and closing is done with it. */
function isDone({ lanes, state }: ClosingView, tails: ReadonlyMap<string, LaneTail>) {
  const headIn = (name: string) => {
    const tail = tails.get(name);
    return tail && newestOf(tail, state);
  };
  return ({ name, commits }: LaneTail): boolean => {
    const head = headIn(name);
    if (!head?.ended || isAfter(head.watermark, state.watermark)) return false;
    const isMerged = commits.every(({ deltas }) => deltas === undefined);
    return isMerged && parentsIn(lanes, name).every((parent) => headIn(parent)?.ended);
  };
}

/** Those whose keys have gone over to their children, and whose parents are no more. */
async function handedOver(
  { job, state }: LaneEnding,
  { lanes }: ClosingView,
  done: readonly LaneTail[],
): Promise<LaneTail[]> {
  const children = childrenBy(lanes);
  const first = done.filter(({ name }) => parentsIn(lanes, name).length === 0);
  const over = new Set<string>();
  await inTurns(first.slice(0, ENDINGS_MAX), async ({ name }) => {
    const heads = new Map<string, Commit | undefined>();
    for (const child of children.get(name) ?? []) {
      heads.set(child, await readHead(state, laneNamed(job.id, child)));
    }
    if (haveTakenOver([...heads.keys()], lanes, (child) => heads.get(child))) over.add(name);
  });
  return first.filter(({ name }) => over.has(name));
}

async function appendEnd(
  { job, state, settings }: LaneEnding,
  { lanes }: ClosingView,
  tail: LaneTail,
  now: ProcessingTime,
): Promise<void> {
  const { lane, name } = tail;
  const laneState = {
    lane,
    item: lanes.get(name) as LaneItem,
    head: await readNewest(state, tail),
  };
  // Where no reply came, the next run looks again.
  await appendDraft(state, lane, draftQuietCommit(job, settings, { laneState, why: 'end', now }));
}
