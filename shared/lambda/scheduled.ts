/**
 * What the two scheduled functions have in common: an invocation is for one job, so that none waits for another, or for
 * all where nobody names one.
 *
 * 1. A job is built when it is first asked for. One that cannot be built, or whose run fails, keeps no other from its turn,
 *    also where all are asked for: they run side by side, each with the whole time.
 * 2. A run that fails is told under its job (`metrics.ts`); one that is killed tells nothing, which is told by silence.
 */
import type { Context } from 'aws-lambda';
import { type UnitMeter, unitMeter } from '../adapters/meteredTable.ts';
import { createClosingOnly, createFiringOnly } from '../engine.ts';
import { InvariantViolation, JobDefinitionError } from '../errors.ts';
import type { Job, JobFamily } from '../job/job.ts';
import { type ScheduledFunction, scheduledFunctionsOf } from '../job/traits.ts';
import type { Ports } from '../ports/ports.ts';
import type { CloseReport } from '../runtime/closing/closeWindows.ts';
import type { RunTrigger, ScheduledRun } from '../runtime/scheduledRun.ts';
import type { EngineSettings } from '../runtime/settings.ts';
import type { FireReport } from '../runtime/timers/fireTimers.ts';
import { requestSchema } from './contract.ts';
import { readEnvironment } from './environment.ts';
import { type Noted, noteFailures } from './failureNotes.ts';
import { createRim } from './rim.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';

type Remaining = Pick<Context, 'getRemainingTimeInMillis'>;

export type ScheduledHandler<Report> = (
  event: unknown,
  context: Remaining,
) => Promise<Readonly<Record<string, Report>>>;

type Note<Report> = (
  telemetry: Telemetry,
  report: Report,
  units: { read: number; write: number },
  trigger: RunTrigger,
) => void;

export interface ScheduledWork<Report> {
  readonly name: ScheduledFunction;
  /** Every job; the function works for those that need it. */
  readonly families: readonly JobFamily[];
  /** Its part of a job's engine. Throws JobDefinitionError. */
  create(job: Job, ports: Ports, settings: EngineSettings): ScheduledRun<Report> | undefined;
  readonly note: Note<Report>;
}

export function scheduledHandler<Report>(work: ScheduledWork<Report>): ScheduledHandler<Report> {
  const { name } = work;
  const environment = readEnvironment();
  const rim = createRim(environment);
  const create = (family: JobFamily, meter: UnitMeter): ScheduledRun<Report> => {
    const job = environment.build(family);
    const run = work.create(job, rim(job, meter), environment.settings);
    if (run) return run;
    throw new InvariantViolation(`${job.id} has nothing for ${name} to do`);
  };
  const notedOf = ({ usual }: JobFamily, meter: UnitMeter): Noted =>
    noteFailures(rim(usual, meter), environment.settings, { job: usual.id, by: name });
  const families = work.families.filter(({ usual }) => scheduledFunctionsOf(usual).includes(name));
  const ids = families.map(({ usual }) => usual.id as string);
  const runs = new Map<string, ScheduledRun<Report>>();
  const runOf = (id: string): ScheduledRun<Report> => {
    const family = families.find(({ usual }) => usual.id === id);
    if (!family) {
      throw new JobDefinitionError(`${name} does not work for ${id}, only for ${ids.join(', ')}`);
    }
    const run = runs.get(id) ?? createRun(family, { create, notedOf }, work);
    runs.set(id, run);
    return run;
  };
  return async (event, context) => {
    const { trigger, only } = requestOf(event);
    const asked = only === undefined ? ids : [only];
    const hasTime = timeToGoOn(context);
    const outcomes = await Promise.allSettled(
      asked.map(async (id) => [id, await runOf(id)(trigger, hasTime)] as const),
    );
    return Object.fromEntries(
      outcomes.map((outcome) => {
        if (outcome.status === 'rejected') throw outcome.reason;
        return outcome.value;
      }),
    );
  };
}

interface Makes<Report> {
  create(family: JobFamily, meter: UnitMeter): ScheduledRun<Report>;
  /** Also of a job that cannot be built. */
  notedOf(family: JobFamily, meter: UnitMeter): Noted;
}

/** Runs a job, once it could be built, and tells what came of it. */
function createRun<Report>(
  family: JobFamily,
  { create, notedOf }: Makes<Report>,
  { name, note }: Pick<ScheduledWork<Report>, 'name' | 'note'>,
): ScheduledRun<Report> {
  const meter = unitMeter();
  const noted = notedOf(family, meter);
  const telemetry = createTelemetry(family.usual);
  let built: ScheduledRun<Report> | undefined;
  return async (trigger, hasTime) => {
    const before = { read: meter.read, write: meter.write };
    const run = async () => {
      built ??= create(family, meter);
      return built(trigger, hasTime);
    };
    try {
      const report = await noted(() => telemetry.guard(run, { trigger }), { trigger });
      const units = { read: meter.read - before.read, write: meter.write - before.write };
      note(telemetry, report, units, trigger);
      return report;
    } catch (problem) {
      telemetry.runFailed(name);
      throw problem;
    }
  };
}

/**
 * Whether a job may go on: while half of the time is left. A round of closing that may not ends with what is under way and
 * its swap.
 */
function timeToGoOn(context: Remaining): () => boolean {
  const atStart = context.getRemainingTimeInMillis();
  return () => context.getRemainingTimeInMillis() > atStart / 2;
}

function requestOf(event: unknown): { trigger: RunTrigger; only?: string | undefined } {
  const parsed = requestSchema.safeParse(event);
  if (!parsed.success) return { trigger: 'schedule' };
  const { source, job } = parsed.data;
  return { trigger: TRIGGERS[source], only: job };
}

const TRIGGERS = {
  'tidemark.schedule': 'schedule',
  'tidemark.nudge': 'nudge',
  'tidemark.flush': 'endOfInput',
} as const satisfies Record<string, RunTrigger>;

/** The Lambda rim of `closeWindows`, for the jobs that have windows. */
export type CloseHandler = ScheduledHandler<CloseReport>;

export const closeHandler = (families: readonly JobFamily[]): CloseHandler =>
  scheduledHandler({
    name: 'closeWindows',
    families,
    create: createClosingOnly,
    note: (telemetry, report, units, trigger) => telemetry.closed(report, units, trigger),
  });

/** The Lambda rim of `fireTimers`, for the jobs in which time alone changes something. */
export const fireHandler = (families: readonly JobFamily[]): ScheduledHandler<FireReport> =>
  scheduledHandler({
    name: 'fireTimers',
    families,
    create: createFiringOnly,
    note: (telemetry, report, units, trigger) => telemetry.fired(report, units, trigger),
  });
