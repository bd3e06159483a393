/** A sample for every stream that has a generator: the same events for the same seed, everywhere. */

import type { StreamName } from '../../shared/model/lane.ts';
import type { InputEvent } from '../input/readInput.ts';
import { UsageError } from '../usageError.ts';
import { generateBehavior } from './userBehavior.ts';

export interface GeneratorOptions {
  /** A whole number; another seed gives other events. */
  readonly seed: number;
  /** How many events; they share the same span of event time, so more of them are denser. */
  readonly events: number;
}

export const SAMPLE: GeneratorOptions = { seed: 1, events: 40_000 };

const GENERATORS: Readonly<
  Record<StreamName, (options: GeneratorOptions) => Generator<InputEvent>>
> = {
  'user-behavior': generateBehavior,
};

/** Throws UsageError where the stream has no generator. */
export function generateEvents(
  stream: StreamName,
  options: GeneratorOptions,
): Generator<InputEvent> {
  const generate = Object.hasOwn(GENERATORS, stream) ? GENERATORS[stream] : undefined;
  if (!generate) {
    const known = Object.keys(GENERATORS).join(', ');
    throw new UsageError(`there is no generator for "${stream}"; there is one for ${known}`);
  }
  return generate(options);
}
