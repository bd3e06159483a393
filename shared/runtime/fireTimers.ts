/**
 * Firing timers: what time alone changes, in jobs without windows and on lanes that have fallen silent.
 *
 * 1. A run keeps nothing between calls and takes no lease: every write is a compare-and-swap, an append to a log, or
 *    the same whoever does it. Any number of runs may be under way.
 * 2. The job watermark is stored before anything is judged by it, so it never goes back.
 * 3. A timer sheet is deleted only after the rows of all its timers are judged by a watermark that has reached them.
 */
import type { Job } from '../job/job.ts';
import { type Lane, laneNamed } from '../model/lane.ts';
import {
  laterWatermark,
  NO_WATERMARK,
  type ProcessingTime,
  type Watermark,
} from '../model/time.ts';
import { jobWatermark, type LaneView } from '../operators/jobWatermark.ts';
import { putJobWatermark, readJobWatermark } from '../state/jobClock.ts';
import { readLanes } from '../state/laneLog.ts';
import type { LaneStand } from './batch.ts';
import { createBatcher } from './batchers.ts';
import { advanceLane, type LaneContext, type LanePorts, readStand } from './lanes.ts';
import type { CloseTrigger } from './planClosing.ts';
import { checkRetention, type EngineSettings } from './settings.ts';
import { fireSheets, NOTHING_FIRED, type SheetReport, sheetsEnd } from './sheets.ts';
import { reasonToAdvance } from './silentLane.ts';

export interface FireReport extends SheetReport {
  readonly outcome: 'fired' | 'nothingDue';
  /** The job watermark. */
  readonly watermark: Watermark;
  /** Lanes whose clock was moved, that were ended, or whose head was carried forward. */
  readonly lanesAdvanced: number;
}

export interface TimerFirer {
  /** @param hasTime whether there is time to go on; without it a call goes on until nothing is due. */
  run(trigger: CloseTrigger, hasTime?: () => boolean): Promise<FireReport>;
}

/** Whether time alone changes something in the job, so that `fireTimers` has to run for it. */
export const hasTimers = (job: Job): boolean => job.kind !== 'window' || job.gate !== undefined;

export function createTimerFirer(job: Job, ports: LanePorts, settings: EngineSettings): TimerFirer {
  checkRetention(job, settings);
  const context = { job, ports, settings, batcher: createBatcher(job, ports, settings) };
  return { run: (trigger, hasTime = () => true) => runOnce(context, trigger, hasTime) };
}

async function runOnce(
  context: LaneContext,
  trigger: CloseTrigger,
  hasTime: () => boolean,
): Promise<FireReport> {
  const { job, ports } = context;
  const now = ports.clock.now();
  const { stands, lanesAdvanced } = await advanceLanes(context, { trigger, now, hasTime });
  // A window job's watermark is closeWindows' to store.
  const watermark =
    job.kind === 'window' ? NO_WATERMARK : await moveJobWatermark(context, trigger, stands, now);
  const lanes = stands.map(({ lane }) => lane);
  const fired =
    job.kind === 'status' && watermark !== NO_WATERMARK
      ? await fireSheets(job, context, lanes, watermark, hasTime)
      : NOTHING_FIRED;
  const isNothing = lanesAdvanced === 0 && fired.sheetsRead === 0;
  const hasMore = fired.hasMore || stands.some((stand) => isUnfinished(stand, trigger));
  return {
    ...fired,
    hasMore,
    outcome: isNothing ? 'nothingDue' : 'fired',
    watermark,
    lanesAdvanced,
  };
}

/** Where every lane stands, after what silence does to them. One that fails keeps none of the others from its turn. */
async function advanceLanes(
  context: LaneContext,
  run: TimerRun,
): Promise<{ stands: LaneStand[]; lanesAdvanced: number }> {
  const stands: LaneStand[] = [];
  const problems: unknown[] = [];
  let lanesAdvanced = 0;
  for (const name of (await readLanes(context.ports.state, context.job.id)).keys()) {
    try {
      const found = await advanceFar(context, laneNamed(context.job.id, name), run);
      if (!found) continue;
      stands.push(found.stand);
      lanesAdvanced += found.steps;
    } catch (problem) {
      problems.push(problem);
    }
  }
  if (problems.length > 0) throw problems[0];
  return { stands, lanesAdvanced };
}

/** One lane, as far as silence takes it; undefined where it has not begun. */
async function advanceFar(
  context: LaneContext,
  lane: Lane,
  { trigger, now, hasTime }: TimerRun,
): Promise<{ stand: LaneStand; steps: number } | undefined> {
  let stand = await readStand(context, lane);
  if (!stand) return undefined;
  let steps = 0;
  for (; steps < STEPS_MAX || (isUnfinished(stand, trigger) && hasTime()); steps += 1) {
    const why = await reasonToAdvance(context, stand, trigger, now);
    const advanced: LaneStand | undefined = why && (await advanceLane(context, stand, why));
    if (!advanced) break;
    stand = advanced;
  }
  return { stand, steps };
}

/** Of each lane, whatever time is left: so none is kept from its turn by those before it. */
const STEPS_MAX = 4;

/** Whether something is left to be let go: letting go may also set time-outs, which the end of the input lets go as well. */
const isUnfinished = ({ head }: LaneStand, trigger: CloseTrigger): boolean =>
  head?.letGo !== undefined || (trigger === 'endOfInput' && head?.heldFrom !== undefined);

interface TimerRun {
  readonly trigger: CloseTrigger;
  readonly now: ProcessingTime;
  hasTime(): boolean;
}

async function moveJobWatermark(
  { job, ports, settings }: LaneContext,
  trigger: CloseTrigger,
  stands: readonly LaneStand[],
  now: ProcessingTime,
): Promise<Watermark> {
  const before = await readJobWatermark(ports.state, job.id);
  let watermark = jobWatermark(before, viewsOf(stands), now, settings);
  if (trigger === 'endOfInput' && job.kind === 'status') {
    const lanes = stands.map(({ lane }) => lane);
    watermark = laterWatermark(watermark, await sheetsEnd(ports.state, lanes));
  }
  if (watermark > before) await putJobWatermark(ports.state, job.id, watermark);
  return watermark;
}

/** Only heads are read, so nothing is unread. Lanes that have ended hold nothing back. */
function viewsOf(stands: readonly LaneStand[]): LaneView[] {
  return stands
    .filter(({ head }) => head && !head.ended)
    .map(({ head }) => ({
      watermark: head?.watermark ?? NO_WATERMARK,
      lastValidAt: head?.lastValidAt,
      hasUnread: false,
      isParent: false,
    }));
}
