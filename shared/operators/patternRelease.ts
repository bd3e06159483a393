/**
 * The second half of a pattern job's batch: what the watermark has passed is given to the pattern, key by key, in the
 * order of event time. Pure.
 */
import { InvariantViolation } from '../errors.ts';
import type { AlertOutput, PatternJob } from '../job/patternJob.ts';
import { formatPosition, parsePosition } from '../model/position.ts';
import { type Watermark, watermarkAt } from '../model/time.ts';
import type { Value } from '../ports/table.ts';
import type { Entry } from '../records/entry.ts';
import { checkAlert } from './alertRow.ts';
import { compareHeld, type Held, type HeldEvent, type HeldTimer, isPassed } from './held.ts';
import { thrownReason } from './judge.ts';
import { advance, type PatternTransition, timeOut } from './pattern/advance.ts';
import type { TimedOut } from './pattern/sequence.ts';
import type { PatternState } from './pattern/state.ts';
import { justPast } from './patternIntake.ts';
import type { SideEvent } from './progress.ts';
import {
  type Alert,
  type KeyedState,
  type KeyedStates,
  laterArrival,
  type Redo,
  stateFor,
} from './redo.ts';

export interface Release {
  readonly redo: Redo;
  /** Time-outs that were set and that the watermark has not passed. */
  readonly timers: readonly HeldTimer[];
  /** Events on which the job's own code threw: they were accepted when they came. */
  readonly dead: readonly SideEvent[];
}

/** The keys whose states a release needs. */
export const keysDue = (held: Iterable<Held>, watermark: Watermark): Set<string> => {
  const keys = new Set<string>();
  for (const each of held) {
    if (isPassed(each, watermark) && !('problem' in each)) keys.add(each.key);
  }
  return keys;
};

/** @param stored the states of all keys that are due. */
export function release(
  job: PatternJob,
  held: readonly Held[],
  watermark: Watermark,
  stored: KeyedStates,
): Release {
  const going = new Going(job, stored);
  const queue = held.filter((each) => isPassed(each, watermark)).sort(compareHeld);
  for (let i = 0; i < queue.length; i += 1) {
    const next = queue[i] as Held;
    const timers = next.kind === 'event' ? going.take(next) : going.giveUp(next);
    for (const timer of timers) {
      if (isPassed(timer, watermark)) insert(queue, i + 1, timer);
      else going.timers.push(timer);
    }
  }
  return going.result();
}

/** Behind everything that is released no later; the queue is in order from `from` on. */
function insert(queue: Held[], from: number, timer: HeldTimer): void {
  let low = from;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareHeld(queue[middle] as Held, timer) <= 0) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, timer);
}

class Going {
  readonly timers: HeldTimer[] = [];
  readonly #job: PatternJob;
  readonly #stored: KeyedStates;
  readonly #states = new Map<string, KeyedState>();
  readonly #alerts: Alert[] = [];
  readonly #dead: SideEvent[] = [];

  constructor(job: PatternJob, stored: KeyedStates) {
    this.#job = job;
    this.#stored = stored;
  }

  /** Gives the time-outs that it sets. */
  take(held: HeldEvent): readonly HeldTimer[] {
    const { entry, key, at, event } = held;
    if (held.problem !== undefined) {
      this.#bury(held, held.problem);
      return [];
    }
    const before = this.#before(key);
    const state = stateFor(before, entry.arrival, this.#job.stateRetention);
    if (isBehind(at, state as PatternState | undefined)) {
      this.#bury(held, TAKEN_LATER);
      return [];
    }
    try {
      const transition = advance(this.#job.match, state as PatternState | undefined, {
        event,
        at,
        position: formatPosition(entry),
      });
      const alerts = this.#alertsOf(transition, key);
      const timers = this.#timersOf(transition, held);
      this.#keep(key, before, transition.state, laterArrival(entry.arrival, before?.arrival));
      this.#alerts.push(...alerts);
      return timers;
    } catch (error) {
      if (error instanceof InvariantViolation) throw error;
      this.#bury(held, thrownReason(error));
      return [];
    }
  }

  giveUp({ key, at, partitionKey }: HeldTimer): readonly HeldTimer[] {
    const before = this.#before(key);
    if (before?.state === undefined || this.#job.timedOut === undefined) return [];
    const transition = timeOut(this.#job.match, before.state as unknown as PatternState, at);
    this.#keep(key, before, transition.state, before.arrival);
    for (const found of transition.timedOut) {
      try {
        this.#alerts.push(...rowsOf(this.#job.timedOut, [found], key));
      } catch (error) {
        const entry = entryOf(found, { arrival: before.arrival, partitionKey });
        this.#dead.push({
          kind: 'dead',
          entry,
          watermark: watermarkAt(at),
          reason: thrownReason(error),
        });
      }
    }
    return [];
  }

  result(): Release {
    return {
      redo: { states: this.#states, alerts: this.#alerts },
      timers: this.timers,
      dead: this.#dead,
    };
  }

  #before(key: string): KeyedState | undefined {
    return this.#states.get(key) ?? this.#stored.get(key);
  }

  /** A key that had nothing and has nothing is not written. */
  #keep(
    key: string,
    before: KeyedState | undefined,
    state: PatternState | undefined,
    arrival: KeyedState['arrival'],
  ): void {
    if (state === undefined && before?.state === undefined) return;
    const kept = state === undefined ? {} : { state: state as unknown as Value };
    this.#states.set(key, { arrival, ...kept });
  }

  #alertsOf({ matches, timedOut }: PatternTransition<unknown>, key: string): Alert[] {
    const { alerts, timedOut: timedOutOutput } = this.#job;
    return [
      ...rowsOf(alerts, matches, key),
      ...(timedOutOutput ? rowsOf(timedOutOutput, timedOut, key) : []),
    ];
  }

  /** Their partition key is not the record's: that may hold events of many keys, and goes by its first. */
  #timersOf(
    { timers }: PatternTransition<unknown>,
    { key, event }: HeldEvent,
  ): readonly HeldTimer[] {
    const [source] = this.#job.sources;
    if (!this.#job.timedOut || !source || timers.length === 0) return [];
    const partitionKey = source.partitionKey(event);
    return timers.map((at) => ({ kind: 'timer', at, key, partitionKey }));
  }

  /** With the least watermark that lets it go: that of its batch depends on where the batch ends. */
  #bury({ entry, at }: HeldEvent, reason: string): void {
    this.#dead.push({ kind: 'dead', entry, watermark: justPast(at), reason });
  }
}

/**
 * Why an event cannot be taken where its key's state is ahead of it. Either the key's events came over two shards; or the
 * state is of a commit that this attempt does not know yet, and then it finds the slot taken and nothing of this is stored.
 */
const TAKEN_LATER =
  'a later event of its key was taken before it, from another shard: put all events of a key with one partition key';

const isBehind = (at: HeldEvent['at'], state: PatternState | undefined): boolean =>
  (state?.events.at(-1)?.[0] ?? at) > at;

/** The event that began a partial match, as far as it is kept: for a dead letter. */
function entryOf(
  { events: [first] }: TimedOut<unknown>,
  kept: Pick<Entry, 'arrival' | 'partitionKey'>,
): Entry {
  const position = parsePosition(first?.position ?? '');
  if (!first || !position) throw new InvariantViolation('a partial match without a first event');
  return { ...position, ...kept, raw: JSON.stringify(first.event), value: first.event };
}

function rowsOf<Found>(output: AlertOutput<Found>, found: readonly Found[], key: string): Alert[] {
  return found.map((each) => {
    const row = output.row(each, key);
    checkAlert(output.table, row);
    return { table: output.table.name, row };
  });
}
