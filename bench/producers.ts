/** What named producers cost: in their records, and in the commits of the lanes that remember them. */
import { WHOLE_RANGE } from '../shared/model/hashRange.ts';
import { equalRanges } from '../shared/model/shardRanges.ts';
import { itemBytes } from '../shared/ports/itemSize.ts';
import type { RecordSink, SinkRecord } from '../shared/ports/recordSink.ts';
import type { Item } from '../shared/ports/table.ts';
import { createNamedProducer } from '../shared/producer/namedProducer.ts';
import { createProducer } from '../shared/producer/producer.ts';
import { encodeStamp } from '../shared/records/stamp.ts';
import { windowCases } from './cases.ts';
import type { BenchEvent } from './events.ts';
import { batchesOf, type Line, packer } from './records.ts';
import { type Row, rowsIn } from './report.ts';
import { Scene } from './scene.ts';
import { addSpent, NOTHING, type Spent } from './spent.ts';

const row = rowsIn('named producers');

const SHARDS = [2, 16] as const;
const PRODUCERS = 10;
const BATCHES = [1_000, 9_000] as const;
/** Of every producer in each batch. */
const WRU_PER_THOUSAND_MAX = 0.2;
/** The lane is opened by the first, and its range is read with the second. */
const COLD_BATCHES = 2;
const UNIT_BYTES = 1_024;
const BYTES_PER_EVENT_MAX = 3;

export async function measureProducers(events: readonly BenchEvent[]): Promise<Row[]> {
  const { pv } = windowCases(events);
  const rows: Row[] = [];
  for (const shards of SHARDS) {
    const [named, plain] = [await putNamed(pv.lines, shards), await putPlain(pv.lines, shards)];
    const bytes = (named.bytes - plain.bytes) / pv.lines.length;
    const atMost = BYTES_PER_EVENT_MAX;
    rows.push(
      row(`record, offsets of lines, ${shards} shards`, bytes, 'bytes an event', { atMost }),
      row(`put, ${shards} shards`, named.rate, 'events/s per core', {
        note: `without a name ${Math.round(plain.rate).toLocaleString('en')}`,
      }),
    );
  }
  for (const batch of BATCHES) {
    const plain = await ingested(pv, batch, packer());
    const named = await ingested(pv, batch, stampedBy(PRODUCERS));
    const what = `${PRODUCERS} producers, batches of ${batch.toLocaleString('en')}, more than none`;
    // By bytes: a commit of page views alone has room in its unit.
    const units = (named.commitBytes - plain.commitBytes) / UNIT_BYTES / (batch / 1_000);
    const bytes = named.commitBytes - plain.commitBytes;
    const note = `${bytes} bytes a commit; units as billed ${((named.spent.write - plain.spent.write) / pv.lines.length) * 1_000}`;
    rows.push(
      row(what, units, 'WRU per 1,000 events', { atMost: WRU_PER_THOUSAND_MAX, note }),
      row(what, named.spent.read - plain.spent.read, 'RRU, warm', { atMost: 0 }),
    );
  }
  return rows;
}

/** A sink that only adds up what it gets. */
function scales(shards: number) {
  const { list } = equalRanges(shards);
  const put: SinkRecord[] = [];
  const sink: RecordSink = {
    async putRecords(records) {
      put.push(...records);
      return records.map(({ explicitHashKey }) => {
        const shard = list.find(({ end }) => BigInt(explicitHashKey) <= end)?.shard ?? '';
        return { kind: 'stored', shard, sequence: '1' };
      });
    },
    listShards: async () => list,
  };
  return { sink, bytes: () => put.reduce((sum, { data }) => sum + data.length, 0) };
}

async function putNamed(lines: readonly Line[], shards: number): Promise<Put> {
  const { sink, bytes } = scales(shards);
  const producer = createNamedProducer({ name: 'put-20261130T044500-a1b2c3', sink });
  const before = performance.now();
  for (const [i, { partitionKey, line }] of lines.entries()) {
    await producer.put(partitionKey, line, i + 1);
  }
  await producer.close();
  return { bytes: bytes(), rate: rateSince(before, lines) };
}

async function putPlain(lines: readonly Line[], shards: number): Promise<Put> {
  const { sink, bytes } = scales(shards);
  const producer = createProducer({ sink });
  const before = performance.now();
  for (const { partitionKey, line } of lines) await producer.put(partitionKey, line);
  await producer.close();
  return { bytes: bytes(), rate: rateSince(before, lines) };
}

interface Put {
  /** Of all records' data. */
  readonly bytes: number;
  /** Events a second, packing and the sink that takes them. */
  readonly rate: number;
}

const rateSince = (before: number, { length }: readonly Line[]): number =>
  length / ((performance.now() - before) / 1_000);

type Packer = ReturnType<typeof packer>;

/** The records of so many producers by turns, each of which counts its own events. */
function stampedBy(producers: number): Packer {
  const recordsOf = packer();
  const offsets = new Array<number>(producers).fill(0);
  let turn = 0;
  return (lines, linesEach) =>
    recordsOf(lines, linesEach, (texts) => {
      const by = turn % producers;
      turn += 1;
      const before = offsets[by] ?? 0;
      offsets[by] = before + texts.length;
      const plan = { producer: `orders/worker-${by}`, planned: WHOLE_RANGE };
      const after = before === 0 ? undefined : before;
      const stamp = encodeStamp(
        plan,
        after,
        texts.map((_, i) => before + i + 1),
      );
      return Buffer.concat([stamp, Buffer.from(texts.join('\n'))]);
    });
}

/** Warm but for the first batches, which do not count; and what the last commit takes. */
async function ingested(
  { job, lines }: ReturnType<typeof windowCases>['pv'],
  size: number,
  recordsOf: Packer,
): Promise<{ readonly spent: Spent; readonly commitBytes: number }> {
  const scene = new Scene(job, { recordsOf });
  let spent = NOTHING;
  let batches = 0;
  for (const batch of batchesOf(lines, size)) {
    const { state } = await scene.ingest(batch, { linesEach: size / PRODUCERS });
    batches += 1;
    if (batches > COLD_BATCHES) spent = addSpent(spent, state);
  }
  const isCommit = ({ pk }: Item) => String(pk).startsWith(`${job.id}#log#`);
  const commit = [...scene.ports.stored.state.items()].filter(isCommit).at(-1);
  return { spent, commitBytes: commit ? itemBytes(commit) : 0 };
}
