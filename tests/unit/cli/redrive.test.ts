import { describe, expect, it } from 'vitest';
import { collect } from '../../../cli/collect.ts';
import { deadLettersToRedrive, envelopes } from '../../../cli/commands/redrive.ts';
import { hotItems } from '../../../functions/hotItems/job.ts';
import { orderReconcile } from '../../../functions/orderReconcile/job.ts';
import { pvuv } from '../../../functions/pvuv/job.ts';
import { memoryTable } from '../../../shared/adapters/memory/table.ts';
import { createEngine } from '../../../shared/engine.ts';
import type { Job } from '../../../shared/job/job.ts';
import type { WindowJob } from '../../../shared/job/windowJob.ts';
import { WHOLE_RANGE } from '../../../shared/model/hashRange.ts';
import { arrivalTime, processingTime } from '../../../shared/model/time.ts';
import { NO_NUDGE } from '../../../shared/ports/ports.ts';
import type { StreamRecord } from '../../../shared/records/entry.ts';
import { DEFAULT_SETTINGS } from '../../../shared/runtime/settings.ts';
import { readLaneStatuses, readSideEvents } from '../../../shared/state/inspect.ts';
import { stateTable } from '../../../shared/state/keys.ts';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const STREAM = 'user-behavior';

/** A stream with one shard that several jobs read, one record a batch. */
function world() {
  const state = memoryTable(stateTable('state'));
  const ports = {
    state,
    clock: { now: () => processingTime(NOW) },
    results: () => memoryTable({ name: 'rows', partitionKey: 'pk', sortKey: 'sk' }),
    shards: { parentsOf: async () => [], rangeOf: async () => WHOLE_RANGE },
    reader: { look: async () => 'drained' as const },
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

async function redrive(shop: ReturnType<typeof world>, job: WindowJob, jobs: readonly WindowJob[]) {
  const sent = await collect(envelopes(job.id, deadLettersToRedrive(job.id, shop.state)));
  for (const { line } of sent) await shop.put(line, jobs);
  return sent.length;
}

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

    const twice = await collect(envelopes(strict.id, deadLettersToRedrive(strict.id, shop.state)));
    expect(await redrive(shop, strict, [mended, other])).toBe(1);
    expect(await shop.countsOf(strict)).toMatchObject({ accepted: 2, dead: 1, filtered: 0 });
    expect(await shop.countsOf(other)).toMatchObject({ accepted: 1, dead: 1, filtered: 1 });

    // A second run that read the letters before the first one's copies arrived.
    for (const { line } of twice) await shop.put(line, [mended, other]);
    expect(await shop.countsOf(strict)).toMatchObject({ accepted: 2, dead: 1, filtered: 1 });
    expect(await redrive(shop, strict, [mended, other])).toBe(0);
  });

  it('keeps what is still dead as a new letter and leaves the old one alone', async () => {
    const shop = world();
    await shop.put('nonsense', [strict]);
    expect(await redrive(shop, strict, [strict])).toBe(1);
    expect(await shop.countsOf(strict)).toMatchObject({ accepted: 0, dead: 2 });
    const letters = await collect(deadLettersToRedrive(strict.id, shop.state));
    expect(letters.map(({ position }) => position)).toEqual(['2/0']);
    expect(letters.map(({ raw }) => Buffer.from(raw).toString())).toEqual(['nonsense']);
  });

  it('leaves refused envelopes where they are, and puts the letter in them back from where it stands', async () => {
    const shop = world();
    await shop.put('nonsense', [strict]);
    const [sent] = await collect(envelopes(strict.id, deadLettersToRedrive(strict.id, shop.state)));
    const forged = JSON.stringify({ ...JSON.parse(String(sent?.line)), data: 'e30=' });
    await shop.put(forged, [strict]);
    expect(await shop.countsOf(strict)).toMatchObject({ dead: 2 });
    const letters = await collect(deadLettersToRedrive(strict.id, shop.state));
    expect(letters.map(({ raw }) => Buffer.from(raw).toString())).toEqual(['nonsense']);
  });

  it('sends each letter to the stream that it came from', async () => {
    const shop = world();
    const job = orderReconcile.build();
    await shop.put('no order', [job], 'orders');
    await shop.put('no receipt', [job], 'receipts');
    const lettersOf = async (stream?: string) => {
      const letters = await collect(deadLettersToRedrive(job.id, shop.state, stream));
      return letters.map(({ raw }) => Buffer.from(raw).toString());
    };
    expect(await lettersOf('orders')).toEqual(['no order']);
    expect(await lettersOf('receipts')).toEqual(['no receipt']);
    expect(await lettersOf()).toEqual(['no order', 'no receipt']);
  });

  it('leaves late events where they are', async () => {
    const shop = world();
    await shop.put(event({}), [strict]);
    await shop.put(event({ timestamp: NOW - 86_400_000 }), [strict]);
    const side = await collect(readSideEvents(strict.id, shop.state));
    expect(side.map(({ kind }) => kind)).toEqual(['late']);
    expect(await redrive(shop, strict, [strict])).toBe(0);
  });
});
