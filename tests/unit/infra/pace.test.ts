/** When the events of several streams go, by one clock of event time. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { paceOf } from '../../../infra/local/pace.ts';
import type { InputEvent } from '../../../inputs/readInput.ts';

const START = Date.UTC(2026, 2, 2, 10);
const SPEED = 1_000;
/** Real ms between what is due and what a busy machine makes of it. */
const TOLERANCE_MS = 90;

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
  signal = new AbortController().signal,
): Promise<Played> {
  const reached: number[] = [];
  const began = performance.now();
  const pace = paceOf(SPEED, Object.keys(streams), signal, (ms) => reached.push(ms - START));
  const went: Record<string, number[]> = {};
  await Promise.all(
    Object.entries(streams).map(async ([stream, own]) => {
      const times: number[] = [];
      went[stream] = times;
      for await (const _ of pace.paced(stream, own)) {
        times.push(performance.now() - began);
        await delay(putMs[stream] ?? 0);
      }
      pace.end(stream);
    }),
  );
  return { went, reached };
}

const isAbout = (ms: number | undefined, expected: number) => {
  expect(ms).toBeGreaterThanOrEqual(expected - 6);
  expect(ms).toBeLessThan(expected + TOLERANCE_MS);
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
    isAbout(went['a']?.[1], 5_000);
    isAbout(went['b']?.[1], 5_050);
    isAbout(went['a']?.[2], 5_100);
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
      expect(n * 10 - slowest * 100).toBeLessThan(100 + 500 + 250 + TOLERANCE_MS);
    }
  });

  it('ends at once when it is stopped', async () => {
    const stopping = new AbortController();
    setTimeout(() => stopping.abort(), 50);
    const { went } = await play({ only: events(0, 4_000) }, {}, stopping.signal);
    expect(went['only']?.[1]).toBeLessThan(50 + 2 * TOLERANCE_MS);
  });

  it('does not wait at all at the greatest speed', async () => {
    const { paced } = paceOf('max', ['only'], new AbortController().signal);
    const began = performance.now();
    for await (const _ of paced('only', events(0, 10_000)));
    expect(performance.now() - began).toBeLessThan(TOLERANCE_MS);
  });
});
