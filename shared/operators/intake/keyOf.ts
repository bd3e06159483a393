/** The key of an event: what its state, row and timers are kept under. One that cannot be stored would hold its shard. */
import { PoisonEventError } from '../../errors.ts';

/** In a table's partition key, and 400 times in a timer sheet. */
const ROW_KEY_BYTES_MAX = 1_024;

/** The key, of any length. Throws PoisonEventError, and what the job's own function throws. */
export function keyOf<Event>(job: { key(event: Event): string }, event: Event): string {
  const key: unknown = job.key(event);
  if (typeof key === 'string' && key.isWellFormed()) return key;
  throw new PoisonEventError('its key is not text that UTF-8 can store');
}

/** The key of a row. Throws PoisonEventError, and what the job's own function throws. */
export function rowKeyOf<Event>(job: { key(event: Event): string }, event: Event): string {
  const key = keyOf(job, event);
  const bytes = Buffer.byteLength(key);
  if (bytes > 0 && bytes <= ROW_KEY_BYTES_MAX) return key;
  throw new PoisonEventError(
    `its key has ${bytes} bytes; a row's key has 1 to ${ROW_KEY_BYTES_MAX}`,
  );
}
