/**
 * Closing: projects a job's lane logs onto its result rows.
 *
 * Owns: the rounds of a run and the order of their effects. Does not own: what is read (`logTail.ts`), what a round takes in
 * and is to do (`takeIn.ts`, `planClosing.ts`), pages (`mergePages.ts`), rows (`closeDue.ts`), blocks (`indexBlocks.ts`), and
 * the end of lanes (`endLanes.ts`).
 *
 * 1. A run looks first, and takes the lease only when there is something to do.
 * 2. Order of effects: pages, rows, blocks, then one swap of `closing`. A crash before the swap leaves items that
 *    nothing names and rows that the next run meets again; merging twice is impossible.
 * 3. Rows carry the run's fence; a run that lost its lease is refused by its successor's rows or by the swap.
 * 4. What a run reads decides how far it goes: the watermark never passes content that was not merged.
 * 5. A round takes in a bounded part of the logs, evaluates and writes for a part of its lease and of its invocation only,
 *    and then stores how far it came. So a backlog of any size is worked off, a round at a time.
 */
import { FencedError } from '../../errors.ts';
import { isGated } from '../../job/traits.ts';
import type { WindowJob } from '../../job/windowJob.ts';
import {
  isAfter,
  later,
  NO_WATERMARK,
  type ProcessingTime,
  type Watermark,
} from '../../model/time.ts';
import { PageIndex } from '../../operators/closing/pageIndex.ts';
import type { Ports } from '../../ports/ports.ts';
import {
  askAgain,
  type ClosingView,
  type Lease,
  readClosing,
  swapClosing,
  takeLease,
} from '../../state/closing/closing.ts';
import type { RunTrigger, ScheduledRun } from '../scheduledRun.ts';
import type { EngineSettings } from '../settings.ts';
import { closeDue } from './closeDue.ts';
import { endMergedLanes, withoutGhosts } from './endLanes.ts';
import { WarmWindow } from './evaluateWindow.ts';
import { holdsBack } from './heldBack.ts';
import { IndexBlocks } from './indexBlocks.ts';
import { dormantLanes } from './laneViews.ts';
import { LogTail } from './logTail.ts';
import { compactIndex, mergeFresh, PageWriter } from './mergePages.ts';
import { PageReader } from './pageReader.ts';
import { type Plan, planRun, resumedPlan } from './planClosing.ts';
import { recommitHeads } from './recommitHeads.ts';
import { RowLists } from './withdrawals.ts';

export interface CloseReport {
  readonly outcome: 'closed' | 'nothingDue' | 'leaseTaken' | 'fenced';
  /** The job watermark as far as this run knows: the stored one where it left before reading the logs. */
  readonly watermark: Watermark;
  readonly windowsClosed: number;
  /** Not among them are rows that were left alone because they say already what they should. */
  readonly rowsWritten: number;
  readonly commitsRead: number;
  /** Events found behind what is stored, in this run. */
  readonly expired: number;
  /** Windows whose rows were left alone because a page is gone. Not zero is an alarm. */
  readonly windowsRefused: number;
  /** Something is, or may be, left for another run: the time of this call ran out, or it gave way in the middle. */
  readonly hasMore: boolean;
}

/** The part of its lease after which a round starts nothing more; the rest is for what is under way, and for the swap. */
const WORKING_SHARE = 1 / 4;

export function createClosing(
  job: WindowJob,
  ports: Ports,
  settings: EngineSettings,
): ScheduledRun<CloseReport> {
  const run: ClosingContext = {
    job,
    ports,
    settings,
    tail: new LogTail(job.id, ports.state),
    pages: new PageReader(job.id, ports.state),
    blocks: new IndexBlocks(job.id, ports.state),
    lists: new RowLists(job, ports.state, settings, () => ports.clock.now()),
    warm: new WarmWindow(),
  };
  return async (trigger, hasTime = () => true) => {
    let total: CloseReport = { ...NOTHING, watermark: NO_WATERMARK };
    for (;;) {
      const { report, goOn } = await closeOnce(run, trigger, hasTime);
      // Whoever has the lease now goes on, but does not know that the input has ended.
      const gaveWay = total.outcome === 'closed' && isGivenWay(report);
      total = { ...sumOf(total, report), hasMore: goOn || gaveWay };
      if (!goOn || !hasTime()) return total;
    }
  };
}

const isGivenWay = ({ outcome }: CloseReport): boolean =>
  outcome === 'leaseTaken' || outcome === 'fenced';

const NOTHING = {
  outcome: 'nothingDue',
  windowsClosed: 0,
  rowsWritten: 0,
  commitsRead: 0,
  expired: 0,
  windowsRefused: 0,
  hasMore: false,
} as const;

function sumOf(a: CloseReport, b: CloseReport): CloseReport {
  // A round that gave way to another run takes nothing from what was closed before it.
  const addsNothing =
    b.outcome === 'nothingDue' || (b.outcome === 'leaseTaken' && a.outcome === 'closed');
  return {
    outcome: addsNothing ? a.outcome : b.outcome,
    watermark: b.watermark,
    windowsClosed: a.windowsClosed + b.windowsClosed,
    rowsWritten: a.rowsWritten + b.rowsWritten,
    commitsRead: a.commitsRead + b.commitsRead,
    expired: a.expired + b.expired,
    windowsRefused: a.windowsRefused + b.windowsRefused,
    hasMore: b.hasMore,
  };
}

interface ClosingContext {
  readonly job: WindowJob;
  readonly ports: Pick<Ports, 'state' | 'clock' | 'results'>;
  readonly settings: EngineSettings;
  readonly tail: LogTail;
  readonly pages: PageReader;
  readonly blocks: IndexBlocks;
  readonly lists: RowLists;
  readonly warm: WarmWindow;
}

interface Round {
  readonly report: CloseReport;
  readonly goOn: boolean;
}

async function closeOnce(
  run: ClosingContext,
  trigger: RunTrigger,
  hasTime: () => boolean,
): Promise<Round> {
  const { job, ports } = run;
  const stored = await readClosing(ports.state, job.id);
  const view = await withoutGhosts(ports.state, job, stored);
  const stop = (outcome: CloseReport['outcome']): Round => ({
    report: { ...NOTHING, outcome, watermark: view.state.watermark },
    goOn: false,
  });
  const now = ports.clock.now();
  if (isAfter(view.lease.until, now)) {
    if (trigger === 'schedule') return stop('leaseTaken');
    const asked = await askAgain(ports.state, job.id, view.lease);
    return { ...stop('leaseTaken'), goOn: asked === 'refused' };
  }
  const plan = await planned(run, view, { trigger, now, hasTime });
  if (plan === 'heldBack') return stop('nothingDue');
  if (!(await hasWork(run, plan))) {
    const report = { ...NOTHING, watermark: plan.goal.watermark };
    return { report, goOn: false };
  }
  const until = later(now, run.settings.lease);
  const lease = await takeLease(ports.state, job.id, view, until);
  // Another run was faster, and may have read the logs before what this nudge is about was there. So the round is
  // repeated: it finds the lease taken, and asks the holder to run again.
  if (!lease) return { ...stop('leaseTaken'), goOn: trigger !== 'schedule' };
  const stopAt = now + run.settings.lease * WORKING_SHARE;
  return carryOut(run, plan, lease, () => ports.clock.now() <= stopAt && hasTime());
}

interface Occasion {
  readonly trigger: RunTrigger;
  readonly now: ProcessingTime;
  hasTime(): boolean;
}

async function planned(
  run: ClosingContext,
  view: ClosingView,
  { trigger, now, hasTime }: Occasion,
): Promise<Plan | 'heldBack'> {
  const { job, ports, settings, blocks } = run;
  const { state } = view;
  const index = new PageIndex(job.assign, state, state.expiredBefore);
  const question = { job, settings, view, index, now, trigger };
  if (state.goal) return resumedPlan({ ...question, tails: new Map() }, state.goal);
  const tails = await run.tail.read(view, {
    pace: trigger === 'nudge' ? 'oneByOne' : 'sideBySide',
    holdsBack: trigger === 'nudge' ? holdsBack(job, settings, state, now) : () => false,
    isDormant: trigger === 'endOfInput' ? () => false : dormantLanes(view, settings, now),
    hasTime,
  });
  if (tails === 'heldBack') return tails;
  // Nothing follows a gate's commit before its alerts are put, which is the business of fireTimers.
  if (!isGated(job)) await recommitHeads(ports.state, settings, view, tails, now);
  if (trigger === 'schedule') {
    await endMergedLanes({ job, state: ports.state, settings }, view, tails, now);
  }
  const lastEnd =
    trigger === 'endOfInput' ? await blocks.answer(index, () => index.lastEnd()) : undefined;
  return planRun({ ...question, tails, lastEnd });
}

async function hasWork({ blocks }: ClosingContext, plan: Plan): Promise<boolean> {
  if (plan.hasOtherWork) return true;
  const next = await blocks.answer(plan.index, () => plan.nextDue(NO_WATERMARK));
  return next !== undefined;
}

/** Does what was planned. A run that dies anywhere before the swap never happened. */
async function carryOut(
  run: ClosingContext,
  plan: Plan,
  lease: Lease,
  mayGoOn: () => boolean,
): Promise<Round> {
  const { job, ports, settings, pages, blocks } = run;
  const { index, now } = plan;
  const expiresAt = later(now, settings.logRetention);
  const { fence } = lease;
  const writer = new PageWriter({ job, table: ports.state, pages, fence, expiresAt });
  await blocks.answer(index, () => index.readyFor(plan.fresh, plan.from.sealedUpTo));
  await mergeFresh(writer, index, plan.fresh);
  await compactIndex(writer, blocks, index, plan.goal.watermark, mayGoOn);
  try {
    const closed = await closeDue({ ...run, results: ports.results, plan, lease, mayGoOn });
    const progress = plan.progressAt(closed.done);
    index.expire(progress.expiredBefore);
    const stored = await blocks.store(index, settings, now, () => writer.nameNext());
    const swapped = await swapClosing(
      ports.state,
      job.id,
      {
        ...index.kept(),
        ...progress,
        shape: job.shape,
        startedAt: plan.startedAt,
        lanes: plan.lanes,
        begun: plan.begun,
        window: closed.window,
      },
      lease,
    );
    if (swapped === 'fenced') return fenced(plan);
    const hasMore = progress.goal !== undefined || plan.hasUnread || stored === 'oldOnesLeft';
    const { windowsClosed, windowsRefused, rowsWritten } = closed;
    const { commitsRead, expired } = plan;
    const report: CloseReport = {
      outcome: 'closed',
      watermark: progress.watermark,
      windowsClosed,
      rowsWritten,
      commitsRead,
      expired,
      windowsRefused,
      hasMore,
    };
    return { report, goOn: swapped === 'again' || hasMore };
  } catch (error) {
    if (error instanceof FencedError) return fenced(plan);
    throw error;
  }
}

const fenced = ({ from }: Plan): Round => ({
  report: { ...NOTHING, outcome: 'fenced', watermark: from.watermark },
  goOn: false,
});
