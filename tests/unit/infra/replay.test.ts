/** Replays that are killed, or end, and begin again, over shards that may be split meanwhile: every event counts once. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { jobOf } from '../../../cli/options.ts';
import { type ReplayInput, replay } from '../../../infra/local/replay.ts';
import {
  fleetingPlaces,
  keptPlaces,
  type ReplayPlaces,
} from '../../../infra/local/replayPlaces.ts';
import type { InputEvent } from '../../../inputs/readInput.ts';
import { InvariantViolation } from '../../../shared/errors.ts';
import { nameProblem } from '../../../shared/records/stamp.ts';
import { ReplayStream } from './replayStream.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshFile = () => {
  files += 1;
  return join(folder, `replay${files}.json`);
};

const STREAM = 'user-behavior';
const START_MS = Date.UTC(2024, 0, 1, 9);
const EVENTS: readonly InputEvent[] = Array.from({ length: 5_000 }, (_, n) => {
  const event = { userId: `${n % 91}`, itemId: `${n % 37}`, categoryId: '1', behavior: 'pv' };
  const line = JSON.stringify({ ...event, timestamp: START_MS + n });
  return { line, partitionKey: event.itemId };
});
const INPUT = { name: `${STREAM}=/tmp/views of today.csv (7 bytes, s)`, stream: STREAM };
const PVUV = jobOf('pvuv');

interface RunOptions {
  /** Requests that have an answer; the next is stored, and then the process is gone. */
  readonly killedAfter?: number;
  /** Ends it in order before this event. */
  readonly stoppedAt?: number;
  readonly events?: readonly InputEvent[];
}

/** Gives how many events it said are stored. */
async function run(
  stream: ReplayStream,
  target: ReplayPlaces | string,
  { killedAfter, stoppedAt, events = EVENTS }: RunOptions = {},
): Promise<number> {
  const places = typeof target === 'string' ? keptPlaces(target) : target;
  const stopping = new AbortController();
  const input: ReplayInput = {
    ...INPUT,
    *events() {
      for (const [n, event] of events.entries()) {
        if (n === stoppedAt) stopping.abort();
        yield event;
      }
    },
  };
  let put = 0;
  stream.answersLeft = killedAfter ?? Number.POSITIVE_INFINITY;
  const killed = new Promise<void>((resolve) => {
    stream.onKill = resolve;
  });
  const replaying = replay({
    inputs: [input],
    speed: 'max',
    signal: stopping.signal,
    onStored(more) {
      put += more;
    },
    target: ({ name }) => ({ sink: stream, place: places(name) }),
  });
  await Promise.race([replaying, killed]);
  return put;
}

const noted = (file: string) => JSON.parse(readFileSync(file, 'utf8')).inputs[INPUT.name];
const accepted = async (stream: ReplayStream) => (await stream.countedBy(PVUV, STREAM)).accepted;

describe('a replay with a data folder', () => {
  it('puts every event once, by a name that one can be, and notes that it is complete', async () => {
    const [stream, file] = [new ReplayStream(2), freshFile()];
    expect(await run(stream, file)).toBe(EVENTS.length);
    expect(await stream.countedBy(PVUV, STREAM)).toEqual({
      ...{ accepted: EVENTS.length, filtered: 0, late: 0, dead: 0 },
    });
    const { producer, ...place } = noted(file);
    expect(place).toEqual({ stored: EVENTS.length, isComplete: true });
    expect(nameProblem(producer)).toBeUndefined();
  });

  it('asks nothing of the stream once all of it is there, and counts it', async () => {
    const [stream, file] = [new ReplayStream(2), freshFile()];
    await run(stream, file);
    const before = stream.requests;
    stream.listShards = () => Promise.reject(new Error('asked'));
    expect(await run(stream, file)).toBe(EVENTS.length);
    expect(stream.requests).toBe(before);
  });

  it.each([
    ['on the same shards', false],
    ['after a resharding', true],
  ])('that is killed again and again, %s, counts every event once', async (_, isSplit) => {
    for (let killedAfter = 0; killedAfter < 12; killedAfter += 4) {
      const [stream, file] = [new ReplayStream(2), freshFile()];
      await run(stream, file, { killedAfter });
      if (isSplit) stream.split();
      await run(stream, file, { killedAfter: 2 });
      expect(await run(stream, file)).toBe(EVENTS.length);
      expect(await accepted(stream), `killed after ${killedAfter}`).toBe(EVENTS.length);
    }
  });

  it('whose shards are split under it counts every event once', async () => {
    const [stream, file] = [new ReplayStream(2), freshFile()];
    let left = 5;
    const put = stream.putRecords.bind(stream);
    stream.putRecords = (records) => {
      left -= 1;
      if (left === 0) stream.split();
      return put(records);
    };
    expect(await run(stream, file)).toBe(EVENTS.length);
    expect(await accepted(stream)).toBe(EVENTS.length);
  });

  it('that is stopped in order goes on exactly there', async () => {
    const [stream, file] = [new ReplayStream(2), freshFile()];
    expect(await run(stream, file, { stoppedAt: 2_345 })).toBe(2_345);
    expect(noted(file)).toMatchObject({ stored: 2_345, isComplete: false });
    expect(await run(stream, file)).toBe(EVENTS.length);
    expect(await stream.countedBy(PVUV, STREAM)).toEqual({
      ...{ accepted: EVENTS.length, filtered: 0, late: 0, dead: 0 },
    });
  });

  it('that is killed puts no more than a few events again', async () => {
    const [stream, file] = [new ReplayStream(1), freshFile()];
    await run(stream, file, { killedAfter: 15 });
    expect(noted(file).stored).toBeGreaterThan(1_000);
    await run(stream, file);
    const { repeated = 0 } = await stream.countedBy(PVUV, STREAM);
    expect(repeated).toBeGreaterThan(0);
    expect(repeated).toBeLessThan(2_000);
  });

  it('fails with the reason where the stream takes no more, and goes on later', async () => {
    const [stream, file] = [new ReplayStream(2), freshFile()];
    const put = stream.putRecords.bind(stream);
    stream.putRecords = () => Promise.reject(new InvariantViolation('no such stream'));
    await expect(run(stream, file)).rejects.toThrow(
      `${INPUT.name}: events could not be put: no such stream`,
    );
    stream.putRecords = put;
    await run(stream, file);
    expect(await accepted(stream)).toBe(EVENTS.length);
  });
});

describe('the file of a data folder', () => {
  it('gives another folder other names, and each input its own', () => {
    const [one, other] = [keptPlaces(freshFile()), keptPlaces(freshFile())];
    const names = [one('a'), one('b'), other('a')].map(({ producer }) => producer);
    expect(new Set(names).size).toBe(3);
    expect(one('a').producer).toBe(names[0]);
  });

  it('is there before anything is put', () => {
    const file = freshFile();
    const { producer } = keptPlaces(file)('a');
    expect(keptPlaces(file)('a').producer).toBe(producer);
  });

  it.each([
    ['is broken', '{"tor', /is broken: .*give another --data-dir, or delete it and have the input/],
    [
      'is of before producers had names',
      JSON.stringify({ a: { 'shardId-000000000000': { events: 3, after: '7' } } }),
      /is of an earlier version, .* would count twice; give another --data-dir$/,
    ],
  ])('that %s is refused, with what to do', (_, content, message) => {
    const file = freshFile();
    writeFileSync(file, content);
    expect(() => keptPlaces(file)).toThrow(message);
  });
});

it('without a data folder each replay puts everything, to count by itself', async () => {
  const stream = new ReplayStream(2);
  await run(stream, fleetingPlaces());
  await run(stream, fleetingPlaces());
  expect(await accepted(stream)).toBe(2 * EVENTS.length);
});

it('a paced replay spreads events by their event time', async () => {
  const events = [0, 1_000, 2_000].map((eventTimeMs) => ({
    ...{ line: String(eventTimeMs), partitionKey: 'k', eventTimeMs },
  }));
  const start = performance.now();
  await replay({
    inputs: [{ name: 'paced', stream: STREAM, events: () => events }],
    speed: 20,
    signal: new AbortController().signal,
    onStored: () => {},
    target: () => ({ sink: new ReplayStream(1), place: fleetingPlaces()('paced') }),
  });
  expect(performance.now() - start).toBeGreaterThanOrEqual(95);
});
