import { afterEach, describe, expect, it } from 'vitest';
import { Wakeups } from '../../../infra/local/wakeups.ts';
import { type FakeStream, fastTiming } from './fakeStream.ts';
import { oneShard, run, stopAll } from './mappingRun.ts';

afterEach(stopAll);

describe('a shard that is idle', () => {
  const PAUSE_MS_MAX = 10_000;
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
  };

  it('is read less and less often, and so is the list of shards', async () => {
    const stream = oneShard('a');
    const asked: string[] = [];
    const counting: FakeStream = {
      ...stream,
      read(...given) {
        asked.push('read');
        return stream.read(...given);
      },
      listShards() {
        asked.push('list');
        return stream.listShards();
      },
    };
    const wakeups = new Wakeups(PAUSE_MS_MAX);
    const { runner, timing } = run(counting, undefined, { wakeups });
    await runner.waitUntilDrained();
    await turns(100);
    asked.length = 0;
    const start = timing.now();
    await turns(200);
    // Poller and runner move the same clock, so each pauses at most twice as long by it.
    const pauses = (timing.now() - start) / PAUSE_MS_MAX;
    expect(pauses).toBeGreaterThan(10);
    expect(asked.length).toBeLessThan(3 * pauses);
  });

  it('is read at once when something was put', async () => {
    const wakeups = new Wakeups(PAUSE_MS_MAX);
    const fast = fastTiming();
    const timing: ReturnType<typeof fastTiming> = {
      ...fast,
      /** What is longer than a poll never ends by itself. */
      sleep: (ms, signal) =>
        ms <= 1_000
          ? fast.sleep(ms, signal)
          : new Promise((done) => {
              if (signal.aborted) done();
              else signal.addEventListener('abort', () => done(), { once: true });
            }),
    };
    const stream = oneShard('a');
    const { runner, batches } = run(stream, undefined, { wakeups, timing });
    await runner.waitUntilDrained();
    await turns(200);
    stream.put('shardId-0', 'b');
    await turns(200);
    expect(batches).toEqual(['a']);
    wakeups.wake();
    await turns(200);
    expect(batches).toEqual(['a', 'b']);
    // Asked whether it is drained, it looks at once, whether somebody told or not.
    stream.put('shardId-0', 'c');
    await runner.waitUntilDrained();
    expect(batches).toEqual(['a', 'b', 'c']);
  });
});
