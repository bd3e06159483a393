/**
 * What a run of events does to the keys of its lane, gathered event by event over what the store holds before the run. Owns how
 * much of it one commit may hold. Pure.
 */
import type { AlertTable, Row } from '../../job/tables.ts';
import { checkAlert } from '../checkStorable.ts';
import type { Alert, Effects, KeptState, KeyedStates } from './keyedState.ts';

/** Alerts of a commit, and their bytes. The last event may bring more of them. */
const ALERTS_MAX = 4_000;
const ALERT_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes of the states that a commit changes; the last event may bring more. */
const CHANGED_BYTES_MAX = 16 * 1024 * 1024;

export class RunEffects implements Effects, KeyedStates {
  readonly #before: KeyedStates;
  readonly changes = new Map<string, KeptState>();
  readonly alerts: Alert[] = [];
  #changedBytes = 0;
  #alertBytes = 0;

  constructor(before: KeyedStates) {
    this.#before = before;
  }

  /** What is kept of a key by now. */
  get(key: string): KeptState | undefined {
    return this.changes.get(key) ?? this.#before.get(key);
  }

  /** @param stateBytes what the new state takes as it is stored, about */
  change(key: string, kept: KeptState, stateBytes: number): void {
    this.changes.set(key, kept);
    this.#changedBytes += key.length + stateBytes;
  }

  alert(alerts: readonly CheckedAlert[]): void {
    for (const { bytes, ...alert } of alerts) {
      this.alerts.push(alert);
      this.#alertBytes += bytes;
    }
  }

  /** Whether a commit can hold no more. */
  get isFull(): boolean {
    return (
      this.alerts.length >= ALERTS_MAX ||
      this.#alertBytes >= ALERT_BYTES_MAX ||
      this.#changedBytes >= CHANGED_BYTES_MAX
    );
  }
}

/** One that can be stored. */
export interface CheckedAlert extends Alert {
  readonly bytes: number;
}

/** Throws PoisonEventError for a row that no table takes. */
export function checkedAlert(table: AlertTable, row: Row): CheckedAlert {
  return { table: table.name, row, bytes: checkAlert(table, row) };
}
