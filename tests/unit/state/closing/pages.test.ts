/** Pages: large ones in parts, and one that is gone in part is gone. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { eventTime, processingTime } from '../../../../shared/model/time.ts';
import { itemBytes } from '../../../../shared/ports/itemSize.ts';
import { packPage, pageName, readPages } from '../../../../shared/state/closing/pages.ts';
import { pagePartition, stateTable } from '../../../../shared/state/keys.ts';
import type { SliceContent } from '../../../../shared/state/lane/sliceContent.ts';

const JOB = 'visits@1';
const LATER = processingTime(90_500);
const content = (size: number, slice = 0): SliceContent => ({
  slice: eventTime(slice),
  edition: 0,
  events: 1,
  bytes: Buffer.from(randomBytes(size)),
});

async function stored(contents: SliceContent[], fence = 3, n = 0) {
  const table = memoryTable(stateTable('state'));
  const { id, items } = packPage(JOB, fence, n, contents, LATER);
  await table.batchPut(items);
  return { table, id, items };
}

describe('a page', () => {
  it('holds several slices in one item that expires', async () => {
    const contents = [content(10), content(20, 60_000)];
    const { table, id, items } = await stored(contents);
    expect(items).toMatchObject([{ expiresAt: 91 }]);
    expect((await readPages(table, JOB, [id])).get(pageName(id))).toEqual(contents);
  });

  it('too large for an item is stored in parts, in their order', async () => {
    const contents = [content(4_500_000)];
    const { table, id, items } = await stored(contents);
    expect(id.parts).toBe(items.length);
    expect(id.parts).toBeGreaterThan(10);
    for (const item of items) expect(itemBytes(item)).toBeLessThan(400 * 1024);
    const read = (await readPages(table, JOB, [id])).get(pageName(id));
    expect(read?.[0]?.bytes.length).toBe(4_500_000);
    expect(Buffer.compare(read?.[0]?.bytes ?? Buffer.of(), contents[0]?.bytes ?? Buffer.of())).toBe(
      0,
    );
  });

  it('of which a part is missing is gone, and the others are not', async () => {
    const { table, id, items } = await stored([content(1_000_000)]);
    const other = packPage(JOB, 3, 1, [content(5)], LATER);
    await table.batchPut(other.items);
    table.remove({ pk: pagePartition(JOB), sk: String(items[1]?.['sk']) });
    expect([...(await readPages(table, JOB, [id, other.id])).keys()]).toEqual([pageName(other.id)]);
  });

  it('does not share a name with a page of another run', () => {
    const names = [
      [1, 11],
      [11, 1],
      [1, 1],
    ].map(([fence = 0, n = 0]) => pageName({ fence, n, parts: 1 }));
    expect(new Set(names).size).toBe(3);
  });
});
