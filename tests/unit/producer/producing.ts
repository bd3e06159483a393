/** Producers on a stream in memory, for the tests that put events through them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProducerOptions } from '../../../shared/producer/options.ts';
import { createProducer } from '../../../shared/producer/producer.ts';
import type { MemorySink } from './memorySink.ts';

/** Options with a clock that only moves when something sleeps. */
export function testTime(): Pick<ProducerOptions, 'now' | 'sleep' | 'random'> {
  let now = 0;
  return {
    now: () => now,
    async sleep(ms) {
      await nextTurn();
      now += ms;
    },
    random: () => 0.5,
  };
}

export interface TestEvent {
  readonly key: string;
  readonly line: string;
}

export const eventsOf = (count: number, keys: number): TestEvent[] =>
  Array.from({ length: count }, (_, n) => ({
    key: `key${(n * 7_919) % keys}`,
    line: JSON.stringify({ n, key: `key${(n * 7_919) % keys}` }),
  }));

export async function putAll(
  sink: MemorySink,
  events: readonly TestEvent[],
  options: Partial<ProducerOptions> = {},
) {
  const producer = createProducer({ sink, ...testTime(), ...options });
  for (const { key, line } of events) await producer.put(key, line);
  return producer.close();
}
