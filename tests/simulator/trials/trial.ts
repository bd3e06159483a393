/**
 * A job under simulation: a real declaration with small times, as deployed (with two faults of its own: it cannot
 * read some events, and throws on others) and as mended later, beside the oracle's analysis.
 */
import type { Job } from '../../../shared/job/job.ts';
import type { PatternJob } from '../../../shared/job/patternJob.ts';
import type { Source } from '../../../shared/job/source.ts';
import type { StatusJob } from '../../../shared/job/statusJob.ts';
import type { Gate, WindowJob } from '../../../shared/job/windowJob.ts';
import type { Duration } from '../../../shared/model/time.ts';
import type { Value } from '../../../shared/ports/table.ts';
import type { Analysis } from '../analyses/analysis.ts';
import type { Flaw } from '../truth.ts';

export interface Trial {
  readonly name: string;
  readonly streams: readonly string[];
  readonly deployed: Job;
  readonly mended: Job;
  readonly analysis: Analysis;
  /** How long the job keeps what it knows of a key (ms of arrival time); endless for windows without a gate. */
  readonly stateRetention: number;
}

export function trial(
  declared: Job,
  analysis: Analysis,
  stateRetention = Number.POSITIVE_INFINITY,
): Trial {
  const kept = Number.isFinite(stateRetention) ? retaining(declared, stateRetention) : declared;
  const mended = reading(kept, 'all');
  return {
    name: declared.name,
    streams: declared.sources.map(({ stream }) => stream),
    deployed: throwing(reading(kept, 'readable')),
    // What a pattern job was told to hold when it was broken must not depend on when it is mended.
    mended: mended.kind === 'pattern' ? throwing(mended) : mended,
    analysis,
    stateRetention,
  };
}

function retaining(job: Job, ms: number): Job {
  const stateRetention = ms as Duration;
  if (job.kind !== 'window') return { ...job, stateRetention };
  return job.gate ? { ...job, gate: { ...job.gate, stateRetention } } : job;
}

/** The same job, whose events keep their flaw. */
function reading(job: Job, events: 'all' | 'readable'): Job {
  return { ...job, sources: job.sources.map((source) => flawed(source, events)) } as Job;
}

function flawed(source: Source<unknown>, events: 'all' | 'readable'): Source<unknown> {
  return {
    ...source,
    parse(value) {
      const flaw = flawOf(value);
      if (flaw === 'unreadable' && events === 'readable') return { problem: 'cannot be read' };
      const parsed = source.parse(value);
      if ('problem' in parsed || flaw === undefined) return parsed;
      return { event: { ...(parsed.event as object), flaw } };
    },
  };
}

function flawOf(value: unknown): Flaw | undefined {
  return typeof value === 'object' && value !== null && 'flaw' in value
    ? (value.flaw as Flaw)
    : undefined;
}

/** The same job, with code that throws on poison where it does its work. */
function throwing(job: Job): Job {
  switch (job.kind) {
    case 'window':
      return job.gate ? { ...job, gate: throwingGate(job.gate) } : throwingWindow(job);
    case 'status':
      return throwingStatus(job);
    case 'pattern':
      return throwingPattern(job);
  }
}

/** Half-way through adding an event. */
function throwingWindow(job: WindowJob): WindowJob {
  const add = (into: unknown, event: unknown): void => {
    job.aggregate.add(into, event);
    throwOnPoison(event);
  };
  return { ...job, aggregate: { ...job.aggregate, add } };
}

function throwingGate(gate: Gate<unknown, Value>): Gate<unknown, Value> {
  return {
    ...gate,
    decide(state, event) {
      throwOnPoison(event);
      return gate.decide(state, event);
    },
  };
}

/** Where events are forwarded, what cannot be read shows at their source: there they are counted, and dead. */
function throwingStatus(job: StatusJob): StatusJob {
  if (job.repartitioned) return { ...job, key: throwingKey(job.key) };
  return {
    ...job,
    merge(state, event) {
      throwOnPoison(event);
      return job.merge(state, event);
    },
  };
}

const throwingKey =
  (key: StatusJob['key']): StatusJob['key'] =>
  (event) => {
    throwOnPoison(event);
    return key(event);
  };

function throwingPattern(job: PatternJob): PatternJob {
  const steps = job.match.steps.map((step) => ({
    ...step,
    condition(event: unknown) {
      throwOnPoison(event);
      return step.condition(event);
    },
  }));
  return { ...job, match: { ...job.match, steps } };
}

function throwOnPoison(event: unknown): void {
  if (flawOf(event) === 'poison') throw new TypeError('cannot read it');
}
