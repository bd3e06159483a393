/** Draws a picture every so often, where something happened since; the result stops it and waits for one under way. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Picture, Screen } from './screen.ts';

/** @param changes counts what a picture may show */
export function keepDrawing(
  screen: Screen,
  picture: () => Promise<Picture>,
  changes: () => number,
): () => Promise<void> {
  const stopped = new AbortController();
  const drawing = (async () => {
    for (let drawn = -1; ; ) {
      await delay(screen.interval, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) return;
      const shown = changes();
      if (shown === drawn) continue;
      // A picture that cannot be read now is drawn next time; what fails the work is said by the work.
      await picture().then(
        (read) => {
          screen.draw(read);
          drawn = shown;
        },
        () => {},
      );
    }
  })();
  return () => {
    stopped.abort();
    return drawing;
  };
}
