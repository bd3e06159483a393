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
import type { ReadableEntry } from '../../records/entry.ts';

/** The state of one key and when the last record that touched it had arrived. */
export interface KeyedState {
  /** Absent where nothing is kept any more. */
  readonly state?: Value;
  readonly arrival: ArrivalTime;
}

/** By which what is settled is forgotten: the lane's watermark; of events that were forwarded, their arrivals at their sources. */
export type KeepingClock = Watermark | ArrivalTime;

/** An event that was forwarded, and waits with its key for what may be on its way before it. */
export interface AheadEvent {
  /** At its source. */
  readonly arrival: ArrivalTime;
  readonly entry: Pick<ReadableEntry, 'sequence' | 'index' | 'arrival' | 'partitionKey'> & {
    readonly raw: string;
  };
}

/** As a lane keeps it. */
export interface KeptState extends KeyedState {
  /** Says on which shard the key is decided: that of its events. */
  readonly partitionKey: string;
  /** The last of its timers that has fired, of a status job. */
  readonly fired?: EventTime;
  /** How far the clock that it is kept by was when it was last touched, of such a job as the next one. */
  readonly seen?: KeepingClock;
  /** How its row stands, of a status job that has rows of problems only: put once, or withheld since all its events were late. */
  readonly row?: 'put' | 'withheld';
  /** In the order of their arrivals, of such a job that is repartitioned; absent where there are none. */
  readonly ahead?: readonly AheadEvent[];
}

/** Whether anything is kept. */
export const isKept = ({ state, ahead }: KeptState): boolean =>
  state !== undefined || ahead !== undefined;

const AHEAD_EVENT_BYTES = 100;

/** About what such events take, in memory and stored. */
export const aheadBytes = (ahead: readonly AheadEvent[]): number =>
  ahead.reduce((sum, { entry }) => sum + AHEAD_EVENT_BYTES + entry.raw.length, 0);

export const aheadBytesOf = ({ ahead = [] }: KeptState): number => aheadBytes(ahead);

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

/** The end of the step that a clock is in. */
export const endOfStep = (clock: KeepingClock, step: Duration): KeepingClock =>
  (Math.ceil(clock / step) * step) as KeepingClock;
