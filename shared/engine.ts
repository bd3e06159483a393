/**
 * The engine of one job: what its ingest function does with a batch, and what the scheduled functions do for it. This is the
 * only assembly; functions, the command line, benchmarks, the simulator and tests come in by this door.
 *
 * An engine keeps warm what it has read, as a running function does: a new one is a cold start. Its parts share nothing but
 * what is stored, so any number of engines of one job may run beside each other.
 */
import type { Job } from './job/job.ts';
import { hasWindows, needsFiring } from './job/traits.ts';
import type { Ports } from './ports/ports.ts';
import { type CloseReport, createClosing } from './runtime/closing/closeWindows.ts';
import { createIngest, type Ingest } from './runtime/ingest/ingest.ts';
import type { ScheduledRun } from './runtime/scheduledRun.ts';
import { checkRetention, type EngineSettings } from './runtime/settings.ts';
import { createFiring, type FireReport } from './runtime/timers/fireTimers.ts';

export interface Engine {
  readonly ingest: Ingest;
  /** Closes windows; absent in a job that has none. */
  readonly close?: ScheduledRun<CloseReport>;
  /** Fires timers, and lets go what silent lanes hold; absent in a job in which time alone changes nothing. */
  readonly fire?: ScheduledRun<FireReport>;
}

/** Throws JobDefinitionError where the settings keep what the job stores for too short a time. */
export function createEngine(job: Job, ports: Ports, settings: EngineSettings): Engine {
  const close = createClosingOnly(job, ports, settings);
  const fire = createFiringOnly(job, ports, settings);
  return {
    ingest: createIngestOnly(job, ports, settings),
    ...(close ? { close } : {}),
    ...(fire ? { fire } : {}),
  };
}

/** The part that takes records in: a function that has one part to do is bundled without the others. Throws as above. */
export function createIngestOnly(job: Job, ports: Ports, settings: EngineSettings): Ingest {
  checkRetention(job, settings);
  return createIngest(job, ports, settings);
}

/** The part that closes windows; undefined as in an engine. Throws as above. */
export function createClosingOnly(
  job: Job,
  ports: Ports,
  settings: EngineSettings,
): ScheduledRun<CloseReport> | undefined {
  checkRetention(job, settings);
  return hasWindows(job) ? createClosing(job, ports, settings) : undefined;
}

/** The part that fires timers; undefined as in an engine. Throws as above. */
export function createFiringOnly(
  job: Job,
  ports: Ports,
  settings: EngineSettings,
): ScheduledRun<FireReport> | undefined {
  checkRetention(job, settings);
  return needsFiring(job) ? createFiring(job, ports, settings) : undefined;
}
