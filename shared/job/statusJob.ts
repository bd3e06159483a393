/** Status jobs: one row per key that is both the answer and the state. */
import { JobDefinitionError } from '../errors.ts';
import type { JobId } from '../model/lane.ts';
import type { Duration, EventTime, Watermark } from '../model/time.ts';
import type { Value } from '../ports/table.ts';
import type { JobHead } from './head.ts';
import { shapeOf } from './shape.ts';
import { checkTable, type Row, type StatusTable } from './tables.ts';

/** A row that somebody should look at: listed by status and time through the table's index. */
export interface Problem {
  readonly status: string;
  /** When it became one, in event time. */
  readonly at: EventTime;
}

export interface StatusView {
  /** The public attributes, without the key. */
  readonly row: Row;
  readonly problem?: Problem;
}

/**
 * 1. `merge` is commutative and idempotent, so that order and repetition of events do not matter.
 * 2. `timers` gives the times at which the answer would change by itself; a time that a state has left never comes back
 *    by merging more events into it.
 * 3. `view` depends on the watermark only through "has W reached this timer".
 */
export interface StatusTail<Event, State extends Value> {
  key(event: Event): string;
  readonly initial: State;
  merge(state: State, event: Event): State;
  timers(state: State): readonly EventTime[];
  view(state: State, watermark: Watermark): StatusView;
  /** What the timers are computed with. Stored timers of other numbers are refused: raise the version. */
  readonly waits: readonly Duration[];
  /** A key's state is forgotten for a record that arrives so long after the last one of the key. */
  readonly stateRetention: Duration;
  readonly table: StatusTable;
}

export interface StatusJob<Event = unknown, State extends Value = Value>
  extends JobHead<Event>,
    StatusTail<Event, State> {
  readonly kind: 'status';
  readonly id: JobId;
  readonly shape: string;
}

/** Throws JobDefinitionError. */
export function statusJob<Event, State extends Value>(
  head: JobHead<Event>,
  tail: StatusTail<Event, State>,
): StatusJob<Event, State> {
  checkTable(head.name, tail.table);
  if (!(tail.stateRetention > 0)) {
    throw new JobDefinitionError(
      `${head.name}: stateRetention is ${tail.stateRetention} ms; give a duration above 0`,
    );
  }
  const longest = Math.max(0, ...tail.waits);
  if (tail.stateRetention <= longest) {
    throw new JobDefinitionError(
      `${head.name}: stateRetention is ${tail.stateRetention} ms; give more than the longest of its waits, ${longest} ms`,
    );
  }
  return {
    ...head,
    ...tail,
    kind: 'status',
    id: `${head.name}@${head.version}`,
    shape: shapeOf(['status', ...tail.waits]),
  };
}
