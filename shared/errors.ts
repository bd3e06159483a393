/**
 * Errors, named by what the runtime does when it meets one. Expected outcomes are return values, not
 * errors; an error here always changes what happens next.
 */

/** The declaration or a parameter makes no sense. The function refuses to start; nothing was read. */
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

/** Stored state contradicts the engine's own rules: a bug or a deleted item. Crash and alarm; never guess. */
export class InvariantViolation extends Error {
  override name = 'InvariantViolation';
}
