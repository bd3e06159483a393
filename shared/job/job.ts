/**
 * Declaring a job: a spec that settles the types, then one tail. What is declared is pure and complete: user code
 * never sees a table, a clock or a promise.
 */
import { JobDefinitionError } from '../errors.ts';
import type { Value } from '../ports/table.ts';
import {
  type ParameterSet,
  type ParameterTexts,
  type ParameterValues,
  parseParameters,
} from './parameters.ts';
import { type PatternJob, type PatternTail, patternJob } from './patternJob.ts';
import {
  type JobSpec,
  type NamedSources,
  type SeveralSources,
  type SingleSource,
  type Sourced,
  specOf,
} from './spec.ts';
import { type Statuses, type StatusJob, type StatusTail, statusJob } from './statusJob.ts';
import type { Stored } from './storable.ts';
import { type ResultTable, type Row, WINDOW_END } from './tables.ts';
import {
  type Gate,
  type WindowJob,
  type WindowTail,
  windowJob,
  windowTables,
} from './windowJob.ts';

export type Job = WindowJob | StatusJob | PatternJob;

export interface Tails<Event> {
  /** Counts, sums and rankings per window. */
  window<Accumulator, Result, Shown = Row, Summed = unknown, Told = Row>(
    tail: WindowTail<Event, Accumulator, Result, Shown, Summed, Told>,
  ): WindowJob<Event, Accumulator, Result>;
  /** One row per key that says how things stand. */
  status<State, All extends Statuses = Statuses>(
    tail: StatusTail<Event, State, All>,
  ): StatusJob<Event, Stored<State>>;
  /** Sequences of events. */
  pattern<Alert = Row, TimedOutRow = Row>(
    tail: PatternTail<Event, Alert, TimedOutRow>,
  ): PatternJob<Event>;
  /** Decides which events a window gets. */
  gate<State, Alert = Row>(gate: Gate<Event, State, Alert>): Pick<Tails<Event>, 'window'>;
}

/** Starts a declaration. See `docs/semantics.md` for what each field means for the results. */
export function job<Event>(spec: SingleSource<Event>): Tails<Event>;
export function job<Sources extends NamedSources>(
  spec: SeveralSources<Sources>,
): Tails<Sourced<Sources>>;
// The first one once more: what is wrong with a declaration, the compiler explains by the last.
export function job<Event>(spec: SingleSource<Event>): Tails<Event>;
export function job(options: SingleSource<unknown> | SeveralSources<NamedSources>): Tails<unknown> {
  return tailsOf(specOf(options));
}

const tailsOf = <Event>(spec: JobSpec<Event>): Tails<Event> => ({
  window: (tail) => windowJob(spec, tail),
  status: <State, All extends Statuses>(tail: StatusTail<Event, State, All>) =>
    statusJob(spec, tail as unknown as StatusTail<Event, Stored<State>, All>),
  pattern: (tail) => patternJob(spec, tail as unknown as PatternTail<Event>),
  gate: (gate) => ({
    window: (tail) => windowJob(spec, tail, gate as unknown as Gate<Event, Value>),
  }),
});

/** Every table that the job writes answers to. */
export function tablesOf(job: Job): readonly ResultTable[] {
  switch (job.kind) {
    case 'window':
      return [
        ...windowTables(job).map((table) => ({ ...table, sortKey: WINDOW_END })),
        ...(job.gate ? [job.gate.table] : []),
      ];
    case 'status':
      return [job.table];
    case 'pattern':
      return [job.alerts.table, ...(job.timedOut ? [job.timedOut.table] : [])];
  }
}

/** A job whose declaration depends on parameters. */
export interface JobFamily<Built extends Job = Job> {
  readonly name: string;
  /** The job as it is without overrides. Nothing may be run with it; its id, its kind and its tables are those of all. */
  readonly usual: Built;
  readonly parameters: ParameterSet;
  /** The job with these overrides; throws JobDefinitionError where they make no sense. */
  build(texts?: ParameterTexts): Built;
}

export function parameterized<Set extends ParameterSet, Built extends Job>(
  parameters: Set,
  declare: (values: ParameterValues<Set>) => Built,
): JobFamily<Built> {
  const declared = (texts: ParameterTexts) => declare(parseParameters(parameters, texts));
  const usual = declared({});
  const build = (texts: ParameterTexts = {}) => {
    const built = declared(texts);
    if (built.id === usual.id && built.kind === usual.kind) return built;
    throw new JobDefinitionError(
      `${usual.id}: its name, version and kind must not depend on its parameters`,
    );
  };
  return { name: usual.name, usual, parameters, build };
}
