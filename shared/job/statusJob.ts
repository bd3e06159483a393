/** Status jobs: one row per key that says how it stands. */
import { JobDefinitionError } from '../errors.ts';
import type { JobId } from '../model/lane.ts';
import type { Duration, EventTime, Watermark } from '../model/time.ts';
import type { Value } from '../ports/table.ts';
import { requireAll } from './required.ts';
import { checkKeyedSource, type JobSpec, KEPT_IN_STORE, shapeOf } from './spec.ts';
import type { Storable } from './storable.ts';
import { checkTable, type Row, STATUS, type StatusTable } from './tables.ts';

/** A row that somebody should look at: listed by status and time through the table's index. */
export interface Problem {
  readonly status: string;
  /** When it became one, in event time. */
  readonly at: EventTime;
}

/** Every status that a row of the job may have, by name. */
export type Statuses = Readonly<Record<string, 'fine' | 'problem'>>;

type NamesOf<All extends Statuses, Kind extends Statuses[string]> = {
  [Name in Extract<keyof All, string>]: Kind extends All[Name] ? Name : never;
}[Extract<keyof All, string>];

/** How things stand with a key: a status that the job declares, and the row's other attributes without the key. */
export type StatusView<All extends Statuses = Statuses> =
  | { readonly status: NamesOf<All, 'fine'>; readonly at?: never; readonly row: Row }
  | (Problem & { readonly status: NamesOf<All, 'problem'>; readonly row: Row });

/** Which keys have a row: see `docs/semantics.md` for what follows. */
export type StatusRows =
  /** Every one. No event is late. */
  | { readonly of: 'all' }
  /** Those that are or were a problem. */
  | {
      readonly of: 'problems';
      /** An event further behind its lane's watermark is late: a key that has no other gets no row. */
      readonly lateness: Duration;
      /**
       * How long a key that waits for nothing, and will be no problem, is known after its last event: as the lane's watermark
       * goes; in a job that is repartitioned, as the events of the key arrived. At least `lateness` and `maxOutOfOrderness`, so that an event
       * that repeats meets its key, or is late.
       */
      readonly remember: Duration;
    };

/**
 * 1. `merge` is commutative and idempotent, so that order and repetition of events do not matter.
 * 2. `timers` gives the times at which the answer would change by itself; a time that a state has left never comes back
 *    by merging more events into it.
 * 3. `view` depends on the watermark only through "has W reached this timer".
 */
export interface StatusTail<Event, State, All extends Statuses = Statuses> {
  key(event: Event): string;
  readonly initial: State;
  merge(state: State, event: Event): Storable<State>;
  timers(state: State): readonly EventTime[];
  view(state: State, watermark: Watermark): StatusView<All>;
  /** All that `view` may give. */
  readonly statuses: All;
  /** What the timers are computed with. Stored timers of other numbers are refused: raise the version. */
  readonly waits: readonly Duration[];
  /** A key's state is forgotten for a record that arrives so long after the last one of the key. */
  readonly stateRetention: Duration;
  readonly table: StatusTable;
  /** All where it is left away. */
  readonly rows?: StatusRows;
  /**
   * The key is not what the events' producers hash them by, so that events of one key come to several shards: they go through a stream of
   * the job's own, which is partitioned by the key. Of a job on several streams they always do.
   */
  readonly repartitioned?: boolean;
}

export interface StatusJob<Event = unknown, State = Value>
  extends JobSpec<Event>,
    StatusTail<Event, State> {
  readonly kind: 'status';
  readonly id: JobId;
  readonly shape: string;
  readonly rows: StatusRows;
  readonly repartitioned: boolean;
}

const REQUIRED = [
  'key',
  'initial',
  'merge',
  'timers',
  'view',
  'statuses',
  'waits',
  'stateRetention',
  'table',
];

/** Throws JobDefinitionError. */
export function statusJob<Event, State, All extends Statuses>(
  spec: JobSpec<Event>,
  tail: StatusTail<Event, State, All>,
): StatusJob<Event, State> {
  requireAll(`the status job ${spec.name}`, tail, REQUIRED);
  checkTable(spec.name, tail.table, [STATUS]);
  checkStatuses(spec.name, tail.statuses);
  if (!(tail.stateRetention > 0)) {
    throw new JobDefinitionError(
      `${spec.name}: stateRetention is ${tail.stateRetention} ms; give a duration above 0`,
    );
  }
  const negative = tail.waits.find((wait) => !(wait >= 0));
  if (negative !== undefined) {
    throw new JobDefinitionError(
      `${spec.name}: one of its waits is ${negative} ms; give durations of 0 or more`,
    );
  }
  const longest = Math.max(0, ...tail.waits);
  if (tail.stateRetention <= longest) {
    throw new JobDefinitionError(
      `${spec.name}: stateRetention is ${tail.stateRetention} ms; give more than the longest of its waits, ${longest} ms`,
    );
  }
  const { rows = { of: 'all' } } = tail;
  const repartitioned = spec.sources.length > 1 || tail.repartitioned === true;
  if (!repartitioned) checkKeyedSource(spec);
  checkRows(spec, rows);
  return {
    ...spec,
    ...tail,
    rows,
    repartitioned,
    kind: 'status',
    id: `${spec.name}@${spec.version}`,
    shape: shapeOf(['status', ...keptBy(rows), ...(repartitioned ? [REKEYED] : []), ...tail.waits]),
  };
}

/** Part of the shape of jobs whose keyed lanes are on a stream of their own. */
const REKEYED = 'repartitioned';

const keptBy = (rows: StatusRows): readonly (number | string)[] => [
  KEPT_IN_STORE,
  rows.of,
  ...(rows.of === 'problems' ? [rows.lateness, rows.remember] : []),
];

function checkRows<Event>(spec: JobSpec<Event>, rows: StatusRows): void {
  const { name } = spec;
  if (rows.of === 'all') return;
  const { lateness, remember } = rows;
  if (lateness >= 0 && remember >= lateness + spec.maxOutOfOrderness) return;
  throw new JobDefinitionError(
    `${name}: lateness is ${lateness} ms, remember ${remember} ms and maxOutOfOrderness ${spec.maxOutOfOrderness} ms; ` +
      'give a lateness of 0 or more, and a remember of at least lateness and maxOutOfOrderness together',
  );
}

/** The statuses that are problems, in the order in which the job declares them. */
export const problemsOf = ({ statuses }: Pick<StatusJob, 'statuses'>): readonly string[] =>
  Object.keys(statuses).filter((name) => statuses[name] === 'problem');

/** The index of problems has statuses in its keys, where `#` parts them from the time. */
function checkStatuses(job: string, statuses: Statuses): void {
  const wrong = Object.keys(statuses).find((name) => !/^[A-Za-z][A-Za-z0-9-]*$/.test(name));
  if (wrong === undefined) return;
  throw new JobDefinitionError(
    `${job}: the status "${wrong}" is not one word of letters and digits; write it like timedOut`,
  );
}
