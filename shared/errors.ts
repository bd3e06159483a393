/**
 * Errors, named by what the runtime does when it meets one. Expected outcomes are return values, not
 * errors; an error here always changes what happens next.
 */

/**
 * A declaration, a parameter or a call makes no sense, or does not fit what is stored. It is refused, and nothing is changed;
 * trying again is no use.
 */
export class JobDefinitionError extends Error {
  override name = 'JobDefinitionError';
}

/** This one event can never be processed. It becomes a dead letter with this message; the shard goes on. */
export class PoisonEventError extends Error {
  override name = 'PoisonEventError';
}

/** Infrastructure said no for now. The invocation fails and the same records come again. */
export class RetryableError extends Error {
  override name = 'RetryableError';
}

/** Someone newer holds the lease or wrote the row. Give up this run; the newer one does the work. */
export class FencedError extends Error {
  override name = 'FencedError';
}

/** A write may or may not have happened: no reply came. Read the state, then decide. */
export class UnknownOutcomeError extends Error {
  override name = 'UnknownOutcomeError';
}

/** Newer code wrote what is stored, and this one cannot read it. Stop and change nothing until that code is back. */
export class NewerFormatError extends Error {
  override name = 'NewerFormatError';
}

/**
 * Something cannot be, by the engine's own rules: a bug, a deleted item, a mapping or a right that the deployment should have
 * made. Crash and alarm; never guess.
 */
export class InvariantViolation extends Error {
  override name = 'InvariantViolation';
}

/** What is said of whatever was thrown, which may be anything. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'what is no error and has no text';
  }
}
