import { setTimeout as delay } from 'node:timers/promises';
import type { Timing } from './shardSource.ts';

export const realTiming: Timing = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
};
