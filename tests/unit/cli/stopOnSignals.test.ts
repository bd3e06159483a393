import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { untilAborted } from '../../../cli/stopOnSignals.ts';

/** One, two, and then what the test says; notes that it was closed. */
function source(then: Promise<unknown>) {
  const seen = { isClosed: false };
  async function* events() {
    try {
      yield 1;
      yield 2;
      await then;
    } finally {
      seen.isClosed = true;
    }
  }
  return { events: events(), seen };
}

async function taken(events: AsyncIterable<number>, onEach: (n: number) => void = () => {}) {
  const all: number[] = [];
  for await (const n of events) {
    all.push(n);
    onEach(n);
  }
  return all;
}

describe('events until a signal', () => {
  it('are all of them where it never comes', async () => {
    const { events, seen } = source(Promise.resolve());
    expect(await taken(untilAborted(events, controller().signal))).toEqual([1, 2]);
    expect(seen.isClosed).toBe(true);
  });

  it('end between two of them, and the source is closed', async () => {
    const { events, seen } = source(Promise.resolve());
    const { signal, abort } = controller();
    expect(await taken(untilAborted(events, signal), abort)).toEqual([1]);
    await nextTurn();
    expect(seen.isClosed).toBe(true);
  });

  it('end while the next one is waited for', async () => {
    const { events } = source(new Promise(() => {}));
    const { signal, abort } = controller();
    const all = taken(untilAborted(events, signal));
    await nextTurn();
    abort();
    expect(await all).toEqual([1, 2]);
  });

  it('fail as their source does', async () => {
    const { events } = source(Promise.reject(new Error('cut short')));
    await expect(taken(untilAborted(events, controller().signal))).rejects.toThrow('cut short');
  });
});

function controller() {
  const stopping = new AbortController();
  return { signal: stopping.signal, abort: () => stopping.abort() };
}
