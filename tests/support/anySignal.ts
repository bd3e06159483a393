/** Signals of few keys, at few times, for properties of jobs on them. */
import fc from 'fast-check';
import { type Signal, signal } from './signals.ts';

export const anySignal: fc.Arbitrary<Signal> = fc
  .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('open', 'done'), fc.nat({ max: 20 }))
  .map(([key, kind, tens]) => signal(key, kind, tens * 10));
