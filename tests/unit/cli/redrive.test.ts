import { describe, expect, it } from 'vitest';
import { collect } from '../../../cli/collect.ts';
import { candidatesOf, envelopeOf, planOf } from '../../../cli/letters/candidates.ts';
import { letterLine } from '../../../cli/letters/letterFile.ts';
import { allowEdits } from '../../../cli/letters/marks.ts';
import { hotItems } from '../../../functions/hotItems/job.ts';
import { orderReconcile } from '../../../functions/orderReconcile/job.ts';
import { pvuv } from '../../../functions/pvuv/job.ts';
import { MemoryStream } from '../../../shared/adapters/memory/stream.ts';
import { memoryTable } from '../../../shared/adapters/memory/table.ts';
import { createEngine } from '../../../shared/engine.ts';
import type { Job } from '../../../shared/job/job.ts';
import type { WindowJob } from '../../../shared/job/windowJob.ts';
import { WHOLE_RANGE } from '../../../shared/model/hashRange.ts';
import { equalRanges } from '../../../shared/model/shardRanges.ts';
import { arrivalTime, processingTime } from '../../../shared/model/time.ts';
import { NO_NUDGE } from '../../../shared/ports/ports.ts';
import type { StreamRecord } from '../../../shared/records/entry.ts';
import { DEFAULT_SETTINGS } from '../../../shared/runtime/settings.ts';
import { readLaneStatuses, readSideEvents } from '../../../shared/state/inspect.ts';
import { stateTable } from '../../../shared/state/keys.ts';
import { originName } from '../../../shared/state/lane/admissions.ts';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const STREAM = 'user-behavior';

/** A stream with one shard that several jobs read, one record a batch. */
function world() {
  const state = memoryTable(stateTable('state'));
  const clock = { now: () => processingTime(NOW) };
  const ports = {
    state,
    clock,
    results: () => memoryTable({ name: 'rows', partitionKey: 'txId' }),
    shards: {
      shardsOf: async () => [],
      parentsOf: async () => [],
      childrenOf: async () => [],
      rangeOf: async () => WHOLE_RANGE,
    },
    reader: { look: async () => 'drained' as const },
    streams: { sinkOf: (own: string) => new MemoryStream(own, equalRanges(1), clock) },
    nudge: NO_NUDGE,
  };
  let sent = 0;
  return {
    state,
    async put(data: string | Uint8Array, jobs: readonly Job[], stream = STREAM) {
      sent += 1;
      const record: StreamRecord = {
        sequence: String(sent),
        arrival: arrivalTime(NOW),
        partitionKey: 'k',
        data: Buffer.from(data),
      };
      for (const job of jobs) {
        const batch = { stream, shard: 'shardId-000000000000', records: [record] };
        await createEngine(job, ports, DEFAULT_SETTINGS).ingest(batch);
      }
    },
    async countsOf(job: WindowJob) {
      return (await readLaneStatuses(job.id, state))[0]?.counts;
    },
  };
}

const event = (attributes: object) =>
  JSON.stringify({
    userId: 'u',
    itemId: 'i',
    categoryId: 'c',
    behavior: 'pv',
    timestamp: NOW - 1_000,
    ...attributes,
  });

type Shop = ReturnType<typeof world>;

const waiting = ({ state }: Shop, job: Job) => collect(candidatesOf(job, state, { filter: {} }));

async function envelopes(shop: Shop, job: Job): Promise<Uint8Array[]> {
  return (await waiting(shop, job)).map((candidate) => envelopeOf(job, candidate).line);
}

async function redrive(shop: Shop, job: WindowJob, jobs: readonly WindowJob[]) {
  const sent = await envelopes(shop, job);
  for (const line of sent) await shop.put(line, jobs);
  return sent.length;
}

const textsOf = (candidates: Awaited<ReturnType<typeof waiting>>) =>
  candidates.map(({ payload }) => Buffer.from(payload).toString());

describe('redriving dead letters', () => {
  const strict = { ...hotItems.build() };
  /** The job once its cause is mended: it knows the new behaviour. */
  const mended: WindowJob = {
    ...strict,
    sources: strict.sources.map((source) => ({
      ...source,
      parse: (value) => source.parse({ ...(value as object), behavior: 'pv' }),
    })),
  };
  const other = pvuv.build();

  it('counts each once, in its own job only, however often it is run', async () => {
    const shop = world();
    await shop.put(event({}), [strict, other]);
    await shop.put(event({ behavior: 'zoom' }), [strict, other]);
    expect(await shop.countsOf(strict)).toMatchObject({ accepted: 1, dead: 1 });

    const twice = await envelopes(shop, strict);
    expect(await redrive(shop, strict, [mended, other])).toBe(1);
    expect(await shop.countsOf(strict)).toMatchObject({ accepted: 2, dead: 1, filtered: 0 });
    expect(await shop.countsOf(other)).toMatchObject({ accepted: 1, dead: 1, filtered: 1 });

    // A second run that read the letters before the first one's copies arrived.
    for (const line of twice) await shop.put(line, [mended, other]);
    expect(await shop.countsOf(strict)).toMatchObject({ accepted: 2, dead: 1, filtered: 1 });
    expect(await redrive(shop, strict, [mended, other])).toBe(0);
  });

  it('keeps what is still dead as a new letter and leaves the old one alone', async () => {
    const shop = world();
    await shop.put('nonsense', [strict]);
    expect(await redrive(shop, strict, [strict])).toBe(1);
    expect(await shop.countsOf(strict)).toMatchObject({ accepted: 0, dead: 2 });
    const letters = await waiting(shop, strict);
    expect(letters.map(({ letter }) => letter.position)).toEqual(['2/0']);
    expect(textsOf(letters)).toEqual(['nonsense']);
  });

  it('leaves refused envelopes where they are, and puts the letter in them back from where it stands', async () => {
    const shop = world();
    await shop.put('nonsense', [strict]);
    const [sent] = await envelopes(shop, strict);
    const forged = JSON.stringify({
      ...JSON.parse(Buffer.from(sent ?? []).toString()),
      data: 'e30=',
    });
    await shop.put(forged, [strict]);
    expect(await shop.countsOf(strict)).toMatchObject({ dead: 2 });
    expect(textsOf(await waiting(shop, strict))).toEqual(['nonsense']);
  });

  it('sends each letter to the stream that it came from', async () => {
    const shop = world();
    const job = orderReconcile.build();
    await shop.put('no order', [job], 'orders');
    await shop.put('no receipt', [job], 'receipts');
    const letters = await waiting(shop, job);
    expect(letters.map(({ stream }) => stream)).toEqual(['orders', 'receipts']);
    expect(textsOf(letters)).toEqual(['no order', 'no receipt']);
  });

  it('leaves late events where they are', async () => {
    const shop = world();
    await shop.put(event({}), [strict]);
    await shop.put(event({ timestamp: NOW - 86_400_000 }), [strict]);
    const side = await collect(readSideEvents(strict.id, shop.state));
    expect(side.map(({ kind }) => kind)).toEqual(['late']);
    expect(await redrive(shop, strict, [strict])).toBe(0);
  });

  describe('what would be dead again', () => {
    const planFor = (shop: Shop, job: Job, trial: 'tried' | 'untried' = 'tried') =>
      planOf(job, candidatesOf(job, shop.state, { filter: {} }), trial);

    it('is told with its reason and left out, as its job is now', async () => {
      const shop = world();
      const wishes = [event({ behavior: 'zoom' }), 'nonsense', event({ behavior: 'wish' })];
      for (const line of wishes) await shop.put(line, [strict]);
      const { again, back } = await planFor(shop, strict);
      expect(again).toMatchObject({ count: 3, first: [{ position: '1/0' }, /"zoom"/] });
      expect(back.get(STREAM)?.count).toBe(0);
      const mendedPlan = await planFor(shop, mended);
      expect(mendedPlan.again).toMatchObject({
        count: 1,
        first: [{ position: '2/0' }, /not JSON/],
      });
      expect(mendedPlan.back.get(STREAM)?.count).toBe(2);
      const untried = await planFor(shop, strict, 'untried');
      expect(untried).toMatchObject({ again: { count: 0 } });
      expect(untried.back.get(STREAM)?.count).toBe(3);
    });

    it('is said of a letter that no record can hold in its envelope', async () => {
      const shop = world();
      const long = (length: number) => event({ behavior: 'zoom', note: 'x'.repeat(length) });
      for (const length of [700_000, 800_000]) await shop.put(long(length), [strict]);
      const { again, back } = await planFor(shop, mended);
      expect([again.count, back.get(STREAM)?.count]).toEqual([1, 1]);
      expect(again.first?.[1]).toMatch(
        /^in its envelope it has 1\d{6} bytes, and a record at most 1048576/,
      );
    });

    it('is found where the own code of the job throws', async () => {
      const shop = world();
      const throwing: WindowJob = {
        ...strict,
        filter: ({ userId }) => {
          if (userId === 'odd') throw new Error('cannot take it');
          return true;
        },
      };
      await shop.put(event({ userId: 'odd' }), [throwing]);
      const { again } = await planFor(shop, throwing);
      expect(again.first?.[1]).toContain('cannot take it');
      expect((await planFor(shop, strict)).again.count).toBe(0);
    });

    it('is told for each of more letters than are tried at once', async () => {
      const shop = world();
      const lines = Array.from({ length: 1_203 }, (_, n) =>
        n % 3 === 0 ? 'no' : event({ behavior: 'x' }),
      );
      await shop.put(lines.join('\n'), [strict]);
      const { again, back } = await planFor(shop, mended);
      expect([again.count, back.get(STREAM)?.count]).toEqual([401, 802]);
    });
  });

  it('takes an edited letter for what it is now, where its key lies', async () => {
    const shop = world();
    const job = orderReconcile.build();
    await shop.put('{"orderId":"1","type":"refund"}', [job], 'orders');
    await shop.put('no receipt', [job], 'receipts');
    const [{ letter } = { letter: undefined }] = await waiting(shop, job);
    if (!letter) throw new Error('no letter');
    const line = JSON.parse(letterLine(job.id, letter));
    expect(line.event).toEqual({ orderId: '1', type: 'refund' });
    const payload = Buffer.from(
      JSON.stringify({ orderId: '77', type: 'pay', txId: 't1', timestamp: NOW - 5_000 }),
    );
    const file = new Map([[originName(letter), { line: 1, payload }]]);
    const candidates = await collect(candidatesOf(job, shop.state, { filter: {}, file }));
    expect(candidates).toMatchObject([{ stream: 'orders', payload }]);
    const source = job.sources[0];
    expect(candidates[0]?.partitionKey).toBe(source?.partitionKeyIn(JSON.parse(String(payload))));
    const plan = await planOf(job, candidatesOf(job, shop.state, { filter: {}, file }), 'tried');
    expect([plan.again.count, plan.back.get('orders')?.count, plan.edited.count]).toEqual([
      0, 1, 1,
    ]);
    await allowEdits(shop.state, plan.edited);
    for (const candidate of candidates)
      await shop.put(envelopeOf(job, candidate).line, [job], 'orders');
    expect(await shop.countsOf(job as unknown as WindowJob)).toMatchObject({
      accepted: 1,
      dead: 1,
    });
    expect(textsOf(await waiting(shop, job))).toEqual(['no receipt']);
  });
});
