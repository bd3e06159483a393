/**
 * How a pattern is declared: steps in order, each with a condition on one event, how close it must follow the step
 * before, how often it repeats, and how long a whole match may take. `advance.ts` says what it matches.
 * The words and their meaning are Flink's ("FlinkCEP", sections "Combining Patterns" and "Contiguity within
 * looping patterns").
 *
 * 1. Declarations are values: every call returns a new one, so that a common beginning can be shared.
 * 2. What makes no sense does not compile (`consecutive` without `times`, `times` on `times`, anything after
 *    `within`, a literal name used twice) or is refused when the job is declared (`JobDefinitionError`).
 * 3. `shape` differs whenever stored partial matches would mean something else. It cannot see into
 *    conditions: a job that changes one gets a new version.
 */
import type { Duration, EventTime } from '../../model/time.ts';
import {
  type Condition,
  checkedWithin,
  repeated,
  type Steps,
  sentenceOf,
  withLast,
  withStep,
} from './steps.ts';

export interface Pattern<Event> {
  readonly steps: Steps<Event>;
  /** A match takes less than this from its first event to its last: exactly this long is too long. */
  readonly within: Duration | undefined;
  readonly shape: string;
}

/** A pattern whose partial matches time out. */
export interface TimedPattern<Event> extends Pattern<Event> {
  readonly within: Duration;
}

export interface PatternEvent<Event> {
  readonly event: Event;
  readonly at: EventTime;
  /** `<sequence>/<index>` */
  readonly position: string;
}

export interface Match<Event> {
  /** In order. */
  readonly events: readonly PatternEvent<Event>[];
  /** The same by the name of the step that took them. A step that took none yet has no entry. */
  readonly steps: Readonly<Record<string, readonly PatternEvent<Event>[]>>;
}

/** A partial match that can no longer become a match. */
export interface TimedOut<Event> extends Match<Event> {
  /** The time of the first event plus `within`. */
  readonly at: EventTime;
}

/** A declaration that goes on. It becomes a pattern by saying how long a match may take. */
interface Sequence<Event, Used extends string> {
  /** Strict: the very next event of the key has to fit, or the partial match ends. */
  next<Name extends string>(
    name: Fresh<Name, Used>,
    condition: Condition<Event>,
  ): SingleStep<Event, Used | Literal<Name>>;
  /** Relaxed: passes over what does not fit and takes the first event that does, only that one. */
  followedBy<Name extends string>(
    name: Fresh<Name, Used>,
    condition: Condition<Event>,
  ): SingleStep<Event, Used | Literal<Name>>;
  /** Exclusive, from the first event to the last. Partial matches that take as long time out. */
  within(duration: Duration): TimedPattern<Event>;
  /** A match may take for ever; a partial one is kept as long as the state of its key. */
  unbounded(): Pattern<Event>;
}

export interface SingleStep<Event, Used extends string> extends Sequence<Event, Used> {
  /** Exactly so many events for the last step, a whole number from 1; relaxed between them. */
  times(count: number): RepeatedStep<Event, Used>;
}

interface RepeatedStep<Event, Used extends string> extends Sequence<Event, Used> {
  /** Strict between the repetitions: any other event ends the partial match. */
  consecutive(): Sequence<Event, Used>;
}

/** A name that no earlier step has, as far as types can see. */
type Fresh<Name extends string, Used extends string> = Name extends Used ? never : Name;
type Literal<Name extends string> = string extends Name ? never : Name;

/**
 * Begins a pattern. Every event that satisfies the condition begins a partial match of its own.
 * @throws JobDefinitionError, like all that follows, where the declaration makes no sense.
 */
export function sequence<Event, Name extends string>(
  name: Name,
  condition: Condition<Event>,
): SingleStep<Event, Literal<Name>>;
export function sequence<Event>(
  name: string,
  condition: Condition<Event>,
): SingleStep<Event, never>;
export function sequence<Event>(
  name: string,
  condition: Condition<Event>,
): SingleStep<Event, never> {
  return declaration(withStep<Event>([], name, condition, 'relaxed'));
}

function declaration<Event, Used extends string>(
  steps: Steps<Event>,
): SingleStep<Event, Used> & RepeatedStep<Event, Used> {
  return {
    next: (name, condition) => declaration(withStep(steps, name, condition, 'strict')),
    followedBy: (name, condition) => declaration(withStep(steps, name, condition, 'relaxed')),
    times: (count) => declaration(repeated(steps, count)),
    consecutive: () => declaration(withLast(steps, { repeats: 'strict' })),
    within: (duration) => ({
      steps,
      within: checkedWithin(duration),
      shape: sentenceOf(steps, duration),
    }),
    unbounded: () => ({ steps, within: undefined, shape: sentenceOf(steps, 'ever') }),
  };
}
