/**
 * The gate in front of a window, over one run of entries: takes what the lane's store knew before the run, decides event by
 * event, and says what changes. Pure; every attempt at a run starts from the store anew.
 *
 * 1. Forgetting goes by the arrival clock of the lane: the greatest arrival so far, in steps. It never goes back, so what it has
 *    passed no later record finds, whether it is still stored or not.
 */
import type { Source } from '../../job/source.ts';
import type { Gate } from '../../job/windowJob.ts';
import { type ArrivalTime, type Duration, latest } from '../../model/time.ts';
import type { Value } from '../../ports/table.ts';
import type { Entry } from '../../records/entry.ts';
import { checkStorable } from '../checkStorable.ts';
import { reasonOf } from '../intake/deadReason.ts';
import type { Dead } from '../intake/intake.ts';
import { keyOf } from '../intake/judge.ts';
import {
  arrivalStep,
  type Effects,
  type KeyedStates,
  stateFor,
  stepOf,
} from '../keyed/keyedState.ts';
import { checkedAlert, RunEffects } from '../keyed/runEffects.ts';

const STATE_BYTES_MAX = 64 * 1024;

export interface GateFold {
  /** A record has arrived. */
  arrived(arrival: ArrivalTime): void;
  decide(entry: Entry, event: unknown): 'pass' | 'filter' | Dead;
  /** Whether a commit can hold no more. */
  readonly isFull: boolean;
  readonly effects: Effects;
  /** The lane's arrival clock. */
  readonly lastArrival: ArrivalTime | undefined;
}

/** What a gate starts from. */
export interface GateStart {
  readonly states: KeyedStates;
  readonly lastArrival: ArrivalTime | undefined;
}

export function openGate(
  gate: Gate<unknown, Value>,
  { partitionKey }: Pick<Source<unknown>, 'partitionKey'>,
  start: GateStart,
): GateFold {
  return new OpenGate(gate, partitionKey, start);
}

class OpenGate implements GateFold {
  readonly #gate: Gate<unknown, Value>;
  readonly #partitionKey: Source<unknown>['partitionKey'];
  readonly #step: Duration;
  readonly effects: RunEffects;
  #lastArrival: ArrivalTime | undefined;

  constructor(
    gate: Gate<unknown, Value>,
    partitionKey: Source<unknown>['partitionKey'],
    { states, lastArrival }: GateStart,
  ) {
    this.#gate = gate;
    this.#partitionKey = partitionKey;
    this.effects = new RunEffects(states);
    this.#lastArrival = lastArrival;
    this.#step = arrivalStep(gate.stateRetention);
  }

  get lastArrival(): ArrivalTime | undefined {
    return this.#lastArrival;
  }

  get isFull(): boolean {
    return this.effects.isFull;
  }

  arrived(arrival: ArrivalTime): void {
    this.#lastArrival = latest(arrival, this.#lastArrival ?? arrival);
  }

  decide(entry: Entry, event: unknown): 'pass' | 'filter' | Dead {
    try {
      return this.#decide(entry, event);
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  }

  #decide(entry: Entry, event: unknown): 'pass' | 'filter' {
    const gate = this.#gate;
    const key = keyOf(gate, event);
    const arrival = stepOf(this.#lastArrival ?? entry.arrival, this.#step);
    const before = this.effects.get(key);
    const state = stateFor(before, arrival, gate.stateRetention) ?? gate.initial;
    const decision = gate.decide(state, event);
    const bytes = checkStorable('the state of the key', { state: decision.state }, STATE_BYTES_MAX);
    const alerts = (decision.alerts ?? []).map((row) => checkedAlert(gate.table, row));
    const partitionKey = before?.partitionKey ?? this.#partitionKey(event);
    // Nothing is thrown from here on.
    this.effects.change(key, { state: asStored(decision.state), arrival, partitionKey }, bytes);
    this.effects.alert(alerts);
    return decision.verdict;
  }
}

/** As the next batch will read it, so that it makes no difference where a batch ends. */
const asStored = (state: Value): Value =>
  typeof state === 'object' ? (JSON.parse(JSON.stringify(state)) as Value) : state;
