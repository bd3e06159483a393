import type { JobId } from '../model/lane.ts';

/**
 * Asks for `closeWindows` to run soon for a job. A hint for latency only: it may be lost, late or repeated,
 * since the schedule runs it every minute anyway. Never throws.
 */
export interface CloseSignal {
  send(job: JobId): Promise<void>;
}
