/** What a producer with a name writes, and in which order. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../../inputs/generate/random.ts';
import { JobDefinitionError, PoisonEventError } from '../../../shared/errors.ts';
import { isSameRange } from '../../../shared/model/hashRange.ts';
import { equalRanges } from '../../../shared/model/shardRanges.ts';
import type { SinkRecord } from '../../../shared/ports/recordSink.ts';
import { ProducerEnded } from '../../../shared/producer/namedProducer.ts';
import { MemorySink } from './memorySink.ts';
import { contentOf, FaultySink, offsetsIn, producerOn, putNumbered, stampOf } from './namedPuts.ts';
import { eventsOf } from './producing.ts';

const MIB = 1024 * 1024;

describe('a name', () => {
  it.each([
    ['', /is empty/],
    ['n'.repeat(1_000), /has 1000 characters, and at most 128/],
    ['two words', /letters, digits/],
    ['line\n', /letters, digits/],
  ])('%j is refused', (name, message) => {
    const create = () => producerOn(new MemorySink(1), { name });
    expect(create).toThrow(JobDefinitionError);
    expect(create).toThrow(message);
  });

  it.each(['n', 'n'.repeat(128), 'arn:aws:x/orders@eu-1#2.log'])('%j is taken', (name) => {
    expect(() => producerOn(new MemorySink(1), { name })).not.toThrow();
  });
});

describe('an offset', () => {
  it.each<[string, readonly (number | bigint)[]]>([
    ['the same again', [5, 5]],
    ['one before the last', [5, 4]],
    ['one before the last, as a bigint', [5, 4n]],
    ['one with a fraction', [1.5]],
    ['a negative one', [-1]],
    ['a negative bigint', [-1n]],
    ['no number', [Number.NaN]],
    ['a number that may have been rounded', [2 ** 53]],
    ['2^256', [2n ** 256n]],
  ])('is refused, and its event is not taken: %s', async (_, offsets) => {
    const sink = new MemorySink(1);
    const producer = producerOn(sink);
    const before = offsets.slice(0, -1);
    for (const offset of before) await producer.put('k', '{}', offset);
    const put = producer.put('k', '{"refused":true}', offsets.at(-1) ?? 0);
    await expect(put).rejects.toThrow(PoisonEventError);
    await expect(put).rejects.toThrow(`${offsets.at(-1)}`);
    await producer.put('k', '{}', 6);
    expect(await producer.close()).toEqual({ acknowledged: before.length + 1, undelivered: 0 });
    expect(sink.records.flatMap(offsetsIn)).toEqual([...before.map(Number), 6]);
  });

  it('that is refused for its event is free again', async () => {
    const sink = new MemorySink(1);
    const producer = producerOn(sink);
    await expect(producer.put('k', 'two\nlines', 1)).rejects.toThrow('several lines');
    await producer.put('k', '{}', 1);
    await producer.close();
    expect(sink.records.flatMap(offsetsIn)).toEqual([1]);
  });

  it('beyond 2^53 is exact as a bigint', async () => {
    const sink = new MemorySink(1);
    const producer = producerOn(sink);
    const offsets = [2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 256n - 1n];
    for (const offset of offsets) await producer.put('k', '{}', offset);
    await producer.close();
    const { next } = stampOf(sink.records[0] as SinkRecord);
    expect(offsets.map(() => BigInt(next() ?? -1n))).toEqual(offsets);
  });
});

describe("a named producer's record", () => {
  it('says where it was planned, the last offset before it in its range, and none in the first', async () => {
    const sink = new MemorySink(3);
    await putNumbered(sink, 200, { recordBytesMax: 600 });
    const ranges = new Map(equalRanges(3).list.map((range) => [range.shard, range]));
    for (const [shard, records] of Map.groupBy(sink.records, (record) => record.shard)) {
      expect(records.length).toBeGreaterThan(2);
      let after: number | undefined;
      for (const record of records) {
        const { stamp } = stampOf(record);
        const { start, end } = ranges.get(shard) ?? {};
        expect(stamp).toMatchObject({ producer: 'outbox', planned: { start, end } });
        expect(stamp.after).toBe(after);
        after = offsetsIn(record).at(-1);
      }
    }
  });

  it('goes again as the same bytes, however often it is refused or its reply is lost', async () => {
    const sink = new MemorySink(2, randomFrom(7), { refused: 0.3, lostReply: 0.3, throttled: 0.2 });
    await putNumbered(sink, 300, { recordBytesMax: 500, deliveryTimeoutMs: 10 ** 9 });
    expect(sink.lostReplies).toBeGreaterThan(0);
    const sent = sink.requests.flat();
    const begins = new Map<string, string>();
    for (const record of sent) {
      const begin = `${stampOf(record).stamp.begin}`;
      const data = Buffer.from(record.data).toString();
      expect(begins.get(begin) ?? data).toBe(data);
      begins.set(begin, data);
    }
    expect(sent.length).toBeGreaterThan(begins.size);
  });

  it('has no other one of its range on its way', async () => {
    const sink = new MemorySink(2);
    const isAnswered = new Map<string, boolean>();
    const puts = sink.putRecords.bind(sink);
    sink.putRecords = async (records) => {
      const ranges = records.map(({ explicitHashKey }) => explicitHashKey);
      for (const range of ranges) {
        expect(isAnswered.get(range) ?? true).toBe(true);
        isAnswered.set(range, false);
      }
      await nextTurn();
      const outcomes = await puts(records);
      for (const range of ranges) isAnswered.set(range, true);
      return outcomes;
    };
    await putNumbered(sink, 200, { recordBytesMax: 300 });
    expect(isAnswered.size).toBe(2);
  });

  it.each([300, 1_000, 25 * 1024, MIB])(
    'stays within %i bytes, its stamp and key included',
    async (recordBytesMax) => {
      const sink = new MemorySink(2);
      const producer = producerOn(sink, { recordBytesMax, name: 'n'.repeat(30) });
      let offset = 2n ** 255n;
      for (let n = 0; n < 3_000; n += 1) {
        offset += 1n + (n % 7 === 0 ? 2n ** BigInt(n % 90) : 0n);
        await producer.put(`key${n % 20}`, JSON.stringify({ n }), offset);
      }
      await producer.close();
      expect(sink.records.length).toBeGreaterThan(recordBytesMax === MIB ? 0 : 1);
      for (const { data, partitionKey } of sink.records) {
        const bytes = data.length + Buffer.byteLength(partitionKey);
        // A record of one event may be larger.
        if (contentOf({ data } as SinkRecord).length > 1)
          expect(bytes).toBeLessThanOrEqual(recordBytesMax);
      }
    },
  );

  it('holds an event as large as there is room for beside the widest stamp, and no larger', async () => {
    const sink = new MemorySink(1);
    const producer = producerOn(sink);
    const ofBytes = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;
    let most = MIB;
    for (let refused = true; refused; most -= 1) {
      refused = await producer.put('k', ofBytes(most), 1).then(
        () => false,
        (error) => {
          expect(error.message).toMatch(/more than a record holds .*stamp/);
          return true;
        },
      );
    }
    await producer.close();
    expect(MIB - most).toBeLessThan(250);
    const [record] = sink.records;
    expect((record?.data.length ?? 0) + 1).toBeLessThanOrEqual(MIB);
  });

  it('takes at most 3 bytes an event for its stamp at 300 events a record on two shards', async () => {
    const sink = new MemorySink(2);
    const producer = producerOn(sink);
    const events = 20_000;
    let bytes = 0;
    for (let n = 1; n <= events; n += 1) {
      const line = JSON.stringify({
        n: 1e6 + n,
        user: `user-${(n * 7_919) % 1_000}`,
        at: 1_511_658_000_000 + n,
        v: 'x'.repeat(14),
      });
      bytes += line.length + 1;
      await producer.put(`user-${(n * 7_919) % 1_000}`, line, n);
    }
    await producer.close();
    const stored = sink.records.reduce((sum, { data }) => sum + data.length + 1, 0);
    expect(events / sink.records.length).toBeGreaterThan(250);
    expect((stored - bytes) / events).toBeLessThan(3);
  });
});

describe('an event for every shard', () => {
  it.each([
    ['before any event was put', 0],
    ['behind some', 50],
  ])('stands on each one last, %s', async (_, count) => {
    const sink = new MemorySink(3);
    const producer = producerOn(sink);
    for (const [i, { key, line }] of eventsOf(count, 20).entries()) {
      await producer.put(key, line, i + 1);
    }
    await producer.flushWith('{"last":1}', count + 1);
    for (const { shard } of equalRanges(3).list) {
      const lines = sink.records.filter((each) => each.shard === shard).flatMap(contentOf);
      expect(lines.at(-1)).toEqual([count + 1, '{"last":1}']);
      expect(lines.filter(([offset]) => offset > count)).toHaveLength(1);
    }
    await producer.put('k', '{}', count + 2);
    expect(await producer.close()).toEqual({ acknowledged: count + 2, undelivered: 0 });
  });

  it('is stored once it is flushed, also where replies are lost and shards are found late', async () => {
    const sink = new MemorySink(2, randomFrom(11), { lostReply: 0.3, refused: 0.3, unlisted: 0.5 });
    const producer = producerOn(sink, { deliveryTimeoutMs: 10 ** 9 });
    for (let round = 1; round <= 20; round += 1) {
      await producer.put(`key${round}`, '{}', 2 * round);
      await producer.flushWith('{"last":1}', 2 * round + 1);
      for (const { shard } of equalRanges(2).list) {
        const offsets = sink.records.filter((each) => each.shard === shard).flatMap(offsetsIn);
        expect(offsets).toContain(2 * round + 1);
      }
    }
  });

  it.each([
    ['split', 2, 4],
    ['merged', 4, 2],
  ])('stands on each once, where shards are %s while it is put', async (_, from, to) => {
    const sink = new MemorySink(from);
    const producer = producerOn(sink);
    await producer.put('k', '{}', 1);
    await producer.flush();
    sink.reshard(to, 'new');
    expect(await producer.flushWith('{"last":1}', 2)).toEqual({ acknowledged: 2, undelivered: 0 });
    for (const { shard } of equalRanges(to).list) {
      const ofShard = sink.records.filter((each) => each.shard === `new-${shard}`);
      const planned = ofShard.filter((each) => isPlannedFor(each, to));
      expect(planned.flatMap(offsetsIn)).toEqual([2]);
    }
    await producer.put('k', '{}', 3);
    expect(await producer.close()).toMatchObject({ acknowledged: 3 });
  });

  it('is given up once, with the producer', async () => {
    const sink = new FaultySink(3);
    sink.outcomeOf = () => ({ kind: 'refused', reason: 'busy' });
    const lost: number[] = [];
    const producer = producerOn(sink, {
      deliveryTimeoutMs: 1_000,
      onUndelivered: ({ events }) => void lost.push(events.length),
    });
    await expect(producer.flushWith('{}', 1)).rejects.toThrow(ProducerEnded);
    await expect(producer.put('k', '{}', 2)).rejects.toThrow(ProducerEnded);
    expect(lost).toEqual([]);
  });
});

const isPlannedFor = (record: SinkRecord, count: number): boolean => {
  const { planned } = stampOf(record).stamp;
  return equalRanges(count).list.some(({ start, end }) => isSameRange(planned, { start, end }));
};

describe('a producer that goes on', () => {
  it('says up to where everything is stored, on every shard', async () => {
    const sink = new MemorySink(2);
    const producer = producerOn(sink, { after: 40 });
    await producer.put('k', '{}', 41);
    await producer.flushWith('{}', 42);
    expect(sink.records.map((each) => stampOf(each).stamp.after)).toEqual([40, 40]);
  });

  it('says of a range that is there no more nothing, and of one that still is what it was', async () => {
    const sink = new MemorySink(4);
    const producer = producerOn(sink, { after: 40 });
    await producer.flushWith('{}', 42);
    sink.replace('shardId-000000000000', ['a', 'b']);
    await producer.flushWith('{}', 43);
    await producer.flushWith('{}', 44);
    const afters = Map.groupBy(sink.records, ({ shard }) => shard);
    const aftersOf = (shard: string) => afters.get(shard)?.map((each) => stampOf(each).stamp.after);
    expect(aftersOf('shardId-000000000003')).toEqual([40, 42, 43]);
    expect(aftersOf('b')).toEqual([undefined, 43]);
  });
});
