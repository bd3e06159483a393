import { describe, expect, it } from 'vitest';
import type { JsonFile } from '../../../infra/local/jsonFile.ts';
import { type ReplayInput, replay } from '../../../infra/local/replay.ts';
import {
  countedOf,
  openReplayLog,
  type ReplayLog,
  replayLogs,
} from '../../../infra/local/replayLog.ts';
import type { InputEvent } from '../../../inputs/readInput.ts';
import { equalRanges, shardOfHash } from '../../../shared/model/shardRanges.ts';
import type { RecordSink } from '../../../shared/ports/recordSink.ts';
import { type FakeStream, fakeStream } from './fakeStream.ts';

const SHARDS = 2;
const RANGES = equalRanges(SHARDS);

const EVENTS: readonly InputEvent[] = Array.from({ length: 400 }, (_, n) => ({
  line: JSON.stringify({ n }),
  partitionKey: `item-${n % 37}`,
}));

const INPUT: ReplayInput = { name: 'input', stream: 'user-behavior', events: () => EVENTS };

function emptyStream(): FakeStream {
  const stream = fakeStream(5);
  for (const { shard } of RANGES.list) stream.add(shard);
  return stream;
}

/** A file that survives what the test calls a kill. */
function memoryFile(): JsonFile<ReplayLog> {
  let text: string | undefined;
  return {
    read: () => (text === undefined ? undefined : (JSON.parse(text) as ReplayLog)),
    write(content) {
      text = JSON.stringify(content);
    },
  };
}

/** Stores records. A killed one stores a single record, says so, and never answers again. */
function sinkOn(stream: FakeStream, onKilled?: () => void): RecordSink {
  let stored = 0;
  return {
    listShards: async () => [...RANGES.list],
    async putRecords(records) {
      if (onKilled && stored > 0) return new Promise(() => {});
      const outcomes = records.map(({ explicitHashKey, data }) => {
        const { shard } = shardOfHash(BigInt(explicitHashKey), RANGES);
        const [sequence = ''] = stream.put(shard, Buffer.from(data).toString('utf8'));
        stored += 1;
        return { kind: 'stored' as const, shard, sequence };
      });
      if (!onKilled) return outcomes;
      onKilled();
      return new Promise(() => {});
    },
  };
}

async function linesOn(stream: FakeStream): Promise<string[]> {
  const lines: string[] = [];
  for (const { shard } of RANGES.list) {
    let after: string | undefined;
    for (;;) {
      const { records } = await stream.read(shard, after);
      if (records.length === 0) break;
      after = records.at(-1)?.sequence;
      lines.push(...records.flatMap(({ data }) => Buffer.from(data).toString().split('\n')));
    }
  }
  return lines;
}

interface PutOptions {
  readonly ending?: 'finish' | 'kill';
  readonly events?: readonly InputEvent[];
}

/** Replays the input; gives how many events it said are stored. */
async function put(
  stream: FakeStream,
  file: JsonFile<ReplayLog>,
  { ending = 'finish', events = EVENTS }: PutOptions = {},
): Promise<number> {
  let storedEvents = 0;
  await new Promise<void>((resolve, reject) => {
    replay({
      inputs: [{ ...INPUT, events: () => events }],
      speed: 'max',
      signal: new AbortController().signal,
      onStored: (events) => {
        storedEvents += events;
      },
      counted: ({ name }) => countedOf(name, replayLogs(file)),
      target: async () => ({
        sink: ending === 'kill' ? sinkOn(stream, resolve) : sinkOn(stream),
        replayed: await openReplayLog(INPUT.name, replayLogs(file), stream),
      }),
    }).then(resolve, reject);
  });
  return storedEvents;
}

const expectedLines = EVENTS.map(({ line }) => line).sort();

describe('a replay with a log', () => {
  it('puts every event once', async () => {
    const stream = emptyStream();
    expect(await put(stream, memoryFile())).toBe(EVENTS.length);
    expect((await linesOn(stream)).sort()).toEqual(expectedLines);
  });

  it('puts nothing again when all of it is there', async () => {
    const stream = emptyStream();
    const file = memoryFile();
    await put(stream, file);
    expect(await put(stream, file)).toBe(EVENTS.length);
    expect(await linesOn(stream)).toHaveLength(EVENTS.length);
  });

  it('finds a record that was stored but never acknowledged', async () => {
    const stream = emptyStream();
    const file = memoryFile();
    await put(stream, file, { ending: 'kill' });
    const before = await linesOn(stream);
    expect(before.length).toBeGreaterThan(0);
    await put(stream, file);
    expect((await linesOn(stream)).sort()).toEqual(expectedLines);
  });

  it('does not go on after a resharding, which would put events twice', async () => {
    const stream = emptyStream();
    const file = memoryFile();
    await put(stream, file, { ending: 'kill' });
    stream.add('shardId-000000000009');
    await expect(put(stream, file)).rejects.toThrow('the stream got shardId-000000000009');
  });

  it('has nothing to do with the shards of a stream that all of it was put on', async () => {
    const stream = emptyStream();
    const file = memoryFile();
    await put(stream, file);
    stream.add('shardId-000000000009');
    expect(await put(stream, file)).toBe(EVENTS.length);
    expect(await linesOn(stream)).toHaveLength(EVENTS.length);
  });

  it('counts events that were found and never acknowledged, once the input is at its end', async () => {
    const stream = emptyStream();
    const file = memoryFile();
    const last = EVENTS.slice(0, 3);
    await put(stream, file, { events: last, ending: 'kill' });
    await put(stream, file, { events: last });
    stream.add('shardId-000000000009');
    expect(await put(stream, file, { events: last })).toBe(last.length);
    expect(await linesOn(stream)).toHaveLength(last.length);
  });

  it('goes on with an input that has a single event more than was put', async () => {
    const stream = emptyStream();
    const file = memoryFile();
    await put(stream, file, { events: EVENTS.slice(0, -1) });
    expect(await put(stream, file)).toBe(EVENTS.length);
    expect((await linesOn(stream)).sort()).toEqual(expectedLines);
  });

  it("takes no notice of what stood on the stream before, or of strangers' records", async () => {
    const stream = emptyStream();
    const file = memoryFile();
    const [{ shard } = { shard: '' }] = RANGES.list;
    stream.put(shard, EVENTS.map(({ line }) => line).join('\n'));
    await put(stream, file, { ending: 'kill' });
    stream.put(shard, '{"stranger":1}');
    await put(stream, file);
    expect(await linesOn(stream)).toHaveLength(2 * EVENTS.length + 1);
  });
});

describe('pacing', () => {
  it('spreads events by their event time', async () => {
    const stream = emptyStream();
    const events = [0, 1_000, 2_000].map((eventTimeMs) => ({
      line: String(eventTimeMs),
      partitionKey: 'k',
      eventTimeMs,
    }));
    const start = performance.now();
    await replay({
      inputs: [{ name: 'paced', stream: 'user-behavior', events: () => events }],
      speed: 20,
      signal: new AbortController().signal,
      onStored: () => {},
      target: async () => ({ sink: sinkOn(stream) }),
    });
    expect(performance.now() - start).toBeGreaterThanOrEqual(95);
  });
});
