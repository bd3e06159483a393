/**
 * What an event, or the passing of time, does to the partial matches of one key. Pure: it gives the next
 * state and what to emit, and changes nothing. The rules are those of Flink's documentation of FlinkCEP.
 *
 * 1. Every event that satisfies the first step begins a partial match (Flink's `NO_SKIP`: matches overlap,
 *    and each is reported). From there on it is determined: `next`, `followedBy` and `times` never branch.
 * 2. A strict step has to be satisfied by the key's very next event, or the partial match is given up in silence. A
 *    relaxed step passes over events that do not satisfy it and takes the first one that does.
 * 3. `within` is exclusive. An event that comes exactly `within` after the first one, or later, finds the partial match
 *    timed out; it may still begin a new one.
 * 4. Events come in the order of (time, position), and `timeOut(at)` before any event of that time or later. Then
 *    results depend on the events alone, not on when `timeOut` is called or whether it is.
 * 5. Matches are reported at their last event, timed-out ones when their time has come; those of one transition in the
 *    order of their first events, which differ.
 * 6. Where a transition throws, the state stands: it is as if the event had not come.
 */
import { InvariantViolation } from '../../errors.ts';
import type { Match, Pattern, PatternEvent, TimedOut } from '../../job/pattern/sequence.ts';
import { type Contiguity, eventsPerMatch, type PatternStep } from '../../job/pattern/steps.ts';
import {
  type Duration,
  type EventTime,
  eventTime,
  isAfter,
  milliseconds,
} from '../../model/time.ts';
import {
  assertWithinLimits,
  type KeptEvent,
  keptEvent,
  type PartialMatch,
  type PatternState,
  partialMatches,
  stateOf,
} from './state.ts';

export interface PatternTransition<Event> {
  /** Undefined: nothing is kept for the key. The very state that was given where nothing changed. */
  readonly state: PatternState | undefined;
  readonly matches: readonly Match<Event>[];
  readonly timedOut: readonly TimedOut<Event>[];
  /** When the partial match that this event began will time out. */
  readonly timers: readonly EventTime[];
}

/**
 * Takes one event.
 * @throws PoisonEventError where the key would hold more than it may (`state.ts`, 4), and whatever a condition throws.
 */
export function advance<Event>(
  pattern: Pattern<Event>,
  state: PatternState | undefined,
  event: PatternEvent<Event>,
): PatternTransition<Event> {
  const before = state?.events ?? [];
  if (isAfter(before.at(-1)?.[0] ?? event.at, event.at)) {
    throw new InvariantViolation(`a pattern was given the event at ${event.position} out of order`);
  }
  const { due, open } = splitAt(pattern, state, event.at);
  const { taken, complete, partial } = take(pattern, open, event);
  const isUnchanged = taken === undefined && partial.length === state?.partial.length;
  const next = isUnchanged ? state : stateOf(taken ? [...before, taken] : before, partial);
  if (taken) assertWithinLimits(next);
  const begins = taken !== undefined && partial.at(-1)?.[0] === taken;
  return {
    state: next,
    matches: complete.map((match) => matchOf(pattern, match)),
    timedOut: due.map((match) => timedOutOf(pattern, match)),
    timers: begins && pattern.within !== undefined ? [deadlineOf(event.at, pattern.within)] : [],
  };
}

/** Gives up the partial matches whose time has come: those with first event + `within` ≤ `at`. */
export function timeOut<Event>(
  pattern: Pattern<Event>,
  state: PatternState | undefined,
  at: EventTime,
): PatternTransition<Event> {
  const { due, open } = splitAt(pattern, state, at);
  return {
    state: due.length === 0 ? state : stateOf(state?.events ?? [], open),
    matches: [],
    timedOut: due.map((match) => timedOutOf(pattern, match)),
    timers: [],
  };
}

/** The partial matches whose time has come by `at`, and the others. */
function splitAt<Event>(
  { within }: Pattern<Event>,
  state: PatternState | undefined,
  at: EventTime,
): { readonly due: readonly PartialMatch[]; readonly open: readonly PartialMatch[] } {
  const all = partialMatches(state);
  if (within === undefined) return { due: [], open: all };
  const isDue = (match: PartialMatch): boolean => deadlineOf(beginOf(match), within) <= at;
  return { due: all.filter(isDue), open: all.filter((match) => !isDue(match)) };
}

interface Taken {
  /** The event as it is stored, if any match took it. */
  readonly taken: KeptEvent | undefined;
  readonly complete: readonly PartialMatch[];
  readonly partial: readonly PartialMatch[];
}

/** Offers the event to every open partial match, then to the empty one, which is how a match begins. */
function take<Event>(
  pattern: Pattern<Event>,
  open: readonly PartialMatch[],
  { event, at, position }: PatternEvent<Event>,
): Taken {
  const length = eventsPerMatch(pattern.steps);
  const answers = new Map<PatternStep<Event>, boolean>();
  let taken: KeptEvent | undefined;
  const complete: PartialMatch[] = [];
  const partial: PartialMatch[] = [];
  for (const match of [...open, []]) {
    const { step, contiguity } = awaited(pattern, match.length);
    const fits = answers.get(step) ?? step.condition(event);
    answers.set(step, fits);
    if (fits) {
      taken ??= keptEvent(at, position, event);
      (match.length + 1 === length ? complete : partial).push([...match, taken]);
    } else if (contiguity === 'relaxed' && match.length > 0) partial.push(match);
  }
  return { taken, complete, partial };
}

/** Which step takes the next event of a partial match that has taken so many, and how close it must be. */
function awaited<Event>(
  { steps, shape }: Pattern<Event>,
  taken: number,
): { readonly step: PatternStep<Event>; readonly contiguity: Contiguity } {
  let before = 0;
  for (const step of steps) {
    if (taken < before + step.times) {
      return { step, contiguity: taken === before ? step.follows : step.repeats };
    }
    before += step.times;
  }
  throw new InvariantViolation(`a stored partial match of ${taken} events is not of "${shape}"`);
}

function matchOf<Event>({ steps }: Pattern<Event>, match: PartialMatch): Match<Event> {
  // What is stored under this pattern's shape are its own events.
  const events = match.map(([at, position, event]) => ({ event: event as Event, at, position }));
  const byStep: Record<string, readonly PatternEvent<Event>[]> = {};
  let before = 0;
  for (const { name, times } of steps) {
    if (before < events.length) byStep[name] = events.slice(before, before + times);
    before += times;
  }
  return { events, steps: byStep };
}

/** Only patterns with a `within` have matches that time out. */
function timedOutOf<Event>(pattern: Pattern<Event>, match: PartialMatch): TimedOut<Event> {
  const at = deadlineOf(beginOf(match), pattern.within ?? milliseconds(0));
  return { ...matchOf(pattern, match), at };
}

const deadlineOf = (begin: EventTime, within: Duration): EventTime => eventTime(begin + within);

/** The time of its first event; a partial match has one. */
const beginOf = (match: PartialMatch): EventTime => match[0]?.[0] ?? eventTime(Number.NaN);
