import type { JobId } from '../model/lane.ts';

/**
 * Asks for `closeWindows` or `fireTimers` to run soon for a job. A hint for latency only: it may be lost, late or
 * repeated, since the schedule runs them every minute anyway. Never throws.
 */
export interface Nudge {
  send(job: JobId): Promise<void>;
}

/** For whoever has nobody to wake: the schedule comes. */
export const NO_NUDGE: Nudge = { send: async () => {} };
