/** Reads the same again and again. One reading at a time: the next one waits until the last has ended, however long it took. */
import { setTimeout as delay } from 'node:timers/promises';
import { endingOf } from './failure.ts';

/** What becomes of readings. */
export interface View<T> {
  show(reading: T): void;
  /** A reading failed, in a line; what was shown before stands. */
  fail(text: string): void;
  end(): void;
}

export interface Pace {
  /** Ends the watching, in the middle of a reading too. */
  readonly signal: AbortSignal;
  /** Between readings; ends early with the watching. */
  pause(): Promise<void>;
}

const MS_PER_SECOND = 1_000;

export const pacedBy = (seconds: number, signal: AbortSignal): Pace => ({
  signal,
  pause: () => delay(seconds * MS_PER_SECOND, undefined, { signal }).catch(() => {}),
});

type Outcome<T> = { readonly read: T } | { readonly failed: unknown } | 'stopped';

/** Throws what the first reading throws: then the question or the server is a wrong one. Later ones may fail, and it goes on. */
export async function watch<T>(
  read: () => Promise<T>,
  view: View<T>,
  { signal, pause }: Pace,
): Promise<void> {
  const stopped = new Promise<'stopped'>((resolve) => {
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    if (signal.aborted) resolve('stopped');
  });
  const reading = (): Promise<Outcome<T>> => {
    const outcome = read().then(
      (value) => ({ read: value }),
      (error: unknown) => ({ failed: error }),
    );
    return Promise.race([stopped, outcome]);
  };
  let outcome = await reading();
  if (outcome !== 'stopped' && 'failed' in outcome) throw outcome.failed;
  while (outcome !== 'stopped') {
    if ('failed' in outcome) view.fail(endingOf(outcome.failed).line ?? '');
    else view.show(outcome.read);
    await pause();
    outcome = signal.aborted ? 'stopped' : await reading();
  }
  view.end();
}

const LAST_REQUEST_MS_MAX = 200;

/** Ctrl-C is how a watching ends, so it ends well, with code 0. A second one finds no listener, and ends the process at once. */
export async function untilInterrupted(
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  const interrupt = () => ending.abort();
  // Not `once`: what restores the cursor ends the process where it finds itself the only listener.
  process.on('SIGINT', interrupt);
  try {
    await work(ending.signal);
  } finally {
    process.off('SIGINT', interrupt);
    // A request that nobody answers is not waited for.
    setTimeout(() => process.exit(), LAST_REQUEST_MS_MAX).unref();
  }
}
