/** When the events of several streams go, by one clock of event time; in a time that passes only where everybody waits. */
import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { paceOf } from '../../../infra/local/pace.ts';
import type { Timing } from '../../../infra/local/shardSource.ts';
import type { InputEvent } from '../../../inputs/readInput.ts';

const START = Date.UTC(2026, 2, 2, 10);
const SPEED = 1_000;
/** An event goes up to so much before it is due. */
const EARLY_MS = 5;

class VirtualTime implements Timing {
  #now = 0;
  readonly #sleepers = new Set<{ readonly at: number; wake(): void }>();

  now = (): number => this.#now;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((wake) => {
      const sleeper = { at: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', () => this.#wake(sleeper));
    });

  /** Goes from one end of a sleep to the next until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    for (await settled(); !isDone; await settled()) {
      const [next] = [...this.#sleepers].sort((a, b) => a.at - b.at);
      if (!next) continue;
      this.#now = next.at;
      this.#wake(next);
    }
    return done;
  }

  #wake(sleeper: { wake(): void }): void {
    this.#sleepers.delete(sleeper as never);
    sleeper.wake();
  }
}

/** @param seconds event times behind the start; undefined for an event without one */
const events = (...seconds: (number | undefined)[]): InputEvent[] =>
  seconds.map((each) => ({
    line: String(each),
    partitionKey: 'k',
    ...(each === undefined ? {} : { eventTimeMs: START + each * 1_000 }),
  }));

interface Played {
  /** Real ms since the start, by stream, event by event. */
  readonly went: Readonly<Record<string, number[]>>;
  readonly reached: readonly number[];
}

async function play(
  streams: Readonly<Record<string, readonly InputEvent[]>>,
  putMs: Readonly<Record<string, number>> = {},
  { signal, time }: { signal: AbortSignal; time: VirtualTime } = {
    signal: new AbortController().signal,
    time: new VirtualTime(),
  },
): Promise<Played> {
  const reached: number[] = [];
  const onReached = (ms: number) => void reached.push(ms - START);
  const pace = paceOf({
    speed: SPEED,
    streams: Object.keys(streams),
    signal,
    onReached,
    timing: time,
  });
  const went: Record<string, number[]> = {};
  const playing = Promise.all(
    Object.entries(streams).map(async ([stream, own]) => {
      const times: number[] = [];
      went[stream] = times;
      for await (const _ of pace.paced(stream, own)) {
        times.push(time.now());
        if (putMs[stream]) await time.sleep(putMs[stream]);
      }
      pace.end(stream);
    }),
  );
  await time.run(playing);
  return { went, reached };
}

const isAbout = (ms: number | undefined, expected: number) => {
  expect(ms).toBeGreaterThanOrEqual(expected - EARLY_MS);
  expect(ms).toBeLessThanOrEqual(expected);
};

describe('a paced replay', () => {
  it('begins with the earliest event of all streams, whichever stream has it', async () => {
    const { went } = await play({ later: events(300, 400), earlier: events(0, 100) });
    isAbout(went['earlier']?.[0], 0);
    isAbout(went['earlier']?.[1], 100);
    isAbout(went['later']?.[0], 300);
    isAbout(went['later']?.[1], 400);
  });

  it('does not wait for events that are behind, nor for those without a time', async () => {
    const { went } = await play({ only: events(0, 200, undefined, 10, 200) });
    for (const at of went['only']?.slice(1) ?? []) isAbout(at, 200);
  });

  it('is not held up by a single time that is far too late, and keeps its pace behind it', async () => {
    const year = 365 * 86_400;
    const { went } = await play({ only: events(year, 0, 100, year, 200, 300) });
    expect(went['only']).toHaveLength(6);
    isAbout(went['only']?.[2], 100);
    isAbout(went['only']?.[3], 200);
    isAbout(went['only']?.[5], 300);
  });

  it('takes five seconds for a time in which no stream has anything, and goes on at its pace', async () => {
    const day = 86_400;
    const { went } = await play({ a: events(0, day, day + 100), b: events(50, day + 50) });
    // From when the last of them waits as well.
    isAbout(went['a']?.[1], 5_050);
    isAbout(went['b']?.[1], 5_100);
    isAbout(went['a']?.[2], 5_150);
  });

  it('waits for what another stream has meanwhile', async () => {
    const { went } = await play({ sparse: events(0, 600), dense: events(0, 200, 400, 800) });
    isAbout(went['sparse']?.[1], 600);
    isAbout(went['dense']?.[3], 800);
  });

  it('tells how far it is, and never less', async () => {
    const { reached } = await play({ a: events(0, 50, 100, 200), b: events(10, 120, 60, 60) });
    expect(reached).toEqual(reached.toSorted((a, b) => a - b));
    expect(new Set(reached)).toEqual(new Set([10, 50, 60, 100, 200].map((s) => s * 1_000)));
  });

  it('keeps all streams with the one that is put most slowly', async () => {
    const slow = events(...Array.from({ length: 21 }, (_, n) => n * 100));
    const dense = events(...Array.from({ length: 201 }, (_, n) => n * 10));
    const { went } = await play({ slow, dense }, { slow: 250 });
    // 2,000 s would take two seconds; the slow stream takes five, and the other one is never far ahead of it.
    expect(went['slow']?.at(-1)).toBeGreaterThan(4_900);
    for (const [n, at] of (went['dense'] ?? []).entries()) {
      const slowest = went['slow']?.findLastIndex((each) => each <= at) ?? 0;
      expect(n * 10 - slowest * 100).toBeLessThanOrEqual(100 + 500 + 250);
    }
  });

  it('ends at once when it is stopped', async () => {
    const stopping = new AbortController();
    const time = new VirtualTime();
    void time.sleep(50).then(() => stopping.abort());
    const { went } = await play({ only: events(0, 4_000) }, {}, { signal: stopping.signal, time });
    expect(went['only']?.[1]).toBe(50);
  });

  it('does not wait at all at the greatest speed', () => {
    const { signal } = new AbortController();
    const { paced } = paceOf({ speed: 'max', streams: ['only'], signal });
    const given = events(0, 10_000);
    expect(paced('only', given)).toBe(given);
  });
});
