/**
 * The second half of a pattern job's batch: what the watermark has passed is given to the pattern, in the order of event
 * time, as much as one commit may let go. Where it is cut makes no difference to what comes out: the rest is given later, in the
 * same order, to the states that are stored by then. Pure.
 */
import { InvariantViolation } from '../../errors.ts';
import type { TimedOut } from '../../job/pattern/sequence.ts';
import type { AlertOutput, PatternJob } from '../../job/patternJob.ts';
import { Heap } from '../../model/heap.ts';
import { formatPosition, parsePosition } from '../../model/position.ts';
import { type Duration, type Watermark, watermarkAt } from '../../model/time.ts';
import type { Value } from '../../ports/table.ts';
import type { Entry } from '../../records/entry.ts';
import { reasonOf } from '../intake/deadReason.ts';
import type { SideEvent } from '../intake/progress.ts';
import {
  arrivalStep,
  type Effects,
  type KeptState,
  type KeyedStates,
  laterArrival,
  stateFor,
  stepOf,
} from '../keyed/keyedState.ts';
import { type CheckedAlert, checkedAlert, RunEffects } from '../keyed/runEffects.ts';
import { advance, type PatternTransition, timeOut } from './advance.ts';
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
import { bytesOf, type PatternState } from './state.ts';
import type { Due } from './waits.ts';

/**
 * Events and time-outs that a commit lets go. An event brings at most one time-out, so that what is due does not grow while
 * commits take half as many entries.
 */
export const LET_GO_MAX = 10_000;

export interface Release {
  readonly effects: Effects;
  /** Time-outs that were set and are not let go. */
  readonly timers: readonly HeldTimer[];
  /** Events on which the job's own code threw: they were accepted when they came. */
  readonly dead: readonly SideEvent[];
  /** Where it stopped; undefined where all that the watermark has passed is let go. */
  readonly letGo: Place | undefined;
}

/** @param stored the states before the commit. */
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
    if (last && (taken >= LET_GO_MAX || going.effects.isFull)) {
      letGo = placeOf(last);
      break;
    }
    last = coming.take();
    coming.add(last.kind === 'event' ? going.take(last) : going.giveUp(last));
  }
  return { effects: going.effects, dead: going.dead, timers: coming.timers, letGo };
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
  readonly #job: PatternJob;
  readonly #step: Duration;
  readonly effects: RunEffects;
  readonly dead: SideEvent[] = [];

  constructor(job: PatternJob, stored: KeyedStates) {
    this.#job = job;
    this.effects = new RunEffects(stored);
    this.#step = arrivalStep(job.stateRetention);
  }

  /** Gives the time-outs that it sets. */
  take(held: HeldEvent): readonly HeldTimer[] {
    const { entry, at, content } = held;
    if ('problem' in content) {
      this.#deadLetter(held, content.problem);
      return [];
    }
    const { key, event } = content;
    const before = this.effects.get(key);
    const arrived = stepOf(entry.arrival, this.#step);
    const state = stateFor(before, arrived, this.#job.stateRetention);
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
      const arrival = laterArrival(arrived, known);
      const partitionKey = before?.partitionKey ?? this.#partitionKeyOf(content);
      this.#keep(key, before, { state: transition.state, arrival, partitionKey });
      this.effects.alert(alerts);
      return timers;
    } catch (error) {
      this.#deadLetter(held, reasonOf(error));
      return [];
    }
  }

  giveUp({ key, at, partitionKey }: HeldTimer): readonly HeldTimer[] {
    const before = this.effects.get(key);
    if (before?.state === undefined || this.#job.timedOut === undefined) return [];
    const transition = timeOut(this.#job.match, before.state as unknown as PatternState, at);
    this.#keep(key, before, { ...before, state: transition.state });
    for (const found of transition.timedOut) {
      try {
        this.effects.alert(rowsOf(this.#job.timedOut, [found], key));
      } catch (error) {
        const entry = entryOf(found, { arrival: before.arrival, partitionKey });
        this.dead.push({
          kind: 'dead',
          entry,
          watermark: watermarkAt(at),
          reason: reasonOf(error),
        });
      }
    }
    return [];
  }

  /** A key that had nothing and has nothing is not written. */
  #keep(
    key: string,
    before: KeptState | undefined,
    { state, ...kept }: Omit<KeptState, 'state'> & { readonly state: PatternState | undefined },
  ): void {
    if (state === undefined && before?.state === undefined) return;
    const after = state === undefined ? {} : { state: state as unknown as Value };
    this.effects.change(key, { ...kept, ...after }, bytesOf(state));
  }

  #alertsOf({ matches, timedOut }: PatternTransition<unknown>, key: string): CheckedAlert[] {
    const { alerts, timedOut: timedOutOutput } = this.#job;
    return [
      ...rowsOf(alerts, matches, key),
      ...(timedOutOutput ? rowsOf(timedOutOutput, timedOut, key) : []),
    ];
  }

  #timersOf({ timers }: PatternTransition<unknown>, content: HeldContent): readonly HeldTimer[] {
    if (!this.#job.timedOut || timers.length === 0) return [];
    const partitionKey = this.#partitionKeyOf(content);
    return timers.map((at) => ({ kind: 'timer', at, key: content.key, partitionKey }));
  }

  /** Not the record's: that may hold events of many keys, and goes by its first. */
  #partitionKeyOf({ key, event }: HeldContent): string {
    return this.#job.sources[0]?.partitionKey(event) ?? key;
  }

  /** With the least watermark that lets it go: that of its batch depends on where the batch ends. */
  #deadLetter({ entry, at }: HeldEvent, reason: string): void {
    this.dead.push({ kind: 'dead', entry, watermark: justPast(at), reason });
  }
}

/** The event that began a partial match, as far as it is kept: for a dead letter. */
function entryOf(
  { events: [first] }: TimedOut<unknown>,
  kept: Pick<Entry, 'arrival' | 'partitionKey'>,
): Entry {
  const position = parsePosition(first?.position ?? '');
  if (!first || !position) throw new InvariantViolation('a partial match without a first event');
  return { ...position, ...kept, raw: JSON.stringify(first.event), value: first.event };
}

function rowsOf<Found>(
  output: AlertOutput<Found>,
  found: readonly Found[],
  key: string,
): CheckedAlert[] {
  return found.map((each) => checkedAlert(output.table, output.row(each, key)));
}
