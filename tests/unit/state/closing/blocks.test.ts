/** Blocks of the page index as items. */
import { expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { eventTime, processingTime } from '../../../../shared/model/time.ts';
import type { BlockRef, PageEntry } from '../../../../shared/operators/closing/pageEntry.ts';
import { itemBytes } from '../../../../shared/ports/itemSize.ts';
import {
  packBlock,
  readBlocks,
  type StoredBlock,
} from '../../../../shared/state/closing/blocks.ts';
import { packPage } from '../../../../shared/state/closing/pages.ts';
import { stateTable } from '../../../../shared/state/keys.ts';

const JOB = 'visits@1';
const ref = (fence: number, n: number): BlockRef => ({
  level: 0,
  depth: 0,
  first: eventTime(0),
  last: eventTime(100),
  fence,
  n,
  expiresAt: processingTime(90_500),
});
const entries = (count: number, fence = 1): PageEntry[] =>
  Array.from({ length: count }, (_, i) => ({
    page: { fence: fence + Math.floor(i / 3), n: i % 3, parts: 1 },
    level: 0,
    slice: eventTime(i * 5_000),
    edition: 0,
  }));

it('give back what was stored, by name', async () => {
  const table = memoryTable(stateTable('state'));
  const refs = [ref(7, 0), ref(7, 1)];
  const hour = processingTime(3_600_000);
  const blocks: StoredBlock[] = [
    { kind: 'entries', entries: entries(10) },
    { kind: 'refs', refs: [{ ...ref(6, 5), expiresAt: hour }] },
  ];
  await table.batchPut(refs.map((each, i) => packBlock(JOB, each, blocks[i] as StoredBlock)));
  expect([...(await readBlocks(table, JOB, refs))]).toEqual([
    ['7#0', blocks[0]],
    ['7#1', blocks[1]],
  ]);
});

it('expire as items do, are small, and share no name with a page', () => {
  const item = packBlock(JOB, ref(7, 0), { kind: 'entries', entries: entries(1_024) });
  expect(item).toMatchObject({ expiresAt: 91 });
  expect(itemBytes(item)).toBeLessThan(4_096);
  const page = packPage(JOB, 7, 0, [], processingTime(0)).items[0];
  expect(item['sk']).not.toBe(page?.['sk']);
});

it('must be there: what closing names cannot be gone', async () => {
  const table = memoryTable(stateTable('state'));
  await expect(readBlocks(table, JOB, [ref(7, 0)])).rejects.toThrow(InvariantViolation);
});
