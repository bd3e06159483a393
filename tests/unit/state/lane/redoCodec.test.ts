/** What an ordered job's commit carries is read as it was written, whatever it holds and however much. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { arrivalTime, processingTime } from '../../../../shared/model/time.ts';
import type { Redo } from '../../../../shared/operators/redo.ts';
import { chunkPartition, stateTable } from '../../../../shared/state/keys.ts';
import { BlobGone, packBlob } from '../../../../shared/state/lane/blob.ts';
import { encodeRedo, readRedo } from '../../../../shared/state/lane/redoCodec.ts';

const LANE = { job: 'gated@1', stream: 'signals', shard: 's' };
const arrival = arrivalTime(1_511_665_200_000);

async function stored(redo: Redo) {
  const table = memoryTable(stateTable('state'));
  const { reference, chunks } = packBlob(LANE, encodeRedo(redo), processingTime(9_000));
  await table.batchPut(chunks);
  return { table, chunks, read: () => readRedo(table, LANE, reference) };
}

const redoOf = (texts: readonly string[]): Redo => ({
  states: new Map(texts.map((text, n) => [`${text}${n}`, { state: { text }, arrival }])),
  alerts: texts.map((text) => ({ table: 'blocked', row: { key: 'k', id: text } })),
});

it.each([
  ['nothing', { states: new Map(), alerts: [] }],
  ['odd texts', redoOf(['', '__proto__', '\u0000', '\u{10ffff}', '#', '\ud83d'])],
  ['states that hold nothing', { states: new Map([['k', { arrival }]]), alerts: [] }],
  ['states that hold null', { states: new Map([['k', { state: null, arrival }]]), alerts: [] }],
] as [string, Redo][])('reads %s again', async (_, redo) => {
  expect(await (await stored(redo)).read()).toEqual(redo);
});

it('is cut into chunks where it is large, and says when one is gone', async () => {
  const redo = redoOf(Array.from({ length: 40 }, () => randomBytes(20_000).toString('base64')));
  const { table, chunks, read } = await stored(redo);
  expect(chunks.length).toBeGreaterThan(1);
  expect(await read()).toEqual(redo);
  table.remove({ pk: chunkPartition(LANE), sk: String(chunks[1]?.['sk']) });
  await expect(read()).rejects.toThrow(BlobGone);
});
