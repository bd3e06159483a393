/**
 * Closing: projects a job's lane logs onto its result rows.
 *
 * 1. A run looks first, and takes the lease only when there is something to do.
 * 2. Order of effects: pages, rows, then one swap of `closing`. A crash before the swap leaves items that
 *    nothing names and rows that the next run writes again; merging twice is impossible.
 * 3. Rows carry the run's fence; a run that lost its lease is refused by its successor's rows or by the swap.
 * 4. What a run reads decides how far it goes: the watermark never passes content that was not merged.
 * 5. A round evaluates for a part of its lease only and then stores how far it came. So a backlog of any size is worked
 *    off, a round at a time, however slow a window is.
 */
import { FencedError } from '../errors.ts';
import type { WindowJob } from '../job/windowJob.ts';
import { NO_WATERMARK, processingTime, type Watermark } from '../model/time.ts';
import { isFinal, windowEndingAt } from '../model/window.ts';
import type { Clock } from '../ports/clock.ts';
import type { Table } from '../ports/table.ts';
import {
  askAgain,
  type ClosingView,
  type Lease,
  readClosing,
  swapClosing,
  takeLease,
} from '../state/closing.ts';
import { type EvaluatedWindow, writeRows } from '../state/results.ts';
import { carryHeadsForward } from './carryHeads.ts';
import { endMergedLanes, withoutGhosts } from './endLanes.ts';
import { evaluateWindow } from './evaluateWindow.ts';
import { holdsBack } from './heldBack.ts';
import { IndexBlocks } from './indexBlocks.ts';
import { LogTail } from './logTail.ts';
import { mergeFresh, PageWriter, tidyIndex } from './mergePages.ts';
import { PageReader } from './pageReader.ts';
import { type CloseTrigger, type Plan, type Progress, planRun } from './planClosing.ts';
import { restingLanes } from './restingLanes.ts';
import { checkRetention, type EngineSettings } from './settings.ts';

export type { CloseTrigger } from './planClosing.ts';

export interface ClosePorts {
  readonly state: Table;
  /** The job's result table. */
  readonly results: Table;
  readonly clock: Clock;
}

export interface CloseReport {
  readonly outcome: 'closed' | 'nothingDue' | 'leaseTaken' | 'fenced';
  /** The job watermark as far as this run knows: the stored one where it left before reading the logs. */
  readonly watermark: Watermark;
  readonly windowsClosed: number;
  readonly rowsWritten: number;
  readonly commitsRead: number;
  /** Events found behind what is stored, in this run. */
  readonly expired: number;
  /** Windows whose rows were left alone because a page is gone. Not zero is an alarm. */
  readonly windowsRefused: number;
  /** Something is left for another run, because time or the rounds of this call ran out. */
  readonly hasMore: boolean;
}

export interface Closer {
  /** @param hasTime whether there is time for another round; without it a call goes on until nothing is left. */
  run(trigger: CloseTrigger, hasTime?: () => boolean): Promise<CloseReport>;
}

/** Rounds of one call: while a round left something, or a nudge asked again. */
const ROUNDS_MAX = 1_000;
/** The part of its lease that a round may evaluate windows for; the rest is for writing and for the swap. */
const EVALUATING_SHARE = 1 / 4;

export function createCloser(job: WindowJob, ports: ClosePorts, settings: EngineSettings): Closer {
  checkRetention(job, settings);
  const run: RunContext = {
    job,
    ports,
    settings,
    tail: new LogTail(job.id, ports.state),
    pages: new PageReader(job.id, ports.state),
    blocks: new IndexBlocks(job.id, ports.state),
  };
  return {
    async run(trigger, hasTime = () => true) {
      let total: CloseReport = { ...NOTHING, watermark: NO_WATERMARK };
      for (let round = 0; round < ROUNDS_MAX; round += 1) {
        const { report, goOn } = await runOnce(run, trigger, hasTime);
        total = { ...sumOf(total, report), hasMore: goOn };
        if (!goOn || !hasTime()) break;
      }
      return total;
    },
  };
}

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

interface RunContext {
  readonly job: WindowJob;
  readonly ports: ClosePorts;
  readonly settings: EngineSettings;
  readonly tail: LogTail;
  readonly pages: PageReader;
  readonly blocks: IndexBlocks;
}

interface Round {
  readonly report: CloseReport;
  readonly goOn: boolean;
}

async function runOnce(
  run: RunContext,
  trigger: CloseTrigger,
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
  if (view.lease.until > now) {
    if (trigger === 'schedule') return stop('leaseTaken');
    const asked = await askAgain(ports.state, job.id, view.lease);
    return { ...stop('leaseTaken'), goOn: asked === 'refused' };
  }
  const tails = await run.tail.read(view, {
    pace: trigger === 'nudge' ? 'oneByOne' : 'sideBySide',
    holdsBack: trigger === 'nudge' ? holdsBack(job, run.settings, view.state, now) : () => false,
    rests: trigger === 'endOfInput' ? () => false : restingLanes(view, run.settings, now),
    hasTime,
  });
  if (tails === 'heldBack') return stop('nothingDue');
  // Nothing follows a gate's commit before it is applied, which is the business of fireTimers.
  if (!job.gate) await carryHeadsForward(ports.state, run.settings, view, tails, now);
  if (trigger === 'schedule') {
    await endMergedLanes({ job, state: ports.state, settings: run.settings }, view, tails, now);
  }
  const plan = planRun({ job, settings: run.settings, view, tails, now, trigger });
  if ('canWait' in plan) {
    const report = { ...NOTHING, watermark: plan.watermark };
    return { report, goOn: false };
  }
  const until = processingTime(now + run.settings.lease);
  const lease = await takeLease(ports.state, job.id, view, until);
  // Somebody was faster, and may have read the logs before what a nudge is about: then it is asked to run again.
  if (!lease) return { ...stop('leaseTaken'), goOn: trigger !== 'schedule' };
  return carryOut(run, view, plan, lease);
}

/** Does what was planned. Every crash point before the swap is a run that never happened. */
async function carryOut(
  run: RunContext,
  view: ClosingView,
  plan: Plan,
  lease: Lease,
): Promise<Round> {
  const { job, ports, settings, pages, blocks } = run;
  const { index, now } = plan;
  const expiresAt = processingTime(now + settings.logRetention);
  const { fence } = lease;
  const writer = new PageWriter({ job, table: ports.state, pages, fence, expiresAt });
  await blocks.answer(index, () => index.look(plan.fresh, plan.watermark));
  await mergeFresh(writer, index, plan.fresh);
  await tidyIndex(writer, index, plan.watermark);
  const { evaluated, windowsRefused, progress } = await evaluateDue(run, plan);
  const report: CloseReport = {
    outcome: 'closed',
    watermark: progress.watermark,
    windowsClosed: progress.windowsClosed,
    rowsWritten: evaluated.reduce((sum, { rows }) => sum + rows.length, 0),
    commitsRead: plan.commitsRead,
    expired: plan.expired,
    windowsRefused,
    hasMore: progress.hasMore,
  };
  try {
    await writeRows(ports.results, evaluated, lease.fence);
    const { watermark, finalUpTo, expiredBefore, open, pending } = progress;
    index.expire(expiredBefore);
    await blocks.store(index, settings, now, () => writer.nameNext());
    const swapped = await swapClosing(
      ports.state,
      job.id,
      {
        shape: job.shape,
        watermark,
        lanes: plan.lanes,
        ...index.kept(),
        open,
        finalUpTo,
        pending,
        expiredBefore,
      },
      lease,
    );
    if (swapped === 'fenced') return fenced(view);
    return { report, goOn: swapped === 'again' || progress.hasMore };
  } catch (error) {
    if (error instanceof FencedError) return fenced(view);
    throw error;
  }
}

/** Evaluates the windows that are due, in order, until time runs out; at least one. */
async function evaluateDue({ job, ports, settings, pages, blocks }: RunContext, plan: Plan) {
  const evaluated: EvaluatedWindow[] = [];
  let windowsRefused = 0;
  const stopAt = plan.now + settings.lease * EVALUATING_SHARE;
  let progress: Progress = plan;
  for (const [i, end] of plan.due.entries()) {
    if (i > 0 && ports.clock.now() > stopAt) {
      progress = plan.cutTo(i);
      break;
    }
    const window = windowEndingAt(end, job.assign);
    const entries = await blocks.answer(plan.index, () => plan.index.ofWindow(window));
    const rows = await evaluateWindow(job, pages, entries, window);
    if (rows === 'pageGone') windowsRefused += 1;
    else evaluated.push({ window, rows, isFinal: isFinal(end, plan.finalUpTo, NO_LATENESS) });
  }
  return { evaluated, windowsRefused, progress };
}

const NO_LATENESS = 0 as WindowJob['allowedLateness'];

const fenced = (view: ClosingView): Round => ({
  report: { ...NOTHING, outcome: 'fenced', watermark: view.state.watermark },
  goOn: false,
});
