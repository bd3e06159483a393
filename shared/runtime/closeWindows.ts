/**
 * Closing: projects a job's lane logs onto its result rows.
 *
 * 1. A run looks first, and takes the lease only when there is something to do.
 * 2. Order of effects: pages, rows, then one swap of `closing`. A crash before the swap leaves items that
 *    nothing names and rows that the next run writes again; merging twice is impossible.
 * 3. Rows carry the run's fence; a run that lost its lease is refused by its successor's rows or by the swap.
 * 4. What a run reads decides how far it goes: the watermark never passes content that was not merged.
 */
import { FencedError } from '../errors.ts';
import type { WindowJob } from '../job/job.ts';
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
import { writeRows } from '../state/results.ts';
import { carryHeadsForward } from './carryHeads.ts';
import { evaluateWindow } from './evaluateWindow.ts';
import { holdsBack } from './heldBack.ts';
import { LogTail } from './logTail.ts';
import { mergeFresh, rollUp } from './mergePages.ts';
import { PageReader } from './pageReader.ts';
import { type CloseTrigger, type Plan, planRun } from './planClosing.ts';
import type { EngineSettings } from './settings.ts';

export type { CloseTrigger } from './planClosing.ts';

export interface ClosePorts {
  readonly state: Table;
  /** The job's result table. */
  readonly results: Table;
  readonly clock: Clock;
}

export interface CloseReport {
  readonly outcome: 'closed' | 'nothingDue' | 'leaseTaken' | 'fenced';
  readonly watermark: Watermark;
  readonly windowsClosed: number;
  readonly rowsWritten: number;
  readonly commitsRead: number;
  /** Events found behind what is stored, in this run. */
  readonly expired: number;
  /** Windows whose rows were left alone because a page is gone. Not zero is an alarm. */
  readonly windowsRefused: number;
}

export interface Closer {
  run(trigger: CloseTrigger): Promise<CloseReport>;
}

/** Rounds of one call: while a bounded read left something, or a nudge asked again. */
const ROUNDS_MAX = 1_000;

export function createCloser(job: WindowJob, ports: ClosePorts, settings: EngineSettings): Closer {
  const run: RunContext = {
    job,
    ports,
    settings,
    tail: new LogTail(job.id, ports.state),
    pages: new PageReader(job.id, ports.state),
  };
  return {
    async run(trigger) {
      let total: CloseReport = { ...NOTHING, watermark: NO_WATERMARK };
      for (let round = 0; round < ROUNDS_MAX; round += 1) {
        const { report, goOn } = await runOnce(run, trigger);
        total = sumOf(total, report);
        if (!goOn) break;
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
} as const;

function sumOf(a: CloseReport, b: CloseReport): CloseReport {
  return {
    outcome: b.outcome === 'nothingDue' ? a.outcome : b.outcome,
    watermark: b.watermark,
    windowsClosed: a.windowsClosed + b.windowsClosed,
    rowsWritten: a.rowsWritten + b.rowsWritten,
    commitsRead: a.commitsRead + b.commitsRead,
    expired: a.expired + b.expired,
    windowsRefused: a.windowsRefused + b.windowsRefused,
  };
}

interface RunContext {
  readonly job: WindowJob;
  readonly ports: ClosePorts;
  readonly settings: EngineSettings;
  readonly tail: LogTail;
  readonly pages: PageReader;
}

interface Round {
  readonly report: CloseReport;
  readonly goOn: boolean;
}

async function runOnce(run: RunContext, trigger: CloseTrigger): Promise<Round> {
  const { job, ports } = run;
  const view = await readClosing(ports.state, job.id);
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
  const isHeldBack =
    trigger === 'nudge' ? holdsBack(job, run.settings, view.state, now) : () => false;
  const tails = await run.tail.read(view, isHeldBack);
  if (tails === 'heldBack') return stop('nothingDue');
  await carryHeadsForward(ports.state, run.settings, view, tails, now);
  const plan = planRun({ job, settings: run.settings, view, tails, now, trigger });
  if (!plan) return stop('nothingDue');
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
  const { job, ports, settings } = run;
  const expiresAt = processingTime(plan.now + settings.logRetention);
  const writer = { job, table: ports.state, pages: run.pages, fence: lease.fence, expiresAt };
  const pageCount = await mergeFresh(writer, plan.index, plan.fresh);
  const evaluated = [];
  let windowsRefused = 0;
  for (const end of plan.due) {
    const window = windowEndingAt(end, job.assign);
    const rows = await evaluateWindow(job, run.pages, plan.index, window);
    if (rows === 'pageGone') windowsRefused += 1;
    else evaluated.push({ window, rows, isFinal: isFinal(end, plan.finalUpTo, NO_LATENESS) });
  }
  const report: CloseReport = {
    outcome: 'closed',
    watermark: plan.watermark,
    windowsClosed: plan.windowsClosed,
    rowsWritten: evaluated.reduce((sum, { rows }) => sum + rows.length, 0),
    commitsRead: plan.commitsRead,
    expired: plan.expired,
    windowsRefused,
  };
  try {
    await writeRows(ports.results, evaluated, lease.fence);
    const { expiredBefore } = plan;
    plan.index.expire(expiredBefore);
    await rollUp(writer, plan.index, { watermark: plan.watermark, expiredBefore }, pageCount);
    const swapped = await swapClosing(
      ports.state,
      job.id,
      {
        shape: job.shape,
        watermark: plan.watermark,
        lanes: plan.lanes,
        pages: [...plan.index.entries()],
        finalUpTo: plan.finalUpTo,
        expiredBefore,
      },
      lease,
    );
    if (swapped === 'fenced') return fenced(view);
    return { report, goOn: swapped === 'again' || plan.hasMore };
  } catch (error) {
    if (error instanceof FencedError) return fenced(view);
    throw error;
  }
}

const NO_LATENESS = 0 as WindowJob['allowedLateness'];

const fenced = (view: ClosingView): Round => ({
  report: { ...NOTHING, outcome: 'fenced', watermark: view.state.watermark },
  goOn: false,
});
