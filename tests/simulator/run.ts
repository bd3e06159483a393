/**
 * One simulation, from its seed to a verdict.
 *
 * Phase one, `faults`: input arrives and everything goes wrong. Phase two, `redrive`: the job is mended and
 * its dead letters come back, still under faults. Phase three, `heal`: no more faults; within a bounded time
 * nothing may be pending, and all checkers must be content. Phase four, `revive`, in some runs: a long
 * silence in which what is stored expires, then more events, and the checkers again.
 */
import { days } from '../../shared/model/time.ts';
import { CHECKERS } from './checkers/index.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { type Faults, noFaults } from './faults.ts';
import { noteSituations } from './noteSituations.ts';
import { isRetiring, pendingWork } from './pending.ts';
import { Trace } from './trace.ts';
import { redriveDeadLetters } from './world/operator.ts';
import { PAGE_GONE, type ScheduledFunction } from './world/scheduledFunctions.ts';
import { World, type WorldOptions } from './world/world.ts';

export interface Verdict {
  readonly seed: number;
  readonly failure?: Failure;
  readonly traceHash: string;
  readonly situations: ReadonlyMap<string, number>;
  readonly steps: number;
}

export interface Failure {
  readonly phase: string;
  readonly checker: string;
  readonly message: string;
  readonly lastLines: readonly string[];
}

class Failed extends Error {
  readonly phase: string;
  readonly checker: string;

  constructor(phase: string, checker: string, message: string) {
    super(message);
    this.phase = phase;
    this.checker = checker;
  }
}

const STEPS_MAX = 400_000;
const TICK_MS = 60_000;
const QUIET_TICKS = 3;
const HEALING_TICKS_MAX = 300;
/** In which nothing of what is left was done. */
const STANDING_TICKS_MAX = 90;
/** Minutes in which runs on schedule take a lane off the list that one of them kept already. */
const RETIRING_TICKS_MAX = 10;
const REVIVED_EVENTS = 12;

export interface SimulateOptions extends WorldOptions {
  /** Gets every line of the trace. */
  sink?(line: string): void;
}

export async function simulate(seed: number, options: SimulateOptions = {}): Promise<Verdict> {
  const trace = new Trace(options.sink);
  const world = new World(seed, trace, options);
  const failure = await runPhases(world).then(
    () => undefined,
    (error: unknown) => failureOf(error, trace),
  );
  return {
    seed,
    ...(failure ? { failure } : {}),
    traceHash: trace.hash,
    situations: world.around.situations.counts,
    steps: world.around.timeline.steps,
  };
}

function failureOf(error: unknown, trace: Trace): Failure {
  const lastLines = trace.lastLines();
  if (error instanceof Failed) {
    return { phase: error.phase, checker: error.checker, message: error.message, lastLines };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { phase: '-', checker: 'simulator', message, lastLines };
}

async function runPhases(world: World): Promise<void> {
  const { scenario, producer } = world;
  const produced = producer.produce(scenario.events, 'before mending');
  await drive(world, 'faults', produced);
  await advance(world, 'faults', 10, () => world.isDrained && world.named.isIdle);
  if (scenario.isRedriven) await redrive(world);
  await heal(world, 'heal');
  if (world.around.situations.counts.has(PAGE_GONE)) {
    throw new Failed('heal', 'pages', 'a page was gone before anything could expire');
  }
  await check(world, 'heal');
  if (scenario.isRevived) await revive(world);
}

async function redrive(world: World): Promise<void> {
  world.producer.beginSeason('after mending');
  // A job can only be mended once everything it could not read has become a dead letter.
  if (!world.isDrained || !world.named.isIdle) return;
  const phase = 'redrive';
  await drive(world, phase, redriveDeadLetters(world));
  await drive(world, phase, world.producer.produce(10, 'after mending'));
  await advance(world, phase, 5, () => world.isDrained);
}

/** Lets the world go on until something that it does itself is done. */
async function drive(world: World, phase: string, activity: Promise<unknown>): Promise<void> {
  let isDone = false;
  activity.then(
    () => {
      isDone = true;
    },
    (error: unknown) => {
      world.bug ??= error;
    },
  );
  await runUntil(world, phase, () => isDone);
}

/** Lets some minutes pass, or fewer when the condition holds. */
async function advance(
  world: World,
  phase: string,
  ticks: number,
  isDone: () => boolean,
): Promise<void> {
  const end = world.around.timeline.now + ticks * TICK_MS;
  world.around.timeline.after(ticks * TICK_MS, () => undefined);
  await runUntil(world, phase, () => isDone() || world.around.timeline.now >= end);
}

async function runUntil(world: World, phase: string, isDone: () => boolean): Promise<void> {
  const ended = await world.around.timeline.runUntil(
    () => world.bug !== undefined || isDone(),
    STEPS_MAX,
  );
  if (world.bug !== undefined) {
    const { stack, message } = world.bug as Error;
    throw new Failed(phase, 'unexpected error', stack ?? message);
  }
  if (ended !== 'done') throw new Failed(phase, 'progress', `the simulation ran into its ${ended}`);
}

/** Ends the faults, waits until nothing is pending, and announces the end of the input where that is to be. */
async function heal(world: World, phase: string): Promise<void> {
  const { around, scenario } = world;
  const { faults } = around;
  around.faults = noFaults();
  around.trace.add(around.timeline.now, `HEALS (${phase})`);
  world.startTicking();
  world.wake();
  await waitUntilQuiet(world, phase);
  if (scenario.ending === 'endOfInput') await endInput(world, phase, faults);
}

async function waitUntilQuiet(world: World, phase: string): Promise<void> {
  let [quiet, standing] = [0, 0];
  let [pending, changes] = ['', -1];
  for (let tick = 0; tick < HEALING_TICKS_MAX && standing < STANDING_TICKS_MAX; tick += 1) {
    await advance(world, phase, 1, () => false);
    const [pendingBefore, changesBefore] = [pending, changes];
    pending = (await pendingWork(world)).join('; ');
    changes = world.materialChanges;
    standing = pending === pendingBefore ? standing + 1 : 0;
    const isQuiet = changes === changesBefore && pending === '' && world.isPastFlush;
    quiet = isQuiet ? quiet + 1 : 0;
    if (quiet === QUIET_TICKS) return;
  }
  throw new Failed(phase, 'liveness', `still pending: ${pending || 'changes go on for ever'}`);
}

/** Announces the end of the input, under the old faults first. */
async function endInput(world: World, phase: string, faults: Faults): Promise<void> {
  world.endedAt ??= world.around.timeline.now;
  // Whoever says that the input has ended puts nothing more.
  world.around.faults = { ...faults, recordAfterLook: 0 };
  const ending = world.deployments.filter(({ canEnd }) => canEnd);
  for (const { inputEnds } of ending) inputEnds.push(world.around.timeline.now);
  const schedules = ending.flatMap((deployment) => deployment.schedules);
  for (const schedule of schedules) schedule.run('endOfInput');
  await advance(world, phase, 5, () => false);
  world.around.faults = noFaults();
  for (const schedule of schedules) await endInputFor(world, phase, schedule);
  // Whoever died on the way is followed by a run on schedule.
  for (let tick = 0; tick < RETIRING_TICKS_MAX && (await isRetiring(world)); tick += 1) {
    await advance(world, phase, 1, () => false);
  }
}

/** Again and again, until a run says that it did it. */
async function endInputFor(
  world: World,
  phase: string,
  schedule: ScheduledFunction,
): Promise<void> {
  for (;;) {
    let answer: 'done' | 'notDone' | undefined;
    schedule.run('endOfInput').then((is) => {
      answer = is;
    });
    await runUntil(world, phase, () => answer !== undefined);
    if (answer === 'done') return;
    await advance(world, phase, 1, () => false);
  }
}

async function check(world: World, phase: string): Promise<void> {
  for (const deployment of world.deployments) {
    const evidence: Evidence = await gatherEvidence(world, deployment);
    noteSituations(evidence, world.around.situations);
    for (const [name, checker] of Object.entries(CHECKERS)) {
      const problem = checker(evidence);
      if (problem) throw new Failed(phase, name, `${deployment.id}: ${problem}`);
    }
  }
}

/** A silence of several retentions with rare closing runs, then new events under the old faults. */
async function revive(world: World): Promise<void> {
  const phase = 'revive';
  const { around, settings } = world;
  const { drawnFaults: faults } = world;
  world.stopTicking();
  // The ticks that are under way see that they are stopped.
  await advance(world, phase, 6, () => false);
  const pause = Math.round(settings.logRetention / 8);
  // Long enough for all streams to forget what closed shards held, and for their lanes to be ended and retired.
  const forgotten = settings.streamRetention + days(1) + 6 * pause;
  const strides = Math.max(24, Math.ceil(forgotten / pause));
  for (let i = 0; i < strides; i += 1) {
    await advance(world, phase, pause / TICK_MS, () => false);
    for (const { schedules } of world.deployments) {
      for (const schedule of schedules) schedule.run('schedule');
    }
    await advance(world, phase, 2, () => false);
    world.sweep();
  }
  world.storedSince = around.timeline.now;
  around.faults = faults;
  world.producer.skip(2 * settings.logRetention);
  world.named.forgetPast();
  await drive(world, phase, world.producer.produce(REVIVED_EVENTS, 'after mending'));
  await advance(world, phase, 10, () => world.isDrained);
  await heal(world, phase);
  await check(world, phase);
}
