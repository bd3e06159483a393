/** When to ask again. */

const JITTER = 0.15;
const BACKOFF_MAX_MS = 60_000;
/** What a server may ask for, and no more. */
const RETRY_AFTER_MAX_MS = 300_000;
const FACTOR = 2;

export interface Outcome {
  readonly everyMs: number;
  /** Failures in a row. */
  readonly failures: number;
  /** What the server asked for, with 429 and 503. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Each page at another moment, so that a wall of screens does not ask at once; twice as long after each failure, up to a
 * minute. `random` is of [0, 1).
 */
export function delayOf({ everyMs, failures, retryAfterMs = 0 }: Outcome, random: number): number {
  const backedOff = Math.max(everyMs, Math.min(everyMs * FACTOR ** failures, BACKOFF_MAX_MS));
  const jittered = backedOff * (1 - JITTER + 2 * JITTER * random);
  return Math.round(Math.max(jittered, Math.min(retryAfterMs, RETRY_AFTER_MAX_MS)));
}

/** Seconds, as RFC 9110 has it; a date is not worth a clock that both sides agree on. */
export function retryAfterOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined;
}
