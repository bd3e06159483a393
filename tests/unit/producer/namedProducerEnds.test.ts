/** What a producer with a name does when its stream is resharded, and how it ends. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../shared/errors.ts';
import { formatHashRange, WHOLE_RANGE } from '../../../shared/model/hashRange.ts';
import type { SinkRecord } from '../../../shared/ports/recordSink.ts';
import { ProducerEnded } from '../../../shared/producer/namedProducer.ts';
import type { Acknowledged, Undelivered } from '../../../shared/producer/options.ts';
import { MemorySink } from './memorySink.ts';
import { contentOf, FaultySink, offsetsIn, producerOn, stampOf } from './namedPuts.ts';
import { eventsOf } from './producing.ts';

describe('a named producer whose stream is resharded', () => {
  it('puts a record that landed elsewhere again before anything behind it, and acknowledges none of it', async () => {
    const sink = new MemorySink(1);
    const acknowledged: Acknowledged[] = [];
    const producer = producerOn(sink, {
      recordBytesMax: 400,
      onAcknowledged: (each) => acknowledged.push(each),
    });
    const events = eventsOf(120, 20);
    for (const [i, { key, line }] of events.entries()) {
      if (i === 60) sink.reshard(2, 'new');
      await producer.put(key, line, i);
      await nextTurn();
    }
    expect(await producer.close()).toEqual({ acknowledged: 120, undelivered: 0 });
    expect(acknowledged.reduce((sum, each) => sum + each.events, 0)).toBe(120);
    const isPlannedForAll = (record: SinkRecord) =>
      formatHashRange(stampOf(record).stamp.planned) === formatHashRange(WHOLE_RANGE);
    const strays = sink.records.filter(
      (record) => record.shard.startsWith('new') && isPlannedForAll(record),
    );
    expect(strays).toHaveLength(1);
    const [first = -1] = strays.flatMap(offsetsIn);
    const behind = sink.records.slice(sink.records.findLastIndex(isPlannedForAll) + 1);
    for (const records of Map.groupBy(behind, ({ shard }) => shard).values()) {
      const [next] = records;
      expect(next && stampOf(next).stamp.after).toBeUndefined();
      const offsets = records.flatMap(offsetsIn);
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    }
    // All of it is there again, each event once.
    expect(behind.flatMap(offsetsIn).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 120 - first }, (_, i) => first + i),
    );
  });

  it('waits longer and longer while the list of shards does not tell, and gives up in time', async () => {
    const sink = new MemorySink(1);
    const stale = await sink.listShards();
    sink.listShards = async () => stale;
    sink.reshard(2, 'new');
    const undelivered: Undelivered[] = [];
    const producer = producerOn(sink, { onUndelivered: (each) => undelivered.push(each) });
    await producer.put('k', '{}', 1);
    await expect(producer.close()).rejects.toThrow(ProducerEnded);
    expect(undelivered).toMatchObject([
      { reason: expect.stringMatching(/another shard/), events: [{}] },
    ]);
    expect(sink.records.length).toBeLessThan(60);
  });
});

describe('a named producer that gives an event up', () => {
  it('sends nothing behind it, and says so to whoever goes on', async () => {
    const sink = new FaultySink(2);
    const undelivered: Undelivered[] = [];
    sink.outcomeOf = (_, request) => (request === 2 ? new Error('access denied') : undefined);
    const producer = producerOn(sink, {
      recordBytesMax: 300,
      onUndelivered: (each) => undelivered.push(each),
    });
    const events = eventsOf(100, 20);
    const puts = events.map(({ key, line }, i) => producer.put(key, line, i));
    await expect(producer.flush()).rejects.toThrow(ProducerEnded);
    await Promise.allSettled(puts);
    const message = /outbox has ended: access denied; go on by a new one of the same name/;
    await expect(producer.put('k', '{}', 1_000)).rejects.toThrow(message);
    await expect(producer.flush()).rejects.toThrow(RetryableError);
    await expect(producer.close()).rejects.toThrow(message);
    expect(sink.requests).toHaveLength(3);
    const lost = undelivered.map((each) =>
      each.events.map(({ data }) => Buffer.from(data).toString()),
    );
    const stored = sink.records.flatMap((record) => contentOf(record).map(([, line]) => line));
    const lines = events.map(({ line }) => line);
    const inPutOrder = (some: readonly string[]) =>
      some.toSorted((x, y) => lines.indexOf(x) - lines.indexOf(y));
    for (const some of lost) expect(some).toEqual(inPutOrder(some));
    expect(inPutOrder(lost.flat())).toEqual(lines.filter((line) => !stored.includes(line)));
    expect(stored.length).toBeGreaterThan(0);
  });

  it('ends when an event could not be sent for too long', async () => {
    const sink = new MemorySink(1, () => 0, { refused: 1 });
    const undelivered: Undelivered[] = [];
    const producer = producerOn(sink, { onUndelivered: (each) => undelivered.push(each) });
    await producer.put('k', '{"n":1}', 1);
    await producer.put('k', '{"n":2}', 2);
    await expect(producer.close()).rejects.toThrow(/this shard is busy/);
    expect(undelivered.flatMap(({ events }) => events)).toHaveLength(2);
  });

  it('ends when the shards cannot be listed for too long, with all that was put', async () => {
    const sink = new MemorySink(1, () => 0, { unlisted: 1 });
    const undelivered: Undelivered[] = [];
    const producer = producerOn(sink, { onUndelivered: (each) => undelivered.push(each) });
    for (const n of [1, 2, 3]) await producer.put('k', `{"n":${n}}`, n);
    await expect(producer.close()).rejects.toThrow(ProducerEnded);
    expect(undelivered.flatMap(({ events }) => events)).toHaveLength(3);
    expect(sink.requests).toEqual([]);
  });
});
