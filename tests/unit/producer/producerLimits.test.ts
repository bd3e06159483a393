/** How much a record, a request and the producer itself hold, and what becomes of events that cannot be sent. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { PoisonEventError } from '../../../shared/errors.ts';
import { createProducer } from '../../../shared/producer/producer.ts';
import { MemorySink } from './memorySink.ts';
import { eventsOf, putAll, testTime } from './producing.ts';

describe('a record', () => {
  it('takes events up to its limit and no further', async () => {
    const line = JSON.stringify({ text: 'x'.repeat(87) });
    expect(line.length).toBe(98);
    const sink = new MemorySink(1);
    const events = Array.from({ length: 7 }, () => ({ key: 'k', line }));
    await putAll(sink, events, { recordBytesMax: 1 + 98 * 3 + 2 });
    expect(sink.records.map(({ data }) => data.length)).toEqual([296, 296, 98]);
    const tighter = new MemorySink(1);
    await putAll(tighter, events, { recordBytesMax: 98 * 3 + 2 });
    expect(tighter.records.map(({ data }) => data.length)).toEqual([197, 197, 197, 98]);
  });

  it('shares a request with other shards’ records but not with one of its own shard', async () => {
    const sink = new MemorySink(4);
    await putAll(sink, eventsOf(2_000, 200), { recordBytesMax: 500 });
    for (const request of sink.requests) {
      const shards = request.map((record) => record.explicitHashKey);
      expect(new Set(shards).size).toBe(shards.length);
    }
    expect(Math.max(...sink.requests.map((request) => request.length))).toBe(4);
  });

  it('is sent after the linger time even if nothing else comes', async () => {
    const sink = new MemorySink(1);
    const sleeps: (() => void)[] = [];
    const sleep = () => new Promise<void>((resolve) => sleeps.push(resolve));
    const producer = createProducer({ sink, now: () => 0, sleep, random: () => 0.5 });
    await producer.put('k', '{"n":1}');
    await producer.put('k', '{"n":2}');
    for (let i = 0; i < 5; i += 1) await nextTurn();
    expect(sink.records.length).toBe(0);
    for (const wake of sleeps.splice(0)) wake();
    for (let i = 0; i < 5; i += 1) await nextTurn();
    expect(sink.linesOf('shardId-000000000000')).toEqual(['{"n":1}', '{"n":2}']);
  });

  it('goes where an explicit hash key says', async () => {
    const sink = new MemorySink(4);
    const producer = createProducer({ sink, ...testTime() });
    await producer.put('anything', '{}', { explicitHashKey: 2n ** 128n - 1n });
    await producer.close();
    expect(sink.shards).toEqual(['shardId-000000000003']);
  });
});

describe('back-pressure', () => {
  it('holds put back while too much waits, and lets it go on when that is acknowledged', async () => {
    const sink = new MemorySink(1);
    const wakes: (() => void)[] = [];
    const sleep = () => new Promise<void>((resolve) => wakes.push(resolve));
    const producer = createProducer({ sink, now: () => 0, sleep, pendingBytesMax: 10 });
    await producer.put('k', '12345678');
    let isThrough = false;
    const second = producer.put('k', '12345678').then(() => {
      isThrough = true;
    });
    for (let i = 0; i < 5; i += 1) await nextTurn();
    expect(isThrough).toBe(false);
    for (const wake of wakes.splice(0)) wake();
    await second;
    expect(sink.records.length).toBe(1);
  });
});

describe('an event that cannot be a record', () => {
  it.each([
    ['is blank', 'k', '  \t'],
    ['is empty', 'k', ''],
    ['has several lines', 'k', '{}\n{}'],
    ['is larger than a record', 'k', 'x'.repeat(1024 * 1024)],
    ['has no partition key', '', '{}'],
    ['has a partition key that is too long', 'k'.repeat(257), '{}'],
    ['is an aggregated record', 'k', Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2, 1)],
  ])('is refused where it %s, and the rest goes on', async (_, key, data) => {
    const sink = new MemorySink(1);
    const producer = createProducer({ sink, ...testTime() });
    await expect(producer.put(key, data)).rejects.toThrow(PoisonEventError);
    await producer.put('k', '{}\n');
    expect(await producer.close()).toEqual({ acknowledged: 1, undelivered: 0 });
    expect(sink.linesOf('shardId-000000000000')).toEqual(['{}']);
  });

  it('is given up at once where trying again is pointless, with the reason', async () => {
    const sink = new MemorySink(1);
    const reasons: string[] = [];
    sink.listShards = () => Promise.reject(new Error('there is no such stream'));
    const totals = await putAll(sink, eventsOf(3, 1), {
      onUndelivered: ({ reason }) => reasons.push(reason),
    });
    expect(totals).toEqual({ acknowledged: 0, undelivered: 3 });
    expect(new Set(reasons)).toEqual(new Set(['there is no such stream']));
  });
});

it('flush waits for what was put before it and not for what comes after', async () => {
  const sink = new MemorySink(1);
  const producer = createProducer({ sink, ...testTime() });
  await producer.put('k', '{"n":1}');
  const flushed = producer.flush();
  await producer.put('k', '{"n":2}');
  await flushed;
  expect(sink.linesOf('shardId-000000000000')[0]).toBe('{"n":1}');
  await producer.close();
  await expect(producer.put('k', '{}')).rejects.toThrow('closed');
});

it('flush does not wait for the linger time, even where the ranges are still unknown', async () => {
  const sink = new MemorySink(1);
  const never = () => new Promise<void>(() => {});
  const producer = createProducer({ sink, now: () => 0, sleep: never });
  await producer.put('k', '{}');
  expect(await producer.flush()).toEqual({ acknowledged: 1, undelivered: 0 });
});
