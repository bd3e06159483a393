/**
 * Firing timers: what time alone changes, in jobs without windows and on lanes that have fallen silent.
 *
 * 1. A run takes no lease: every write is a compare-and-swap, an append to a log, or the same whoever does it. Any number
 *    of runs may be under way. What a warm function remembers of lanes only spares it reads.
 * 2. The job watermark only tells how far a job is. It never goes back, nor does it pass a lane that a run had no time to read.
 */
import { isDeepStrictEqual } from 'node:util';
import { InvariantViolation } from '../../errors.ts';
import type { Job } from '../../job/job.ts';
import { isForwarding } from '../../job/repartition.ts';
import { type Lane, laneName, laneNamed, shardNamed } from '../../model/lane.ts';
import { isAfter, NO_WATERMARK, type ProcessingTime, type Watermark } from '../../model/time.ts';
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
import { tellFrontier } from './frontier.ts';
import { LanesSeen } from './lanesSeen.ts';
import { openChildren } from './openChildren.ts';
import { isWaiting, reasonToAdvance, type SilentRun } from './silentLane.ts';
import { NO_SOURCES, sourcesOf } from './sources.ts';
import { Turnstile } from './turnstile.ts';

export interface FireReport {
  readonly outcome: 'fired' | 'nothingDue';
  /** The job watermark; of a job with windows none, since closing keeps that. */
  readonly watermark: Watermark;
  /** Commits without a record: a clock was moved, what was held let go, a head recommitted. */
  readonly lanesAdvanced: number;
  /** Something due is left for another run, because time ran out. */
  readonly hasMore: boolean;
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
    job.kind === 'window' ? NO_WATERMARK : await moveJobWatermark(context, lanes, now);
  const opened = trigger === 'nudge' ? 0 : await openChildren(context, lanes, hasTime);
  if (trigger === 'schedule' && hasTime()) await endFiredLanes(context, lanes);
  if (trigger === 'schedule' && unread.length === 0) await tellFrontier(context, lanes, now);
  const lanesAdvanced = lanes.lanesAdvanced + opened;
  const hasMore =
    unread.length > 0 ||
    lanes.isCut ||
    // The end of the input is theirs, too.
    (opened > 0 && trigger === 'endOfInput') ||
    laneStates.some((laneState) => isUnfinished(laneState, trigger));
  return {
    outcome: lanesAdvanced === 0 ? 'nothingDue' : 'fired',
    watermark,
    lanesAdvanced,
    hasMore,
  };
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
  { trigger, now, hasTime }: Omit<TimerRun, 'oneStore' | 'sources'>,
): Promise<Advanced> {
  const { ports, job } = context;
  const run: TimerRun = { trigger, now, hasTime, oneStore: new Turnstile(), sources: NO_SOURCES };
  const items = await readLanes(ports.state, job.id);
  const isDormant = trigger === 'endOfInput' ? () => false : seen.dormant(items, now);
  const laneStates = new Map<string, LaneState>();
  const problems: unknown[] = [];
  const done = new Set<string>();
  let lanesAdvanced = 0;
  let isCut = false;
  const read =
    (within: TimerRun) =>
    async (name: string): Promise<void> => {
      try {
        const found = await advanceFar(context, laneNamed(job.id, name), within);
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
  const forwards = (name: string) => isForwarding(job, shardNamed(name).stream);
  await whileThereIsTime(awake.filter(forwards), hasTime, read(run));
  const areUnread = awake.some((name) => forwards(name) && !done.has(name));
  const sources = sourcesOf(context, laneStates.values(), now, areUnread);
  const others = awake.filter((name) => !forwards(name));
  await whileThereIsTime(others, hasTime, read({ ...run, sources }));
  if (problems.length > 0) throw problems[0];
  const unread: LaneView[] = [];
  for (const name of items.keys()) {
    if (done.has(name)) continue;
    const last = seen.get(name);
    if (last && isDormant(name)) laneStates.set(name, last);
    else unread.push({ ...viewOf(last?.head), hasUnread: true });
  }
  return { items, laneStates, lanesAdvanced, isCut, unread };
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
  const why = await reasonToAdvance(context, laneState, run);
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
  run: TimerRun,
): Promise<AdvancedLane> {
  const { trigger, hasTime } = run;
  let laneState = start;
  let why: Advance | undefined = first;
  let steps = 0;
  const goesOn = () => why === 'flush' || why === 'letGo' || isUnfinished(laneState, trigger);
  const mayGoOn = () => hasTime() && (goesOn() || steps < RENEWING_MAX);
  while (why && (steps < STEPS_MAX || mayGoOn())) {
    const advanced = await advanceLane(context, laneState, why);
    if (!advanced) break;
    if (why !== 'recommit') checkProgress(laneState, advanced);
    laneState = advanced;
    steps += 1;
    why = await reasonToAdvance(context, laneState, run);
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
/** And as long as there is time, where nothing but age is the reason: what a store is restored from may be many parts, and runs may be rare. */
const RENEWING_MAX = 64;

/** Whether something is left to be let go: letting go may also set time-outs, which the end of the input lets go as well. */
const isUnfinished = ({ head }: LaneState, trigger: RunTrigger): boolean =>
  head !== undefined &&
  (head.letGo !== undefined ||
    head.adopting !== undefined ||
    (trigger === 'endOfInput' && isWaiting(head)));

interface TimerRun extends SilentRun {
  hasTime(): boolean;
  /** Of the lanes that are advanced side by side, one at a time has its keyed store in memory. */
  readonly oneStore: Turnstile;
}

async function moveJobWatermark(
  { job, ports, settings }: LaneContext,
  lanes: Advanced,
  now: ProcessingTime,
): Promise<Watermark> {
  const before = await readJobWatermark(ports.state, job.id);
  const watermark = jobWatermark(before, viewsOf(lanes), now, settings);
  if (isAfter(watermark, before)) await putJobWatermark(ports.state, job.id, watermark);
  return watermark;
}

/**
 * Lanes that have ended hold nothing back. The others do, also where time did not suffice to read them: the
 * watermark passes none of them.
 */
const viewsOf = ({ laneStates, unread }: Advanced): LaneView[] => [
  ...[...laneStates.values()].filter(({ head }) => !head?.ended).map(({ head }) => viewOf(head)),
  ...unread,
];

/** Of a head that was just read, there is nothing unread before it. */
const viewOf = (head: Commit | undefined): LaneView => ({
  watermark: head?.watermark ?? NO_WATERMARK,
  lastValidAt: head?.lastValidAt,
  hasUnread: false,
});
