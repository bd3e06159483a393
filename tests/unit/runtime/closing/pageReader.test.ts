/** The cache of pages and of their texts: what it keeps, and for how many bytes. */
import { expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { ByteReader, ByteWriter } from '../../../../shared/model/bytes.ts';
import { eventTime, processingTime } from '../../../../shared/model/time.ts';
import { PLAIN_EDITION } from '../../../../shared/model/window.ts';
import type { PageRef } from '../../../../shared/operators/closing/pageEntry.ts';
import type { Table } from '../../../../shared/ports/table.ts';
import { type PageContent, PageReader } from '../../../../shared/runtime/closing/pageReader.ts';
import { packPage, pageName } from '../../../../shared/state/closing/pages.ts';
import { stateTable } from '../../../../shared/state/keys.ts';
import type { SliceContent } from '../../../../shared/state/lane/sliceContent.ts';

const JOB = 'visits@1';
const TEXTS = 10;
/** Of one page of ten texts; and about what those take as strings. */
const PAGE_BYTES = 10 * TEXTS;
const TEXT_BYTES = (48 + 2 * 9) * TEXTS;

function contentOf(n: number): SliceContent {
  const writer = new ByteWriter();
  for (let i = 0; i < TEXTS; i += 1) writer.text(`${n}-${i}`.padEnd(9, '.'));
  return { slice: eventTime(0), edition: PLAIN_EDITION, events: 1, bytes: writer.finish() };
}

function textsOf({ bytes, texts }: PageContent): string[] {
  const reader = new ByteReader(bytes, texts);
  return Array.from({ length: TEXTS }, () => reader.text());
}

interface Stored {
  readonly table: Table;
  readonly ids: PageRef[];
  readsAsked: number;
}

async function storedPages(count: number): Promise<Stored> {
  const inner = memoryTable(stateTable('state'));
  const pages = Array.from({ length: count }, (_, n) =>
    packPage(JOB, 1, n, [contentOf(n)], processingTime(0)),
  );
  await inner.batchPut(pages.flatMap(({ items }) => items));
  const stored: Stored = {
    ids: pages.map(({ id }) => id),
    readsAsked: 0,
    table: {
      ...inner,
      batchGet(keys, consistency) {
        stored.readsAsked += keys.length;
        return inner.batchGet(keys, consistency);
      },
    },
  };
  return stored;
}

/** Reads pages as a window does; says of which the texts were known before. */
async function window(reader: PageReader, ids: readonly PageRef[]): Promise<boolean[]> {
  const read = await reader.read(ids);
  return ids.map((id) => {
    const [content] = read.get(pageName(id)) as [PageContent];
    const wasKnown = (content.texts?.size ?? 0) > 0;
    expect(textsOf(content)).toEqual(textsOf({ ...content, texts: undefined }));
    return wasKnown;
  });
}

it('keeps the texts of what is read again, and reads nothing twice', async () => {
  const stored = await storedPages(2);
  const reader = new PageReader(JOB, stored.table);
  expect(await window(reader, stored.ids)).toEqual([false, false]);
  expect(await window(reader, stored.ids)).toEqual([false, false]);
  expect(await window(reader, stored.ids)).toEqual([true, true]);
  expect(stored.readsAsked).toBe(2);
});

it('drops the oldest texts where there is no room for all, and no page for them', async () => {
  const stored = await storedPages(3);
  const { ids } = stored;
  const reader = new PageReader(JOB, stored.table, 3 * PAGE_BYTES + 2 * TEXT_BYTES);
  for (let i = 0; i < 3; i += 1) for (const id of ids) await window(reader, [id]);
  const known: boolean[] = [];
  for (const id of [...ids].reverse()) known.push(...(await window(reader, [id])));
  expect(known).toEqual([true, true, false]);
  expect(stored.readsAsked).toBe(3);
});

it('drops pages as it would without texts, and counts no texts of those', async () => {
  const stored = await storedPages(3);
  const { ids } = stored;
  const reader = new PageReader(JOB, stored.table, 2 * PAGE_BYTES);
  for (let i = 0; i < 4; i += 1) {
    await window(reader, ids.slice(0, 2));
    expect(await window(reader, ids.slice(0, 2))).toEqual([false, false]);
    await window(reader, ids);
  }
  // A window of three pages drops the oldest, and the next one of two reads that one again.
  expect(stored.readsAsked).toBe(2 + 4 + 3);
});

it('has room for texts again once a page with texts is gone', async () => {
  const { table, ids } = await storedPages(2);
  const bytesMax = 2 * PAGE_BYTES + TEXT_BYTES;
  const reader = new PageReader(JOB, table, bytesMax);
  const textsKept = async (id: PageRef): Promise<boolean[]> => {
    for (let i = 0; i < 2; i += 1) await window(reader, [id]);
    return window(reader, [id]);
  };
  const [first, second] = ids as [PageRef, PageRef];
  expect(await textsKept(first)).toEqual([true]);
  const large = { ...contentOf(0), bytes: new Uint8Array(bytesMax) };
  reader.remember({ fence: 2, n: 0, parts: 1 }, [large]);
  expect(await textsKept(second)).toEqual([true]);
});
