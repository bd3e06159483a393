/** Work on many items, a few at a time. */

const AT_ONCE = 32;

/**
 * Waits for everything that was started, also after a failure: no write of ours is under way once the caller knows
 * of it. The first failure is thrown.
 */
export async function inTurns<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  for (let at = 0; at < items.length; at += atOnce) {
    const outcomes = await Promise.allSettled(items.slice(at, at + atOnce).map(work));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}
