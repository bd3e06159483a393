/** Pattern jobs: sequences of events of one key, found in event-time order. */
import { JobDefinitionError } from '../errors.ts';
import type { JobId } from '../model/lane.ts';
import type { Duration } from '../model/time.ts';
import type { Match, Pattern, TimedOut } from './pattern/sequence.ts';
import { requireAll } from './required.ts';
import { checkOneSource, type JobSpec, KEPT_IN_STORE, shapeOf } from './spec.ts';
import type { Storable } from './storable.ts';
import { type AlertTable, checkTable, type Row } from './tables.ts';

/** Rows made of matches; the row's key attributes must name the match for ever. */
export interface AlertOutput<Found, Shown = Row> {
  readonly table: AlertTable;
  row(found: Found, key: string): Storable<Shown>;
}

export interface PatternTail<Event, Alert = Row, TimedOutRow = Row> {
  /** Must determine, or be determined by, the partition key, so that one lane sees all of a key's events. */
  key(event: Event): string;
  readonly match: Pattern<Event>;
  readonly alerts: AlertOutput<Match<Event>, Alert>;
  /** Partial matches that ran out of time. Needs a pattern with `within`. */
  readonly timedOut?: AlertOutput<TimedOut<Event>, TimedOutRow>;
  /** A key's partial matches are forgotten for a record that arrives so long after the last one that began, met or ended one. */
  readonly stateRetention: Duration;
}

export interface PatternJob<Event = unknown> extends JobSpec<Event>, PatternTail<Event> {
  readonly kind: 'pattern';
  readonly id: JobId;
  readonly shape: string;
}

/** Throws JobDefinitionError. */
export function patternJob<Event>(
  spec: JobSpec<Event>,
  tail: PatternTail<Event>,
): PatternJob<Event> {
  requireAll(`the pattern job ${spec.name}`, tail, ['key', 'match', 'alerts', 'stateRetention']);
  if (tail.match.shape === undefined) {
    throw new JobDefinitionError(
      `${spec.name}: its pattern has no end; write .within(…) or .unbounded() behind its last step`,
    );
  }
  checkOneSource(spec);
  checkTable(spec.name, tail.alerts.table);
  if (tail.timedOut) checkTable(spec.name, tail.timedOut.table);
  if (tail.timedOut && tail.match.within === undefined) {
    throw new JobDefinitionError(
      `${spec.name}: partial matches never time out, because its pattern has no within; add one or leave timedOut away`,
    );
  }
  if (!(tail.stateRetention > (tail.match.within ?? 0))) {
    throw new JobDefinitionError(
      `${spec.name}: stateRetention is ${tail.stateRetention} ms; give more than the pattern's within`,
    );
  }
  return {
    ...spec,
    ...tail,
    kind: 'pattern',
    id: `${spec.name}@${spec.version}`,
    shape: shapeOf(['pattern', KEPT_IN_STORE, tail.match.shape, tail.timedOut ? 'timers' : 'none']),
  };
}
