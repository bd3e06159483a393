/** Why an event is a dead letter: the one place where an error becomes a reason. */
import { InvariantViolation, messageOf, PoisonEventError } from '../../errors.ts';
import { withPlace } from '../../model/throwPlace.ts';

/**
 * The reason of a dead letter at which the job's own code threw, or what is made of its event cannot be stored
 * (`PoisonEventError`). Throws an `InvariantViolation` on: that is a bug of the engine, and no fault of the event.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof InvariantViolation) throw error;
  if (error instanceof PoisonEventError) return shortened(error.message);
  return withPlace(`the job's own code threw: ${shortened(messageOf(error))}`, error);
}

const REASON_LENGTH_MAX = 500;

/** A reason may quote the event, which is kept beside it. As bytes in between, so that the rest is not kept in memory. */
export const shortened = (reason: string): string =>
  reason.length <= REASON_LENGTH_MAX
    ? reason
    : `${Buffer.from(reason.slice(0, REASON_LENGTH_MAX)).toString()}…`;
