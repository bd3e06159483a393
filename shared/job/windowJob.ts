/** Window jobs: aggregates per window, with or without a gate in front. */
import type { Aggregator } from '../aggregates/aggregator.ts';
import { JobDefinitionError } from '../errors.ts';
import type { JobId } from '../model/lane.ts';
import type { Duration } from '../model/time.ts';
import type { TimeWindow, WindowAssigner } from '../model/window.ts';
import type { Value } from '../ports/table.ts';
import { requireAll } from './required.ts';
import { checkOneSource, type JobSpec, KEPT_IN_STORE, shapeOf } from './spec.ts';
import type { Storable } from './storable.ts';
import { type AlertTable, checkTable, type Row, type WindowTable } from './tables.ts';

/** A few words on a window, for screens. */
interface Headline<Shown = Row> {
  /** The partition key of the row that tells most; where it is absent, each row of the window has a say. */
  readonly of?: string;
  /** What to show of a row. */
  show(row: Shown): Value;
}

export interface WindowTail<Event, Accumulator, Result, Shown = Row, Summed = unknown, Told = Row> {
  readonly assign: WindowAssigner;
  readonly allowedLateness: Duration;
  /** Late events are kept in the job's side output. The only choice, and stated: nothing is dropped. */
  readonly late: 'sideOutput';
  readonly aggregate: Aggregator<Event, Accumulator, Result>;
  readonly table: WindowTable;
  /**
   * The rows of a window that has content, one for each partition key. A list, in any order; or, of very many, what makes them one
   * by one, so that they are never in memory together: in the order of their keys, as `tally` gives ids. More content may change rows,
   * and take one away only where `takesRowsAway` says so.
   */
  result(
    result: Result,
    window: TimeWindow,
  ): readonly Storable<Shown>[] | Generator<Storable<Shown>>;
  /**
   * Content that comes later may leave a row out that was written before. Which rows a window has is stored with it then, so they should be few.
   * By default none is ever left out.
   */
  readonly takesRowsAway?: boolean;
  /**
   * The row of each group that `aggregate` gives one by one has its id as key, and no other group has a say in it. So whoever goes on
   * in the middle of a window begins with the group behind, and a correction looks only at the rows of the groups that came. By default
   * rows are made again from the first on, and all are looked at. Not together with `takesRowsAway`.
   */
  readonly rowsFollowGroups?: boolean;
  /** What all rows of a window come to, in a table of its own. */
  readonly summary?: Summary<Shown, Summed, Told>;
  /** Where it is absent, screens show all rows of a window as they are. */
  readonly headline?: Headline<Shown>;
}

/**
 * An aggregate of a window's rows: what `add` was given in the order of the rows, `result` tells in a few rows of their own, always of the
 * same keys.
 */
interface Summary<Shown, Summed, Told = Row> {
  readonly table: WindowTable;
  /** Small: it is stored where a run stops in the middle of a window, as JSON. */
  init(): Storable<Summed>;
  /** Changes what `init` gave. */
  add(into: Summed, row: Shown): void;
  result(from: Summed, window: TimeWindow): readonly Storable<Told>[];
  /** Shown in the place of the job's own. */
  readonly headline?: Headline<Told>;
}

/** What a gate makes of one event. */
interface Decision<State, Alert = Row> {
  /** A filtered event counts as filtered and goes no further; a late event is decided upon all the same. */
  readonly verdict: 'pass' | 'filter';
  readonly state: State;
  /** Rows of the gate's table. */
  readonly alerts?: readonly Storable<Alert>[];
}

/**
 * A gate in front of a window: decides event by event, in the order of the stream, from what it keeps per key.
 * The key must determine the partition key, so that one lane sees all of a key's events.
 */
export interface Gate<Event, State, Alert = Row> {
  key(event: Event): string;
  /** What a key without a past is decided from. */
  readonly initial: State;
  decide(state: State, event: Event): Decision<Storable<State>, Alert>;
  /** The numbers and names that decisions go by. States that were made by others are refused: raise the version. */
  readonly decidedBy: readonly (number | string)[];
  /** A key's state is forgotten for a record that arrives so long after the last one that touched it. */
  readonly stateRetention: Duration;
  readonly table: AlertTable;
}

export interface WindowJob<Event = unknown, Accumulator = unknown, Result = unknown>
  extends JobSpec<Event>,
    WindowTail<Event, Accumulator, Result> {
  readonly kind: 'window';
  readonly id: JobId;
  /** Changes whenever stored slices would be cut differently; state of another shape is refused. */
  readonly shape: string;
  readonly gate?: Gate<Event, Value>;
}

const REQUIRED = ['assign', 'allowedLateness', 'late', 'aggregate', 'table', 'result'];
const REQUIRED_OF_GATE = ['key', 'initial', 'decide', 'decidedBy', 'stateRetention', 'table'];

/** The tables of a window's rows: what closing writes. */
export const windowTables = ({ table, summary }: WrittenTables): readonly WindowTable[] => [
  table,
  ...(summary ? [summary.table] : []),
];

interface WrittenTables {
  readonly table: WindowTable;
  readonly summary?: { readonly table: WindowTable };
}

interface RowsOfWindow {
  readonly aggregate: Pick<Aggregator<never, never, unknown>, 'codec' | 'resultAfter'>;
  readonly rowsFollowGroups?: boolean;
  readonly takesRowsAway?: boolean;
}

/** Throws JobDefinitionError. */
export function windowJob<Event, Accumulator, Result, Shown, Summed, Told>(
  spec: JobSpec<Event>,
  tail: WindowTail<Event, Accumulator, Result, Shown, Summed, Told>,
  gate?: Gate<Event, Value>,
): WindowJob<Event, Accumulator, Result> {
  requireAll(`the window of ${spec.name}`, tail, REQUIRED);
  const { size, slide, offset, sliceWidth, days } = tail.assign;
  if (!(tail.allowedLateness >= 0)) {
    throw new JobDefinitionError(
      `${spec.name}: allowedLateness is ${tail.allowedLateness} ms; give a duration of 0 or more`,
    );
  }
  for (const table of windowTables(tail)) checkTable(spec.name, table);
  checkRows(spec.name, tail);
  if (gate) checkGate(spec, gate);
  const cut = [size, slide, offset, sliceWidth, ...(days ? ['days', days.zone] : [])];
  const parts = [...cut, tail.allowedLateness, tail.aggregate.codec];
  // Rows are what a table can store, or the declaration does not compile.
  const { result, ...rest } = tail as unknown as WindowTail<Event, Accumulator, Result>;
  return {
    ...spec,
    ...rest,
    result,
    kind: 'window',
    id: `${spec.name}@${spec.version}`,
    shape: shapeOf(gate ? [...parts, 'gate', KEPT_IN_STORE, ...gate.decidedBy] : parts),
    ...(gate ? { gate } : {}),
  };
}

function checkRows(
  name: string,
  { aggregate, rowsFollowGroups, takesRowsAway }: RowsOfWindow,
): void {
  if (rowsFollowGroups !== true) return;
  if (!aggregate.resultAfter) {
    throw new JobDefinitionError(
      `${name}: rowsFollowGroups is for an aggregate that gives its groups one by one, as tally does, and this one is ${aggregate.codec}; leave it away`,
    );
  }
  if (takesRowsAway === true) {
    throw new JobDefinitionError(
      `${name}: rowsFollowGroups and takesRowsAway exclude each other: which rows are left out is known of all rows only; leave one of them away`,
    );
  }
}

function checkGate<Event>(spec: JobSpec<Event>, gate: Gate<Event, Value>): void {
  const { name } = spec;
  requireAll(`the gate of ${name}`, gate, REQUIRED_OF_GATE);
  const { table, stateRetention } = gate;
  checkOneSource(spec);
  checkTable(name, table);
  if (stateRetention > 0) return;
  throw new JobDefinitionError(
    `${name}: the gate's stateRetention is ${stateRetention} ms; give a duration above 0`,
  );
}
