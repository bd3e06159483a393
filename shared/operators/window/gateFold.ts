/**
 * The gate in front of a window, over one run of entries: takes what was stored before the run, decides event by
 * event, and says what to store after it. Pure; every attempt at a run starts from the stored states anew.
 */
import type { Gate } from '../../job/windowJob.ts';
import type { Value } from '../../ports/table.ts';
import type { Entry } from '../../records/entry.ts';
import { checkAlert, checkStorable } from '../checkStorable.ts';
import { reasonOf } from '../intake/deadReason.ts';
import type { Dead } from '../intake/intake.ts';
import { keyOf } from '../intake/judge.ts';
import {
  type Alert,
  type KeyedState,
  type KeyedStates,
  laterArrival,
  type Redo,
  stateFor,
} from '../redo.ts';

const STATE_BYTES_MAX = 64 * 1024;

export interface GateFold {
  decide(entry: Entry, event: unknown): 'pass' | 'filter' | Dead;
  redo(): Redo;
}

export function openGate(gate: Gate<unknown, Value>, stored: KeyedStates = new Map()): GateFold {
  const states = new Map<string, KeyedState>();
  const alerts: Alert[] = [];
  return {
    decide(entry, event) {
      try {
        const key = keyOf(gate, event);
        const before = states.get(key) ?? stored.get(key);
        const state = stateFor(before, entry.arrival, gate.stateRetention) ?? gate.initial;
        const decision = gate.decide(state, event);
        checkStorable('the state of the key', { state: decision.state }, STATE_BYTES_MAX);
        for (const row of decision.alerts ?? []) checkAlert(gate.table, row);
        alerts.push(...(decision.alerts ?? []).map((row) => ({ table: gate.table.name, row })));
        const arrival = laterArrival(entry.arrival, before?.arrival);
        states.set(key, { state: asStored(decision.state), arrival });
        return decision.verdict;
      } catch (error) {
        return { reason: reasonOf(error) };
      }
    },
    redo: () => ({ states, alerts }),
  };
}

/** As the next batch will read it, so that it makes no difference where a batch ends. */
const asStored = (state: Value): Value => JSON.parse(JSON.stringify(state)) as Value;
