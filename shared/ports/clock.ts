import type { ProcessingTime } from '../model/time.ts';

/** The only way the engine learns what time it is; tests and the simulator own it. */
export interface Clock {
  now(): ProcessingTime;
}
