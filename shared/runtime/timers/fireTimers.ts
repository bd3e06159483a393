/**
 * Firing timers: what time alone changes, in jobs without windows and on lanes that have fallen silent.
 *
 * 1. A run takes no lease: every write is a compare-and-swap, an append to a log, or the same whoever does it. Any number
 *    of runs may be under way. What a warm function remembers of lanes only spares it reads.
 * 2. The job watermark is stored before anything is judged by it, so it never goes back; nor does it pass a lane that a run
 *    had no time to read.
 * 3. A timer sheet is deleted only after the rows of all its timers are judged by a watermark that has reached them.
 */
import { isDeepStrictEqual } from 'node:util';
import { InvariantViolation } from '../../errors.ts';
import type { Job } from '../../job/job.ts';
import { isKeyed } from '../../job/traits.ts';
import { type Lane, laneName, laneNamed } from '../../model/lane.ts';
import {
  isAfter,
  latest,
  minutes,
  NO_WATERMARK,
  type ProcessingTime,
  type Watermark,
} from '../../model/time.ts';
import { jobWatermark, type LaneView } from '../../operators/jobWatermark.ts';
import type { Ports } from '../../ports/ports.ts';
import { inTurns } from '../../state/inTurns.ts';
import { putJobWatermark, readJobWatermark } from '../../state/keyed/jobClock.ts';
import { readLanes } from '../../state/lane/laneItem.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import { laneContext } from '../ingest/batchers.ts';
import type { Advance, LaneState } from '../lanes/commitDraft.ts';
import { advanceLane, type LaneContext, readLaneState } from '../lanes/lanes.ts';
import type { RunTrigger, ScheduledRun } from '../scheduledRun.ts';
import type { EngineSettings } from '../settings.ts';
import { endFiredLanes, type LanesFound } from './endFiredLanes.ts';
import { LanesSeen } from './lanesSeen.ts';
import { openChildren } from './openChildren.ts';
import { fireSheets, NOTHING_FIRED, type SheetReport, sheetsEnd } from './sheets.ts';
import { isWaiting, reasonToAdvance } from './silentLane.ts';
import { Turnstile } from './turnstile.ts';

export interface FireReport extends SheetReport {
  readonly outcome: 'fired' | 'nothingDue';
  /** The job watermark; of a job with windows none, since closing keeps that. */
  readonly watermark: Watermark;
  /** Commits without a record: a clock was moved, what was held let go, a head recommitted. */
  readonly lanesAdvanced: number;
}

export function createFiring(
  job: Job,
  ports: Ports,
  settings: EngineSettings,
): ScheduledRun<FireReport> {
  const context = laneContext(job, ports, settings);
  const seen = new LanesSeen(settings);
  return (trigger, hasTime = () => true) => runOnce(context, seen, trigger, hasTime);
}

async function runOnce(
  context: LaneContext,
  seen: LanesSeen,
  trigger: RunTrigger,
  hasTime: () => boolean,
): Promise<FireReport> {
  const { job, ports } = context;
  const now = ports.clock.now();
  const lanes = await advanceLanes(context, seen, { trigger, now, hasTime });
  const { unread } = lanes;
  const laneStates = [...lanes.laneStates.values()];
  // A window job's watermark is closeWindows' to store.
  const watermark =
    job.kind === 'window' ? NO_WATERMARK : await moveJobWatermark(context, trigger, lanes, now);
  const fired =
    job.kind === 'status' && !context.stores && watermark !== NO_WATERMARK
      ? await fireSheets(job, context, inRotation(laneStates, now), watermark, hasTime)
      : NOTHING_FIRED;
  const opened =
    context.stores && trigger !== 'nudge' ? await openChildren(context, lanes, hasTime) : 0;
  if (trigger === 'schedule' && hasTime()) await endFiredLanes(context, lanes, watermark, now);
  const lanesAdvanced = lanes.lanesAdvanced + opened;
  const isNothing = lanesAdvanced === 0 && fired.sheetsRead === 0;
  const isLeft =
    unread.length > 0 ||
    lanes.isCut ||
    // The end of the input is theirs, too.
    (opened > 0 && trigger === 'endOfInput') ||
    laneStates.some((laneState) => isUnfinished(laneState, trigger));
  return {
    ...fired,
    hasMore: fired.hasMore || isLeft,
    outcome: isNothing ? 'nothingDue' : 'fired',
    watermark,
    lanesAdvanced,
  };
}

/** From another lane on in each minute: where time runs short, it is not always for the same ones. */
function inRotation(laneStates: readonly LaneState[], now: ProcessingTime): Lane[] {
  const start = Math.floor(now / minutes(1)) % Math.max(1, laneStates.length);
  return [...laneStates.slice(start), ...laneStates.slice(0, start)].map(({ lane }) => lane);
}

interface Advanced extends LanesFound {
  readonly lanesAdvanced: number;
  /** Time ran out on one of them before all was let go and fired. */
  readonly isCut: boolean;
  /** Lanes that are not among those read because time ran short, where they were last seen. */
  readonly unread: readonly LaneView[];
}

/** Where every lane stands, after what silence does to them. One that fails keeps none of the others from its turn. */
async function advanceLanes(
  context: LaneContext,
  seen: LanesSeen,
  { trigger, now, hasTime }: Omit<TimerRun, 'oneStore'>,
): Promise<Advanced> {
  const { ports, job } = context;
  const run: TimerRun = { trigger, now, hasTime, oneStore: new Turnstile() };
  const items = await readLanes(ports.state, job.id);
  const isDormant = trigger === 'endOfInput' ? () => false : seen.dormant(items, now);
  const laneStates = new Map<string, LaneState>();
  const problems: unknown[] = [];
  const done = new Set<string>();
  let lanesAdvanced = 0;
  let isCut = false;
  const read = async (name: string): Promise<void> => {
    try {
      const found = await advanceFar(context, laneNamed(job.id, name), run);
      done.add(name);
      if (!found) return;
      laneStates.set(name, found.laneState);
      seen.note(name, found.laneState);
      lanesAdvanced += found.steps;
      isCut ||= found.isCut;
    } catch (problem) {
      problems.push(problem);
    }
  };
  const awake = seen.slowestFirst([...items.keys()].filter((name) => !isDormant(name)));
  await whileThereIsTime(awake, hasTime, read);
  if (problems.length > 0) throw problems[0];
  const unread: LaneView[] = [];
  for (const name of items.keys()) {
    if (done.has(name)) continue;
    const last = seen.get(name);
    if (last && isDormant(name)) laneStates.set(name, last);
    else unread.push({ ...viewOf(last?.head), hasUnread: true });
  }
  const notBegun = new Set([...done].filter((name) => !laneStates.has(name)));
  return { items, laneStates, notBegun, lanesAdvanced, isCut, unread };
}

/** Some at least, so that each run comes further. */
async function whileThereIsTime(
  names: readonly string[],
  hasTime: () => boolean,
  read: (name: string) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < names.length && (at === 0 || hasTime()); at += LANES_AT_ONCE) {
    await inTurns(names.slice(at, at + LANES_AT_ONCE), read);
  }
}

/** Lanes that are read at a time. */
const LANES_AT_ONCE = 32;

interface AdvancedLane {
  readonly laneState: LaneState;
  readonly steps: number;
  /** Time ran out before all was let go and fired. */
  readonly isCut: boolean;
}

/** One lane, as far as silence takes it; undefined where it has not begun. */
async function advanceFar(
  context: LaneContext,
  lane: Lane,
  run: TimerRun,
): Promise<AdvancedLane | undefined> {
  const laneState = await readLaneState(context, lane);
  if (!laneState) return undefined;
  const why = await reasonToAdvance(context, laneState, run.trigger, run.now);
  if (!why) return { laneState, steps: 0, isCut: false };
  const { stores } = context;
  if (!stores) return advanceFrom(context, laneState, why, run);
  return run.oneStore.take(async () => {
    try {
      return await advanceFrom(context, laneState, why, run);
    } finally {
      stores.forget();
    }
  });
}

async function advanceFrom(
  context: LaneContext,
  start: LaneState,
  first: Advance,
  { trigger, now, hasTime }: TimerRun,
): Promise<AdvancedLane> {
  let laneState = start;
  let why: Advance | undefined = first;
  let steps = 0;
  const goesOn = () => why === 'flush' || why === 'letGo' || isUnfinished(laneState, trigger);
  while (why && (steps < STEPS_MAX || (goesOn() && hasTime()))) {
    const advanced = await advanceLane(context, laneState, why);
    if (!advanced) break;
    if (why !== 'recommit') checkProgress(laneState, advanced);
    laneState = advanced;
    steps += 1;
    why = await reasonToAdvance(context, laneState, trigger, now);
  }
  return { laneState, steps, isCut: why !== undefined && goesOn() };
}

/** A lane that goes on must come further each time, or a run that has time for ever would go on for ever. */
function checkProgress({ lane, head: before }: LaneState, { head: after }: LaneState): void {
  const marks = (head: Commit | undefined) =>
    head && [head.watermark, head.ended, head.letGo, head.adopting, head.heldFrom, head.heldAfter];
  // Timers that are due at once may be let fire by several commits.
  if (after?.changes || !isDeepStrictEqual(marks(before), marks(after))) return;
  throw new InvariantViolation(
    `${lane.job}: ${laneName(lane)} stands still at slot ${after?.slot}, with something left to let go`,
  );
}

/** Commits that each lane may append even when time has run out, so that none is kept from its turn by those before it. */
const STEPS_MAX = 4;

/** Whether something is left to be let go: letting go may also set time-outs, which the end of the input lets go as well. */
const isUnfinished = ({ head }: LaneState, trigger: RunTrigger): boolean =>
  head !== undefined &&
  (head.letGo !== undefined ||
    head.adopting !== undefined ||
    (trigger === 'endOfInput' && isWaiting(head)));

interface TimerRun {
  readonly trigger: RunTrigger;
  readonly now: ProcessingTime;
  hasTime(): boolean;
  /** Of the lanes that are advanced side by side, one at a time has its keyed store in memory. */
  readonly oneStore: Turnstile;
}

async function moveJobWatermark(
  { job, ports, settings, stores }: LaneContext,
  trigger: RunTrigger,
  lanes: Advanced,
  now: ProcessingTime,
): Promise<Watermark> {
  const before = await readJobWatermark(ports.state, job.id);
  let watermark = jobWatermark(before, viewsOf(job, lanes), now, settings);
  if (trigger === 'endOfInput' && job.kind === 'status' && !stores) {
    const all = [...lanes.items.keys()].map((name) => laneNamed(job.id, name));
    watermark = latest(watermark, await sheetsEnd(ports.state, all));
  }
  if (isAfter(watermark, before)) await putJobWatermark(ports.state, job.id, watermark);
  return watermark;
}

/**
 * Lanes of a keyed job that have ended hold nothing back. The others do, also where time did not suffice to read them: the
 * watermark passes none of them.
 */
const viewsOf = (job: Job, { laneStates, unread }: Advanced): LaneView[] => [
  ...[...laneStates.values()]
    .filter(({ head }) => !(head?.ended && isKeyed(job)))
    .map(({ head }) => viewOf(head)),
  ...unread,
];

/** Of a head that was just read, there is nothing unread before it. */
const viewOf = (head: Commit | undefined): LaneView => ({
  watermark: head?.watermark ?? NO_WATERMARK,
  lastValidAt: head?.lastValidAt,
  hasUnread: false,
});
