/** Puts whose replies are slow or lost: what is on the stream is not put again. */
import { describe, expect, it } from 'vitest';
import { confirmedSink } from '../../../infra/local/confirmedSink.ts';
import { recordsAfter, type Timing } from '../../../infra/local/shardSource.ts';
import { UnknownOutcomeError } from '../../../shared/errors.ts';
import { equalRanges, shardOfHash } from '../../../shared/model/shardRanges.ts';
import type { RecordSink, SinkRecord } from '../../../shared/ports/recordSink.ts';
import { createProducer } from '../../../shared/producer/producer.ts';
import { eventsOf, testTime } from '../producer/producing.ts';
import { type FakeStream, fakeStream, fastTiming } from './fakeStream.ts';

const RANGES = equalRanges(2);
const EVENTS = eventsOf(200, 40);

/** What becomes of a request, and when; it never has a reply. */
type Fate = 'stored' | 'half stored' | 'lost' | 'stored late';

/**
 * Puts all events through a sink whose requests meet these fates, and then none.
 * @param options.before what is on every shard already
 */
async function putThrough(
  fates: Fate[],
  { before = [] as readonly string[], recordBytesMax = 500 } = {},
) {
  const stream = fakeStream();
  const ends = new Map<string, string | undefined>();
  for (const { shard } of RANGES.list) {
    stream.add(shard);
    ends.set(shard, stream.put(shard, ...before).at(-1));
  }
  const onItsWay: SinkRecord[] = [];
  const clock = fastTiming();
  const timing: Timing = {
    now: clock.now,
    sleep(ms, signal) {
      // What is slow arrives after twenty seconds of looking.
      if (clock.now() > 20_000) for (const record of onItsWay.splice(0)) store(stream, record);
      return clock.sleep(ms, signal);
    },
  };
  const sink: RecordSink = {
    listShards: async () => RANGES.list,
    async putRecords(records) {
      const fate = fates.shift();
      if (fate === undefined) return records.map((record) => store(stream, record));
      if (fate === 'stored late') onItsWay.push(...records);
      const stored = { stored: records.length, 'half stored': 1, lost: 0, 'stored late': 0 }[fate];
      for (const record of records.slice(0, stored)) store(stream, record);
      throw new UnknownOutcomeError('socket hang up');
    },
  };
  const repeated: number[] = [];
  const producer = createProducer({
    ...testTime(),
    sink: confirmedSink(sink, { source: stream, timing, endOf: (shard) => ends.get(shard) }),
    recordBytesMax,
    onAcknowledged: ({ shard, sequence }) => ends.set(shard, sequence),
    onRepeated: ({ events }) => repeated.push(events),
  });
  for (const { key, line } of EVENTS) await producer.put(key, line);
  expect(await producer.close()).toEqual({ acknowledged: EVENTS.length, undelivered: 0 });
  const texts = await textsOn(stream);
  const lines = texts.flatMap((text) => text.split('\n')).sort();
  return { texts, lines, repeated, waited: clock.now() };
}

function store(stream: FakeStream, { explicitHashKey, data }: SinkRecord) {
  const { shard } = shardOfHash(BigInt(explicitHashKey), RANGES);
  const [sequence = ''] = stream.put(shard, Buffer.from(data).toString());
  return { kind: 'stored', shard, sequence } as const;
}

async function textsOn(stream: FakeStream): Promise<string[]> {
  const texts: string[] = [];
  for (const { shard } of RANGES.list) {
    const records = await recordsAfter(stream, shard, undefined);
    texts.push(...records.map(({ data }) => Buffer.from(data).toString()));
  }
  return texts;
}

const ONCE = EVENTS.map(({ line }) => line).sort();

describe('a put without a reply', () => {
  it.each<[string, Fate[]]>([
    ['that was stored', ['stored']],
    ['that was stored, again and again', ['stored', 'stored', 'stored', 'stored']],
    ['that is stored after many seconds', ['stored late']],
  ])('%s is not started again', async (_, fates) => {
    const { lines, repeated } = await putThrough(fates);
    expect(lines).toEqual(ONCE);
    expect(repeated).toEqual([]);
  });

  it('that was never stored is started again after half a minute, and said', async () => {
    const { lines, repeated, waited } = await putThrough(['lost']);
    expect(lines).toEqual(ONCE);
    expect(waited).toBeGreaterThanOrEqual(30_000);
    expect(repeated.length).toBeGreaterThan(0);
  });

  it('is started again only for those of its records that are not there', async () => {
    // All events fit into two records, which share a request.
    const { lines, repeated } = await putThrough(['half stored'], { recordBytesMax: 25_000 });
    expect(lines).toEqual(ONCE);
    expect(repeated).toHaveLength(1);
  });
});

it('a record that was there before is not taken for the one that is lost', async () => {
  const { texts } = await putThrough([]);
  const { lines, repeated } = await putThrough(['lost'], { before: texts });
  expect(lines).toHaveLength(3 * EVENTS.length);
  expect(repeated.length).toBeGreaterThan(0);
});
