/** Waiting for what other processes do: bounded, and in the end it says what did not come. */
import { setTimeout as delay } from 'node:timers/promises';

export type Progress =
  | { readonly done: true; readonly missing?: never }
  | { readonly done?: never; readonly missing: string };

const INTERVAL_MS = 500;

/**
 * @param what for the error: "the emulator to be ready"
 * @param look throws where waiting longer is of no use
 */
export async function eventually(
  what: string,
  limitMs: number,
  look: () => Promise<Progress>,
): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    const { missing } = await look();
    if (missing === undefined) return;
    if (performance.now() > giveUpAt) {
      throw new Error(`waited ${limitMs / 1_000} s for ${what}: ${missing}`);
    }
    await delay(INTERVAL_MS);
  }
}
