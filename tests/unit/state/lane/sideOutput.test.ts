/** Late events and dead letters, as they are kept. */
import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { InvariantViolation } from '../../../../shared/errors.ts';
import {
  eventTime,
  NO_WATERMARK,
  processingTime,
  watermarkAt,
} from '../../../../shared/model/time.ts';
import { NO_PROGRESS, type SideEvent } from '../../../../shared/operators/intake/progress.ts';
import { chunkPartition, stateTable } from '../../../../shared/state/keys.ts';
import { packBlob } from '../../../../shared/state/lane/blob.ts';
import { appendCommit } from '../../../../shared/state/lane/laneLog.ts';
import {
  packSideOutput,
  readLettersAt,
  readSideOutput,
} from '../../../../shared/state/lane/sideOutput.ts';
import { entriesOf } from '../../../support/entries.ts';

const LANE = { job: 'visits@1', stream: 'page-views', shard: 's' };
const dead = (raw: string | Uint8Array): SideEvent => ({
  kind: 'dead',
  entry: { ...(entriesOf([null])[0] as SideEvent['entry']), raw },
  watermark: NO_WATERMARK,
  reason: 'broken',
});

async function roundTrip(events: SideEvent[]) {
  const table = memoryTable(stateTable('state'));
  const { reference, chunks } = packSideOutput(LANE, events, processingTime(1_000));
  await table.batchPut(chunks);
  return {
    table,
    reference,
    chunks,
    read: async () => [...(await readSideOutput(table, LANE, reference))],
  };
}

describe('side output', () => {
  it.each(['', '{"page":', 'ä😀', '"\\ud800"'])('keeps the text %j byte for byte', async (raw) => {
    const [event] = await (await roundTrip([dead(raw)])).read();
    expect(Buffer.from(event?.raw ?? []).toString('utf8')).toBe(raw);
  });

  it('keeps bytes that are no text', async () => {
    const raw = Uint8Array.of(0, 0xff, 0xfe, 0x80);
    const [event] = await (await roundTrip([dead(raw)])).read();
    expect([...(event?.raw ?? [])]).toEqual([...raw]);
  });

  it('keeps what a reader needs to understand an event', async () => {
    const late: SideEvent = {
      entry: dead('{}').entry,
      kind: 'late',
      watermark: watermarkAt(5_000),
      eventTime: eventTime(4_000),
    };
    const events = await (await roundTrip([dead('x'), late])).read();
    expect(events).toMatchObject([
      { kind: 'dead', lane: 'page-views/s', watermark: NO_WATERMARK, reason: 'broken' },
      { kind: 'late', watermark: 5_000, eventTime: 4_000, partitionKey: 'key' },
    ]);
  });

  it('is cut into chunks in order, and says when one of them is gone', async () => {
    const events = Array.from({ length: 14 }, () => dead(randomBytes(300_000)));
    const { table, chunks, read } = await roundTrip(events);
    expect(chunks.length).toBeGreaterThan(10);
    expect((await read()).map(({ raw }) => raw.length)).toEqual(events.map(() => 300_000));
    table.remove({ pk: chunkPartition(LANE), sk: String(chunks[1]?.['sk']) });
    await expect(read()).rejects.toThrow(InvariantViolation);
  });

  it('finds dead letters of a commit by their positions', async () => {
    const events = Array.from({ length: 50 }, (_, index): SideEvent => {
      const { entry, ...rest } = dead(`broken ${index}`);
      return { ...rest, entry: { ...entry, index } } as SideEvent;
    });
    const { table, reference } = await roundTrip(events);
    const places = [7, 31, 50].map((index) => `${events[0]?.entry.sequence}/${index}`);
    await appendCommit(table, LANE, {
      ...NO_PROGRESS,
      slot: 3,
      from: undefined,
      to: undefined,
      lastValidAt: undefined,
      shape: 'shape',
      expiresAt: processingTime(1_000),
      side: reference,
    });
    const found = await readLettersAt(table, LANE, 3, new Set(places));
    expect([...(found?.keys() ?? [])]).toEqual(places.slice(0, 2));
    expect(Buffer.from(found?.get(places[1] ?? '')?.raw ?? []).toString()).toBe('broken 31');
  });

  it('is read as it was stored before there were columns', async () => {
    const list = [
      {
        kind: 'dead',
        position: '12/3',
        arrival: 5,
        partitionKey: 'k',
        watermark: null,
        raw: Buffer.from('{').toString('base64'),
        reason: 'is cut short',
      },
      {
        kind: 'late',
        position: '13/0',
        arrival: 6,
        partitionKey: 'k',
        watermark: 4,
        raw: Buffer.from('{}').toString('base64'),
        eventTime: 3,
      },
    ];
    const packed = deflateRawSync(JSON.stringify(list));
    const { reference } = packBlob(LANE, packed, processingTime(1_000));
    const table = memoryTable(stateTable('state'));
    const [first, second] = await readSideOutput(table, LANE, reference);
    expect(first).toEqual({
      ...list[0],
      lane: 'page-views/s',
      watermark: NO_WATERMARK,
      raw: Buffer.from('{'),
    });
    expect(second).toMatchObject({ kind: 'late', eventTime: 3, watermark: 4 });
  });

  it('is named by its content, so that a retry puts the same chunks', async () => {
    const events = [dead(randomBytes(100_000))];
    const [first, second] = [await roundTrip(events), await roundTrip(events)];
    expect(first.chunks).toEqual(second.chunks);
    expect((await roundTrip([dead(randomBytes(100_000))])).reference).not.toEqual(first.reference);
  });
});
