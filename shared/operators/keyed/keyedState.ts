/** What a job keeps of a key, when a record still finds it, and what a commit does to the keys of its lane. */
import type { Row } from '../../job/tables.ts';
import {
  type ArrivalTime,
  arrivalTime,
  type Duration,
  days,
  type EventTime,
  hours,
  latest,
  milliseconds,
  minutes,
  seconds,
  since,
  type Watermark,
} from '../../model/time.ts';
import type { Value } from '../../ports/table.ts';

/** The state of one key and when the last record that touched it had arrived. */
export interface KeyedState {
  /** Absent where nothing is kept any more. */
  readonly state?: Value;
  readonly arrival: ArrivalTime;
}

/** As a lane keeps it. */
export interface KeptState extends KeyedState {
  /** Says on which shard the key is decided: that of its events. */
  readonly partitionKey: string;
  /** The last of its timers that has fired, of a status job. */
  readonly fired?: EventTime;
  /** How far the lane's watermark was when it was last touched, of such a job as the next one. */
  readonly seen?: Watermark;
  /** How its row stands, of a status job that has rows of problems only: put once, or withheld since all its events were late. */
  readonly row?: 'put' | 'withheld';
}

/** States by key; a key without one is not in it. */
export type KeyedStates = Pick<ReadonlyMap<string, KeptState>, 'get'>;

/** The keys that a commit changes, with the whole of their new states. */
export type Changes = ReadonlyMap<string, KeptState>;

export interface Alert {
  /** The logical name of the table. */
  readonly table: string;
  readonly row: Row;
}

/** What a commit carries besides what it counts. */
export interface Effects {
  readonly changes: Changes;
  readonly alerts: readonly Alert[];
}

export const NO_EFFECTS: Effects = { changes: new Map(), alerts: [] };

/**
 * The state that a record meets: forgotten when it arrives more than `stateRetention` after the last record of the
 * key. That depends on the shard's contents alone; whatever deletes it does so later.
 */
export function stateFor(
  stored: KeyedState | undefined,
  arrival: ArrivalTime,
  stateRetention: Duration,
): Value | undefined {
  return stored && since(stored.arrival, arrival) <= stateRetention ? stored.state : undefined;
}

export const laterArrival = (a: ArrivalTime, b: ArrivalTime | undefined): ArrivalTime =>
  b === undefined ? a : latest(a, b);

/** A retention is counted in steps of at most a thousandth of it: the arrivals of a commit's keys are then nearly all the same. */
export function arrivalStep(stateRetention: Duration): Duration {
  if (stateRetention >= days(1)) return minutes(1);
  return stateRetention >= hours(1) ? seconds(1) : milliseconds(1);
}

/** The beginning of the step that an arrival is in. */
export const stepOf = (arrival: ArrivalTime, step: Duration): ArrivalTime =>
  arrivalTime(Math.floor(arrival / step) * step);
