/** What an ordered job's commit carries: the new states of the keys that changed, and the alerts. */
import type { Row } from '../job/tables.ts';
import { type ArrivalTime, type Duration, latest, since } from '../model/time.ts';
import type { Value } from '../ports/table.ts';

/** The state of one key and when the last record that touched it had arrived. */
export interface KeyedState {
  /** Absent where nothing is kept any more. */
  readonly state?: Value;
  readonly arrival: ArrivalTime;
}

export interface Alert {
  /** The logical name of the table. */
  readonly table: string;
  readonly row: Row;
}

export interface Redo {
  readonly states: ReadonlyMap<string, KeyedState>;
  readonly alerts: readonly Alert[];
}

/** Stored states by key; a key without one is not in it. */
export type KeyedStates = ReadonlyMap<string, KeyedState>;

/**
 * The state that a record meets: forgotten when it arrives more than `stateRetention` after the last record of the
 * key. That depends on the shard's contents alone; time to live deletes later.
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
