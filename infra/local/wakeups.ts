/**
 * How long somebody who found nothing waits before he looks again. The embedded Kinesis tells what changes its streams, so looking
 * is a precaution there; any other server has to be asked.
 */
import type { Timing } from './shardSource.ts';

export class Wakeups {
  /** The longest pause, in ms, of somebody who has found nothing for long. */
  readonly pauseMsMax: number;
  #next = new AbortController();

  constructor(pauseMsMax: number) {
    this.pauseMsMax = pauseMsMax;
  }

  /**
   * Aborts at the next change. Take it before you look: what changes while you look then ends the pause after it.
   */
  get next(): AbortSignal {
    return this.#next.signal;
  }

  /** Something has changed: nobody pauses any more. */
  wake(): void {
    const woken = this.#next;
    this.#next = new AbortController();
    woken.abort();
  }
}

/** Of the streams of a server that tells of changes, and of one that does not. */
export const PAUSE_MS_MAX = { told: 10_000, asked: 1_000 } as const;

/** A pause of `ms`, of which the first `msMin` are not cut short, so that many changes are one. */
export async function pause(
  timing: Timing,
  { ms, msMin }: { readonly ms: number; readonly msMin: number },
  { stop, wake }: { readonly stop: AbortSignal; readonly wake: AbortSignal },
): Promise<void> {
  await timing.sleep(Math.min(ms, msMin), stop);
  if (ms > msMin && !wake.aborted) {
    await timing.sleep(ms - msMin, AbortSignal.any([stop, wake]));
  }
}
