/**
 * A line of a file that its reader could not make an event of. It goes to the stream in an envelope that says
 * why, since only the reader knew how the line should have looked; every job dead-letters it with that reason.
 */
const ENVELOPE = 'tidemark:unreadable';

const REASON_LENGTH_MAX = 500;

export const encodeUnreadable = (line: string, reason: string): string =>
  JSON.stringify({ [ENVELOPE]: reason, line });

/** The reader's reason, where the value is such an envelope. */
export function unreadableReason(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, ENVELOPE)) {
    return undefined;
  }
  const reason: unknown = Reflect.get(value, ENVELOPE);
  return typeof reason === 'string' ? reason.slice(0, REASON_LENGTH_MAX).toWellFormed() : undefined;
}
