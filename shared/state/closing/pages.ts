/**
 * Pages: immutable merged contents of slices, written by a closing run under its fence and named by the
 * `closing` item. A page that `closing` does not name does not exist; a run that dies leaves only items
 * that expire.
 *
 * Owns: a page's items and their names. Does not own: the form of the contents (`state/lane/sliceContent.ts`), and which page
 * holds what (`operators/closing/pageIndex.ts`).
 */
import type { JobId } from '../../model/lane.ts';
import type { ProcessingTime } from '../../model/time.ts';
import type { PageRef } from '../../operators/closing/pageEntry.ts';
import { EXPIRES_AT, type Item, type Table } from '../../ports/table.ts';
import { STAMP } from '../formats.ts';
import { readImmutable } from '../immutable.ts';
import { expirySeconds, pagePartition } from '../keys.ts';
import { decodeContents, encodeContents, type SliceContent } from '../lane/sliceContent.ts';

const PART_BYTES = 380 * 1024;

export const pageName = ({ fence, n }: PageRef): string => `${fence}#${n}`;

/** The page's items, to be put before anything names the page. */
export function packPage(
  job: JobId,
  fence: number,
  n: number,
  contents: readonly SliceContent[],
  expiresAt: ProcessingTime,
): { id: PageRef; items: readonly Item[] } {
  const packed = encodeContents(contents);
  const items: Item[] = [];
  for (let at = 0; at < packed.length; at += PART_BYTES) {
    items.push({
      pk: pagePartition(job),
      sk: partKey(fence, n, items.length),
      ...STAMP,
      contents: packed.subarray(at, at + PART_BYTES),
      [EXPIRES_AT]: expirySeconds(expiresAt),
    });
  }
  return { id: { fence, n, parts: items.length }, items };
}

const partKey = (fence: number, n: number, part: number): string => `${fence}#${n}#${part}`;

/** Contents of the pages that are stored, by name; what is missing is gone. */
export async function readPages(
  table: Table,
  job: JobId,
  ids: readonly PageRef[],
): Promise<Map<string, SliceContent[]>> {
  const keys = ids.flatMap(({ fence, n, parts }) =>
    Array.from({ length: parts }, (_, part) => ({
      pk: pagePartition(job),
      sk: partKey(fence, n, part),
    })),
  );
  const stored = await readImmutable(table, keys);
  const pages = new Map<string, SliceContent[]>();
  for (const id of ids) {
    const parts = Array.from(
      { length: id.parts },
      (_, part) =>
        stored.get(partKey(id.fence, id.n, part))?.['contents'] as Uint8Array | undefined,
    );
    if (parts.every((part) => part !== undefined)) {
      pages.set(
        pageName(id),
        decodeContents(parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)),
      );
    }
  }
  return pages;
}
