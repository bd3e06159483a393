/** The machine's clock: the one place of the engine that asks what time it is. */
import { processingTime } from '../model/time.ts';
import type { Clock } from '../ports/ports.ts';

export const systemClock: Clock = { now: () => processingTime(Date.now()) };
