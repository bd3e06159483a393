/** What a generator is asked for, and what it is asked for where nobody says. */
import type { InputEvent } from '../inputEvent.ts';
export interface GeneratorOptions {
  /** A whole number; another seed gives other events. */
  readonly seed: number;
  /** How many events; they share the same span of event time, so more of them are denser. */
  readonly events: number;
  /** Traffic as on any day, where it is not said: what is measured. Or the evening of evening.ts. */
  readonly course?: 'usual' | 'evening';
}

export interface Sample {
  generate(options: GeneratorOptions): Generator<InputEvent>;
  /** How many events the sample has. */
  readonly events: number;
  /** What is in it, in one line. */
  readonly about: string;
}
