/** In which order events arrive, whatever is refused, lost or resharded. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalRanges, shardOf } from '../../../shared/model/shardRanges.ts';
import type { Undelivered } from '../../../shared/producer/options.ts';
import { createProducer } from '../../../shared/producer/producer.ts';
import { MemorySink, type SinkFaults } from './memorySink.ts';
import { eventsOf, putAll, type TestEvent, testTime } from './producing.ts';

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What each shard of a new stream must hold: its events, in put order. */
function expectedLines(events: readonly TestEvent[], shards: number): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  for (const { key, line } of events) {
    const { shard } = shardOf(key, equalRanges(shards));
    lines.set(shard, [...(lines.get(shard) ?? []), line]);
  }
  return lines;
}

const storedLines = (sink: MemorySink): Map<string, string[]> =>
  new Map(sink.shards.map((shard) => [shard, sink.linesOf(shard)]));

describe('a producer', () => {
  it.each([1, 2, 4])('leaves every shard of %i with its events in put order', async (shards) => {
    const events = eventsOf(5_000, 300);
    const sink = new MemorySink(shards, randomFrom(shards));
    const totals = await putAll(sink, events, { recordBytesMax: 1_000 });
    expect(totals).toEqual({ acknowledged: 5_000, undelivered: 0 });
    expect(storedLines(sink)).toEqual(expectedLines(events, shards));
  });

  it('keeps put order although records and requests are refused', async () => {
    const faults = fc.record({
      refused: fc.double({ min: 0, max: 0.7, noNaN: true }),
      throttled: fc.double({ min: 0, max: 0.7, noNaN: true }),
      unlisted: fc.double({ min: 0, max: 0.7, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(faults, fc.integer(), fc.integer({ min: 1, max: 5 }), async (f, seed, n) => {
        const events = eventsOf(300, 20);
        const sink = new MemorySink(n, randomFrom(seed), f);
        const options = { recordBytesMax: 200, deliveryTimeoutMs: 10 ** 9 };
        const totals = await putAll(sink, events, options);
        expect(totals).toEqual({ acknowledged: 300, undelivered: 0 });
        expect(storedLines(sink)).toEqual(expectedLines(events, n));
      }),
      { numRuns: 40 },
    );
  });

  it('keeps put order where calls are not awaited and the ranges are still unknown', async () => {
    const events = eventsOf(1_000, 50);
    const sink = new MemorySink(2, randomFrom(3), { unlisted: 0.5 });
    const producer = createProducer({ sink, ...testTime(), recordBytesMax: 500 });
    const puts = events.map(({ key, line }) => producer.put(key, line));
    await producer.close();
    await Promise.all(puts);
    expect(storedLines(sink)).toEqual(expectedLines(events, 2));
  });

  it('may repeat events after a lost reply, but loses none and repeats them in order', async () => {
    const events = eventsOf(400, 20);
    const sink = new MemorySink(2, randomFrom(5), { lostReply: 0.3, refused: 0.2 });
    await putAll(sink, events, { recordBytesMax: 200 });
    expect(sink.lostReplies).toBeGreaterThan(0);
    for (const [shard, lines] of expectedLines(events, 2)) {
      const stored = sink.linesOf(shard);
      expect(stored.length).toBeGreaterThan(lines.length);
      const firsts = stored.filter((line, i) => stored.indexOf(line) === i);
      expect(firsts).toEqual(lines);
    }
  });

  it('gives an event to exactly one of acknowledged and undelivered, whatever happens', async () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    const anyFaults: fc.Arbitrary<SinkFaults> = fc.record({
      refused: probability,
      throttled: probability,
      unlisted: probability,
      lostReply: probability,
    });
    await fc.assert(
      fc.asyncProperty(anyFaults, fc.integer(), async (faults, seed) => {
        const events = eventsOf(100, 10);
        const sink = new MemorySink(3, randomFrom(seed), faults);
        let acknowledged = 0;
        const lost: Undelivered[] = [];
        const totals = await putAll(sink, events, {
          recordBytesMax: 100,
          deliveryTimeoutMs: 5_000,
          onAcknowledged: (record) => {
            acknowledged += record.events;
          },
          onUndelivered: (undelivered) => lost.push(undelivered),
        });
        const undelivered = lost.flatMap((each) => each.events);
        expect(totals).toEqual({ acknowledged, undelivered: undelivered.length });
        expect(acknowledged + undelivered.length).toBe(100);
        const stored = new Set(sink.shards.flatMap((shard) => sink.linesOf(shard)));
        const missing = events.filter(({ line }) => !stored.has(line));
        const reported = new Set(undelivered.map(({ data }) => Buffer.from(data).toString()));
        for (const { line } of missing) expect(reported).toContain(line);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a producer when the stream is resharded', () => {
  it.each([
    [1, 2],
    [4, 1],
    [2, 6],
    [3, 4],
  ])('goes from %i to %i shards without loss, every key in order', async (before, after) => {
    const events = eventsOf(3_000, 40);
    const sink = new MemorySink(before, randomFrom(before * 10 + after), { refused: 0.2 });
    const producer = createProducer({ sink, ...testTime(), recordBytesMax: 300 });
    for (const [i, { key, line }] of events.entries()) {
      if (i === 1_500) sink.reshard(after, 'new');
      await producer.put(key, line);
      if (i % 50 === 0) await nextTurn();
    }
    const totals = await producer.close();
    expect(totals).toEqual({ acknowledged: 3_000, undelivered: 0 });
    const allLines = sink.records.flatMap((r) => Buffer.from(r.data).toString().split('\n'));
    expect(allLines.length).toBe(3_000);
    const numbersByKey = Map.groupBy(
      allLines.map((line) => JSON.parse(line) as { n: number; key: string }),
      ({ key }) => key,
    );
    for (const each of numbersByKey.values()) {
      const numbers = each.map(({ n }) => n);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
  });

  it('says of every record that it puts again for want of a reply', async () => {
    const sink = new MemorySink(2, randomFrom(5), { lostReply: 0.2 });
    let repeated = 0;
    const events = eventsOf(1_000, 40);
    await putAll(sink, events, {
      recordBytesMax: 500,
      onRepeated: (record) => {
        repeated += record.events;
      },
    });
    const stored = sink.shards.reduce((sum, shard) => sum + sink.linesOf(shard).length, 0);
    expect(repeated).toBeGreaterThan(0);
    expect(stored).toBe(events.length + repeated);
  });

  it('packs what was not sent anew, in put order, where shards were merged', async () => {
    const sink = new MemorySink(4);
    const producer = createProducer({ sink, ...testTime(), recordBytesMax: 200 });
    const [first, ...rest] = eventsOf(1_000, 40);
    await producer.put(first?.key ?? '', first?.line ?? '');
    await producer.flush();
    sink.reshard(1, 'new');
    const puts = rest.map(({ key, line }) => producer.put(key, line));
    await producer.close();
    await Promise.all(puts);
    const sentBeforeItWasNoticed = 1 + 4;
    const numbers = sink.records
      .slice(sentBeforeItWasNoticed)
      .flatMap((record) => Buffer.from(record.data).toString().split('\n'))
      .map((line) => (JSON.parse(line) as { n: number }).n);
    expect(numbers.length).toBeGreaterThan(900);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it('puts at most one record of each old shard on a sibling', async () => {
    const events = eventsOf(2_000, 40);
    const sink = new MemorySink(2, randomFrom(9));
    const producer = createProducer({ sink, ...testTime(), recordBytesMax: 300 });
    for (const { key, line } of events.slice(0, 1_000)) await producer.put(key, line);
    sink.reshard(8, 'new');
    for (const { key, line } of events.slice(1_000)) await producer.put(key, line);
    await producer.close();
    const ranges = equalRanges(8);
    const misplaced = sink.records.filter((record) =>
      Buffer.from(record.data)
        .toString()
        .split('\n')
        .some((line) => {
          const { key } = JSON.parse(line) as { key: string };
          return (
            record.shard.startsWith('new') && `new-${shardOf(key, ranges).shard}` !== record.shard
          );
        }),
    );
    expect(misplaced.length).toBeLessThanOrEqual(2);
  });
});
