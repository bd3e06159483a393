/**
 * The second half of a pattern job's batch: what the watermark has passed is given to the pattern, in the order of event
 * time, as much as one commit may let go. Where it is cut makes no difference to what comes out: the rest is given later, in the
 * same order, to the states that are stored by then. Pure.
 */
import { InvariantViolation } from '../../errors.ts';
import type { TimedOut } from '../../job/pattern/sequence.ts';
import type { AlertOutput, PatternJob } from '../../job/patternJob.ts';
import { formatPosition, parsePosition } from '../../model/position.ts';
import { type EventTime, isAfter, type Watermark, watermarkAt } from '../../model/time.ts';
import type { Value } from '../../ports/table.ts';
import type { Entry } from '../../records/entry.ts';
import { checkAlert } from '../checkStorable.ts';
import { reasonOf } from '../intake/deadReason.ts';
import type { SideEvent } from '../intake/progress.ts';
import {
  type Alert,
  type KeyedState,
  type KeyedStates,
  laterArrival,
  type Redo,
  stateFor,
} from '../redo.ts';
import { advance, type PatternTransition, timeOut } from './advance.ts';
import { Heap } from './heap.ts';
import {
  comparePlaces,
  type Held,
  type HeldContent,
  type HeldEvent,
  type HeldTimer,
  isPassed,
  justPast,
  type Place,
  placeOf,
} from './held.ts';
import type { PatternState } from './state.ts';
import type { Due } from './waits.ts';

/**
 * Events and time-outs that a commit lets go: each may change a key's state, which is put when the commit is applied. An event
 * brings at most one time-out, so that what is due does not grow while commits take half as many entries.
 */
export const LET_GO_MAX = 4_000;
/** Alerts of a commit, and their bytes. The last event may bring more of them: one for each partial match of its key. */
const ALERTS_MAX = 4_000;
const ALERT_BYTES_MAX = 8 * 1024 * 1024;

export interface Release {
  readonly redo: Redo;
  /** Time-outs that were set and are not let go. */
  readonly timers: readonly HeldTimer[];
  /** Events on which the job's own code threw: they were accepted when they came. */
  readonly dead: readonly SideEvent[];
  /** Where it stopped; undefined where all that the watermark has passed is let go. */
  readonly letGo: Place | undefined;
}

/** @param stored the states of all keys in the queue. */
export function release(
  job: PatternJob,
  due: Due,
  watermark: Watermark,
  stored: KeyedStates,
): Release {
  const going = new Going(job, stored);
  const coming = new Coming(due, watermark);
  let last: Held | undefined;
  let letGo = due.end;
  for (let taken = 0; coming.first; taken += 1) {
    if (last && (taken >= LET_GO_MAX || going.isFull)) {
      letGo = placeOf(last);
      break;
    }
    last = coming.take();
    coming.add(last.kind === 'event' ? going.take(last) : going.giveUp(last));
  }
  return { ...going.result(), timers: coming.timers, letGo };
}

/** What is due, and the time-outs that are set on the way, in order. */
class Coming {
  readonly #due: Due;
  readonly #watermark: Watermark;
  #next = 0;
  /** Set and due. */
  readonly #set = new Heap<HeldTimer>(comparePlaces);
  readonly #waiting: HeldTimer[] = [];

  constructor(due: Due, watermark: Watermark) {
    this.#due = due;
    this.#watermark = watermark;
  }

  get first(): Held | undefined {
    const { queue, end } = this.#due;
    const waited = queue[this.#next];
    const timer = this.#set.first;
    const first = !waited || (timer && comparePlaces(timer, waited) < 0) ? timer : waited;
    return first && end && comparePlaces(first, end) > 0 ? undefined : first;
  }

  take(): Held {
    const { first } = this;
    if (first === undefined) throw new InvariantViolation('nothing is due');
    if (first === this.#set.first) this.#set.take();
    else this.#next += 1;
    return first;
  }

  add(timers: readonly HeldTimer[]): void {
    for (const timer of timers) {
      if (isPassed(timer, this.#watermark)) this.#set.add(timer);
      else this.#waiting.push(timer);
    }
  }

  /** Those that were set and not taken. */
  get timers(): HeldTimer[] {
    return [...this.#set, ...this.#waiting];
  }
}

class Going {
  readonly #alerts: Alert[] = [];
  #alertBytes = 0;
  readonly #job: PatternJob;
  readonly #stored: KeyedStates;
  readonly #states = new Map<string, KeyedState>();
  readonly #dead: SideEvent[] = [];

  constructor(job: PatternJob, stored: KeyedStates) {
    this.#job = job;
    this.#stored = stored;
  }

  /** Gives the time-outs that it sets. */
  take(held: HeldEvent): readonly HeldTimer[] {
    const { entry, at, content } = held;
    if ('problem' in content) {
      this.#deadLetter(held, content.problem);
      return [];
    }
    const { key, event } = content;
    const before = this.#before(key);
    const state = stateFor(before, entry.arrival, this.#job.stateRetention);
    if (isOutOfOrder(at, state as PatternState | undefined)) {
      this.#deadLetter(held, TAKEN_LATER);
      return [];
    }
    try {
      const transition = advance(this.#job.match, state as PatternState | undefined, {
        event,
        at,
        position: formatPosition(entry),
      });
      const alerts = this.#alertsOf(transition, key);
      const timers = this.#timersOf(transition, content);
      // Of records that found nothing, nothing is known: a key that has nothing is not written.
      const known = before?.state === undefined ? undefined : before.arrival;
      this.#keep(key, before, transition.state, laterArrival(entry.arrival, known));
      this.#keepAlerts(alerts);
      return timers;
    } catch (error) {
      this.#deadLetter(held, reasonOf(error));
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
        this.#keepAlerts(rowsOf(this.#job.timedOut, [found], key));
      } catch (error) {
        const entry = entryOf(found, { arrival: before.arrival, partitionKey });
        this.#dead.push({
          kind: 'dead',
          entry,
          watermark: watermarkAt(at),
          reason: reasonOf(error),
        });
      }
    }
    return [];
  }

  result(): Pick<Release, 'redo' | 'dead'> {
    return { redo: { states: this.#states, alerts: this.#alerts }, dead: this.#dead };
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

  /** Whether there are as many alerts as a commit may bring. */
  get isFull(): boolean {
    return this.#alerts.length >= ALERTS_MAX || this.#alertBytes >= ALERT_BYTES_MAX;
  }

  #keepAlerts(alerts: readonly SizedAlert[]): void {
    for (const { bytes, ...alert } of alerts) {
      this.#alerts.push(alert);
      this.#alertBytes += bytes;
    }
  }

  #alertsOf({ matches, timedOut }: PatternTransition<unknown>, key: string): SizedAlert[] {
    const { alerts, timedOut: timedOutOutput } = this.#job;
    return [
      ...rowsOf(alerts, matches, key),
      ...(timedOutOutput ? rowsOf(timedOutOutput, timedOut, key) : []),
    ];
  }

  /** Their partition key is not the record's: that may hold events of many keys, and goes by its first. */
  #timersOf(
    { timers }: PatternTransition<unknown>,
    { key, event }: HeldContent,
  ): readonly HeldTimer[] {
    const [source] = this.#job.sources;
    if (!this.#job.timedOut || !source || timers.length === 0) return [];
    const partitionKey = source.partitionKey(event);
    return timers.map((at) => ({ kind: 'timer', at, key, partitionKey }));
  }

  /** With the least watermark that lets it go: that of its batch depends on where the batch ends. */
  #deadLetter({ entry, at }: HeldEvent, reason: string): void {
    this.#dead.push({ kind: 'dead', entry, watermark: justPast(at), reason });
  }
}

/**
 * Why an event cannot be taken where its key's state is ahead of it. Either the key's events came over two shards; or the
 * state is of a commit that this attempt does not know yet, and then it finds the slot taken and nothing of this is stored.
 */
const TAKEN_LATER =
  'a later event of its key was taken before it, from another shard: put all events of a key with one partition key';

const isOutOfOrder = (at: EventTime, state: PatternState | undefined): boolean =>
  isAfter(state?.events.at(-1)?.[0] ?? at, at);

/** The event that began a partial match, as far as it is kept: for a dead letter. */
function entryOf(
  { events: [first] }: TimedOut<unknown>,
  kept: Pick<Entry, 'arrival' | 'partitionKey'>,
): Entry {
  const position = parsePosition(first?.position ?? '');
  if (!first || !position) throw new InvariantViolation('a partial match without a first event');
  return { ...position, ...kept, raw: JSON.stringify(first.event), value: first.event };
}

interface SizedAlert extends Alert {
  readonly bytes: number;
}

function rowsOf<Found>(
  output: AlertOutput<Found>,
  found: readonly Found[],
  key: string,
): SizedAlert[] {
  return found.map((each) => {
    const row = output.row(each, key);
    return { table: output.table.name, row, bytes: checkAlert(output.table, row) };
  });
}
