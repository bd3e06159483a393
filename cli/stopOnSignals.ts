/** Ctrl-C, and what a system sends that ends: what is under way ends in order, and a second one ends it at once. */
import { INTERRUPTED } from './failure.ts';

/** A terminal sends Ctrl-C to npm and to us, and npm passes its own on: within this time it is the same one. */
const SAME_SIGNAL_MS = 1_000;

export interface Stopping {
  readonly signal: AbortSignal;
  /** From now on such a signal ends the process, as it does without this. */
  release(): void;
}

export function stopOnSignals(onStop: () => void): Stopping {
  const stopping = new AbortController();
  let firstAt = 0;
  const stop = () => {
    if (!stopping.signal.aborted) {
      firstAt = performance.now();
      onStop();
      stopping.abort();
    } else if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(INTERRUPTED);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  return {
    signal: stopping.signal,
    release() {
      for (const signal of SIGNALS) process.off(signal, stop);
    },
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Ends with the signal, also where the next one does not come: a pipe may be silent for ever. */
export async function* untilAborted<T>(
  events: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = events[Symbol.asyncIterator]();
  let onAbort = () => {};
  const abort = () => onAbort();
  signal.addEventListener('abort', abort);
  // Not `Promise.race` with one promise for the signal: that would hold on to every event until it is settled.
  const next = () =>
    new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
      onAbort = () => resolve(undefined);
      iterator.next().then(resolve, reject);
    });
  try {
    while (!signal.aborted) {
      const result = await next();
      if (!result || result.done) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    // Not waited for: it comes behind the event that is being waited for.
    iterator.return?.().catch(() => {});
  }
}
