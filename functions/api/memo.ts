/**
 * Answers that many viewers share: whoever asks within a moment gets what the first one got, and whoever asks while it is being
 * made waits for it. So a hundred viewers read what one does. Failures are not kept.
 */
import { LRUCache } from 'lru-cache';

/** Of text, of all answers together. */
const LENGTH_MAX = 16 * 1024 * 1024;
/** Of small ones, each takes a few hundred bytes beside its text. */
const ANSWERS_MAX = 10_000;

type Make = () => Promise<string>;

export interface Memo {
  /** @param keepMs for how long the answer may be given again */
  answer(key: string, keepMs: number, make: Make): Promise<string>;
}

/** @param now a clock that only goes forward, in ms */
export function createMemo(now: () => number): Memo {
  const answers = new LRUCache<string, string, Make>({
    max: ANSWERS_MAX,
    maxSize: LENGTH_MAX,
    sizeCalculation: (text, key) => text.length + key.length,
    perf: { now },
    // The clock is cheap, and a remembered time would keep answers for longer.
    ttlResolution: 0,
    // One that is thrown out while it is made is still who asked for it waits for.
    ignoreFetchAbort: true,
    fetchMethod: (_key, _stale, { context: make }) => make(),
  });
  return {
    async answer(key, ttl, make) {
      const text = await answers.fetch(key, { context: make, ttl });
      return text ?? make();
    },
  };
}
