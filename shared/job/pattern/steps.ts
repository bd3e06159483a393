/**
 * The steps of a pattern as plain values, and the checks that a declaration has to pass where types cannot
 * see: names, counts, lengths of time.
 */
import { JobDefinitionError } from '../../errors.ts';
import type { Duration } from '../../model/time.ts';

/** Greatest number of events in one match, over all steps and repetitions. */
export const MATCH_EVENTS_MAX = 100;

/** Looks at nothing but the event, and always answers the same for it. A throw makes the event a dead letter. */
export type Condition<Event> = (event: Event) => boolean;

/** `strict`: the very next event of the key. `relaxed`: the next one that fits; others are passed over. */
export type Contiguity = 'strict' | 'relaxed';

export interface PatternStep<Event> {
  readonly name: string;
  condition(event: Event): boolean;
  /** How close it follows the step before. The first step follows none and begins at any event that fits. */
  readonly follows: Contiguity;
  readonly times: number;
  /** How close its repetitions follow each other. */
  readonly repeats: Contiguity;
}

export type Steps<Event> = readonly PatternStep<Event>[];

/** How many events a whole match has. */
export function eventsPerMatch<Event>(steps: Steps<Event>): number {
  return steps.reduce((sum, { times }) => sum + times, 0);
}

export function withStep<Event>(
  steps: Steps<Event>,
  name: string,
  condition: Condition<Event>,
  follows: Contiguity,
): Steps<Event> {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name)) {
    throw new JobDefinitionError(
      `a step of a pattern is named "${name}"; use up to 64 letters, digits, "-" and "_", a letter first`,
    );
  }
  if (steps.some((step) => step.name === name)) {
    throw new JobDefinitionError(`the pattern has two steps named "${name}"`);
  }
  return limited([...steps, { name, condition, follows, times: 1, repeats: 'relaxed' }]);
}

export function repeated<Event>(steps: Steps<Event>, times: number): Steps<Event> {
  if (!(Number.isInteger(times) && times >= 1)) {
    throw new JobDefinitionError(
      `step "${steps.at(-1)?.name}" is to occur ${times} times; give a whole number from 1`,
    );
  }
  return limited(withLast(steps, { times }));
}

export function withLast<Event>(
  steps: Steps<Event>,
  change: Partial<Pick<PatternStep<Event>, 'times' | 'repeats'>>,
): Steps<Event> {
  return steps.map((step, i) => (i === steps.length - 1 ? { ...step, ...change } : step));
}

function limited<Event>(steps: Steps<Event>): Steps<Event> {
  const length = eventsPerMatch(steps);
  if (length <= MATCH_EVENTS_MAX) return steps;
  throw new JobDefinitionError(
    `a match of the pattern would have ${length} events; ${MATCH_EVENTS_MAX} is the most`,
  );
}

export function checkedWithin(within: Duration): Duration {
  if (Number.isSafeInteger(within) && within > 0) return within;
  throw new JobDefinitionError(
    `the pattern is to match within ${within} ms; give a whole number of milliseconds above 0`,
  );
}

/** `fail 2 consecutive; next pay 1; within 2000`: readable where two deployments disagree. */
export function sentenceOf<Event>(steps: Steps<Event>, within: Duration | 'ever'): string {
  const words = steps.map(({ name, follows, times, repeats }, i) => {
    const start = i === 0 ? '' : follows === 'strict' ? 'next ' : 'followedBy ';
    const loop = times > 1 && repeats === 'strict' ? ' consecutive' : '';
    return `${start}${name} ${times}${loop}`;
  });
  return [...words, `within ${within}`].join('; ');
}
