/** The scheduled functions of a simulated job: `closeWindows` and `fireTimers`, where it needs them. */

import type { WindowJob } from '../../../shared/job/windowJob.ts';
import {
  type CloseReport,
  type Closer,
  createCloser,
} from '../../../shared/runtime/closing/closeWindows.ts';
import {
  createTimerFirer,
  type FireReport,
  hasTimers,
  type TimerFirer,
} from '../../../shared/runtime/timers/fireTimers.ts';
import { SimulatedFunction } from './functions.ts';
import { lanePorts } from './ingestFunction.ts';
import type { Premises } from './premises.ts';
import { Schedule, type Trigger } from './schedule.ts';
import { tablesFor } from './simulatedTable.ts';

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
  const job = premises.job();
  return [
    ...(job.kind === 'window' ? [closing(premises)] : []),
    ...(hasTimers(job) ? [firing(premises)] : []),
  ];
}

function closing(premises: Premises): ScheduledFunction {
  const { trial, around, random, onBug, settings } = premises;
  const { situations } = around;
  const close = new SimulatedFunction<Closer>({
    name: `close-${trial.name}`,
    around,
    random: random.fork('close'),
    onBug,
    create(host) {
      const { state, results } = tablesFor(premises, host);
      const job = premises.job() as WindowJob;
      return createCloser(job, { state, results: results(job.table.name), clock: host }, settings);
    },
  });
  const schedule = new Schedule<CloseReport>(around, random.fork('schedule'), {
    name: 'closing',
    invoke: (trigger, timeoutMs) =>
      close.invoke(timeoutMs, `close by ${trigger}`, (closer, { remainingMs }) =>
        closer.run(trigger, () => remainingMs() > RESERVED_MS),
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
    recycle: () => close.recycle(),
    wakeSome: () => close.wakeSome(),
  };
}

function firing(premises: Premises): ScheduledFunction {
  const { trial, around, random, onBug, settings } = premises;
  const fire = new SimulatedFunction<TimerFirer>({
    name: `fire-${trial.name}`,
    around,
    random: random.fork('fire'),
    onBug,
    create: (host) => createTimerFirer(premises.job(), lanePorts(premises, host), settings),
  });
  const schedule = new Schedule<FireReport>(around, random.fork('timer schedule'), {
    name: 'timer',
    invoke: (trigger, timeoutMs) =>
      fire.invoke(timeoutMs, `fire by ${trigger}`, (firer, { remainingMs }) =>
        firer.run(trigger, () => remainingMs() > RESERVED_MS),
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
    recycle: () => fire.recycle(),
    wakeSome: () => fire.wakeSome(),
  };
}
