/** The browser's side of a feed, and of what is kept between visits. */
import type { Surroundings } from './feed.ts';

export const browserSurroundings: Surroundings = {
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Storage that is full, or forbidden, forgets: nothing else depends on it. */
export interface Memory {
  read(key: string): string | null;
  write(key: string, value: string): void;
}

export function memoryIn(storage: () => Storage): Memory {
  return {
    read(key) {
      try {
        return storage().getItem(key);
      } catch {
        return null;
      }
    },
    write(key, value) {
      try {
        storage().setItem(key, value);
      } catch {
        // The choice holds until the page is left.
      }
    },
  };
}
