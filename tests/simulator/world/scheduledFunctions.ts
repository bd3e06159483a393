/** The scheduled functions of a simulated job: `closeWindows` and `fireTimers`, where it needs them. */
import { createEngine, type Engine } from '../../../shared/engine.ts';
import { scheduledFunctionsOf } from '../../../shared/job/traits.ts';
import type { CloseReport } from '../../../shared/runtime/closing/closeWindows.ts';
import type { ScheduledRun } from '../../../shared/runtime/scheduledRun.ts';
import type { FireReport } from '../../../shared/runtime/timers/fireTimers.ts';
import { SimulatedFunction } from './functions.ts';
import type { Host } from './host.ts';
import { portsOf } from './ingestFunction.ts';
import type { Premises } from './premises.ts';
import { Schedule, type Trigger } from './schedule.ts';

/** The situation that a row was left alone because a page that it needs is gone. */
export const PAGE_GONE = 'page gone, row left alone';

/** With less time than this a run leaves the rest to another. */
const RESERVED_MS = 3_000;

/** A function of a job, and what starts it. */
export interface ScheduledFunction {
  start(isOn: () => boolean): void;
  nudge(): void;
  /** Says whether the run did what it was started for. */
  run(trigger: Trigger): Promise<'done' | 'notDone'>;
  recycle(): void;
  wakeSome(): void;
}

export function scheduledFunctions(premises: Premises): readonly ScheduledFunction[] {
  const make = { closeWindows: closing, fireTimers: firing };
  return scheduledFunctionsOf(premises.job()).map((name) => make[name](premises));
}

const engineOn = (premises: Premises, host: Host): Engine =>
  createEngine(premises.job(), portsOf(premises, host), premises.settings);

function required<Run>(run: Run | undefined): Run {
  if (run) return run;
  throw new Error('the job is asked for what it does not do');
}

function closing(premises: Premises): ScheduledFunction {
  const { trial, around, random, onBug } = premises;
  const { situations } = around;
  const functions = new SimulatedFunction<ScheduledRun<CloseReport>>({
    name: `close-${trial.name}`,
    around,
    random: random.fork('close'),
    onBug,
    create: (host) => required(engineOn(premises, host).close),
  });
  const schedule = new Schedule<CloseReport>(around, random.fork('schedule'), {
    name: 'closing',
    invoke: (trigger, timeoutMs) =>
      functions.invoke(timeoutMs, `close by ${trigger}`, (close, { remainingMs }) =>
        close(trigger, () => remainingMs() > RESERVED_MS),
      ),
    note(report) {
      if (report.hasMore) situations.meet('windows left for another run');
      if (report.outcome === 'leaseTaken') situations.meet('lease taken');
      if (report.outcome === 'fenced') situations.meet('closing run fenced');
      situations.meet(PAGE_GONE, report.windowsRefused);
    },
  });
  return {
    start: (isOn) => schedule.start(isOn),
    nudge: () => schedule.nudge(),
    async run(trigger) {
      const report = await schedule.run(trigger);
      const isDone = report && report.outcome !== 'leaseTaken' && !report.hasMore;
      return isDone ? 'done' : 'notDone';
    },
    recycle: () => functions.recycle(),
    wakeSome: () => functions.wakeSome(),
  };
}

function firing(premises: Premises): ScheduledFunction {
  const { trial, around, random, onBug } = premises;
  const functions = new SimulatedFunction<ScheduledRun<FireReport>>({
    name: `fire-${trial.name}`,
    around,
    random: random.fork('fire'),
    onBug,
    create: (host) => required(engineOn(premises, host).fire),
  });
  const schedule = new Schedule<FireReport>(around, random.fork('timer schedule'), {
    name: 'timer',
    invoke: (trigger, timeoutMs) =>
      functions.invoke(timeoutMs, `fire by ${trigger}`, (fire, { remainingMs }) =>
        fire(trigger, () => remainingMs() > RESERVED_MS),
      ),
    note(report) {
      if (report.hasMore) around.situations.meet('timers left for another run');
    },
  });
  return {
    start: (isOn) => schedule.start(isOn),
    nudge: () => schedule.nudge(),
    async run(trigger) {
      const report = await schedule.run(trigger);
      return report && !report.hasMore ? 'done' : 'notDone';
    },
    recycle: () => functions.recycle(),
    wakeSome: () => functions.wakeSome(),
  };
}
